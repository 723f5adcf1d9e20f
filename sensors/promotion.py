"""Step 6 of 9, promote: a sensor watches releases and asks for runs of `active`; the registry decides."""

import json

import dagster as dg

from bighead.assets import keys
from bighead.assets.release import active_config
from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.registry.values import Artifact
from bighead.resources.dagster_bindings import RegistryResource
from bighead.resources.registry_store import RegistryStore

RELEASES_PER_TICK = 100


def promotion_sensor(models: list[str]) -> dg.SensorDefinition:
    """Return the sensor of all models' releases.

    Its cursor is the storage id of the last release seen of each model, so that a tick misses nothing and
    repeats nothing. A release whose data ends no later than the active artifact's asks for no run; were one
    launched all the same, the registry would refuse it.
    """
    active = [keys.model(name, "active") for name in models]

    @dg.sensor(
        name="promotion",
        target=dg.AssetSelection.assets(*active),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=15,
        description="Asks for `models/<name>/active` when a release has newer data than what is active.",
    )
    def promotion(context: dg.SensorEvaluationContext, registry: RegistryResource) -> dg.SensorResult:
        cursor: dict[str, int] = json.loads(context.cursor or "{}")
        store, requests, skipped = registry.open(), [], []
        for name in models:
            released = new_releases(context.instance, name, cursor.get(name))
            if released:
                cursor[name] = max(released)
                request, why = decide(store, name, released)
                requests += [request] if request else []
                skipped += [why] if why else []
        store.close()
        reason = "; ".join(skipped) or "no new release"
        return dg.SensorResult(
            run_requests=requests, skip_reason=None if requests else reason, cursor=json.dumps(cursor)
        )

    return promotion


def new_releases(instance: dg.DagsterInstance, model: str, after: int | None) -> dict[int, int]:
    """Return the releases of a model after a storage id, `{storage id: artifact number}`, oldest first."""
    wanted = dg.AssetRecordsFilter(asset_key=keys.model(model, "release"), after_storage_id=after)
    found = instance.fetch_materializations(wanted, limit=RELEASES_PER_TICK, ascending=True)
    numbers = {}
    for record in found.records:
        materialization = record.asset_materialization
        if materialization and "artifact" in materialization.metadata:
            numbers[record.storage_id] = int(str(materialization.metadata["artifact"].value))
    return numbers


def decide(
    store: RegistryStore, model: str, released: dict[int, int]
) -> tuple[dg.RunRequest | None, str | None]:
    """Return the run for the newest of these releases by its data's end, or why there is none."""
    try:
        known = {artifact.number: artifact for artifact in store.artifacts(model)}
    except UnknownNameError as error:
        return None, str(error)
    found = [(each, known[number]) for each, number in released.items() if number in known]
    if not found:
        return None, f"the registry has no artifact of {model} that these releases name"
    storage_id, newest = max(found, key=lambda pair: (pair[1].data_interval[1], pair[0]))
    active = store.active(model)
    if active and newest.data_interval[1] <= active.data_interval[1]:
        seen = f"the active {active.number} until {_until(active)}"
        return None, f"{model} {newest.number} has data until {_until(newest)}, {seen}"
    request = dg.RunRequest(
        run_key=f"{model}:{newest.number}:{storage_id}",
        asset_selection=[keys.model(model, "active")],
        run_config=active_config(model, newest.number, reason=f"released with data until {_until(newest)}"),
        tags={"bighead/model": model, "bighead/artifact": str(newest.number)},
    )
    return request, None


def _until(artifact: Artifact) -> str:
    return artifact.data_interval[1].strftime("%Y-%m-%d %H:%M")
