"""Steps 5 and 6 of 9: `release` makes an artifact a candidate, `active` asks the registry to move to it."""

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import owners, tags
from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.registry.gates import check_gates
from bighead.pipeline_lib.registry.values import Artifact, Promotion
from bighead.resources.dagster_bindings import RegistryResource
from bighead.resources.registry_store import RegistryStore

ACTOR = "dagster"


class ActiveConfig(dg.Config):
    """Which artifact shall be active; `rollback` goes back to one that was, with older data."""

    artifact: int
    rollback: bool = False
    reason: str = ""


def active_config(model: str, artifact: int, *, rollback: bool = False, reason: str = "") -> dg.RunConfig:
    """Return the run configuration of `models/<model>/active`."""
    config = ActiveConfig(artifact=artifact, rollback=rollback, reason=reason)
    return dg.RunConfig(ops={f"models__{model}__active": config})


def release_assets(model: ModelConfig, layout: Layout) -> list[dg.AssetsDefinition]:
    """Return a model's `release` (weekly, behind the gates) and `active` (a pointer, without partitions)."""
    return [release_asset(model, layout), active_asset(model)]


def release_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that exists for a week only if every gate of its artifact passed."""

    @dg.asset(
        key=keys.model(model.name, "release"),
        deps=[keys.model(model.name, "evaluation")],
        partitions_def=layout.weeks(model.source),
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"registry"},
        tags=tags("5-register", model.tags),
        description="A candidate for promotion: its gates passed. The sensor `promotion` watches this asset.",
    )
    def release(context: dg.AssetExecutionContext, registry: RegistryResource) -> dg.MaterializeResult[None]:
        store = registry.open()
        with refusals():
            artifact = released(store, model.name, context.partition_key)
        store.close()
        start, end = artifact.data_interval
        return dg.MaterializeResult(
            metadata={"artifact": artifact.number, "data_start": str(start), "data_end": str(end)},
            tags={"bighead/artifact": str(artifact.number)},
        )

    return release


def active_asset(model: ModelConfig) -> dg.AssetsDefinition:
    """Return the asset whose run promotes an artifact, or rolls back to one."""

    @dg.asset(
        key=keys.model(model.name, "active"),
        deps=[keys.model(model.name, "release")],
        retry_policy=STORE_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"registry"},
        tags=tags("6-promote", model.tags),
        description="What serves. Run it with `artifact: <number>`; with `rollback: true` to go back.",
    )
    def active(config: ActiveConfig, registry: RegistryResource) -> dg.MaterializeResult[None]:
        store = registry.open()
        with refusals():
            before = store.active(model.name)
            done = moved(store, model.name, config)
        store.close()
        return dg.MaterializeResult(
            metadata={
                "artifact": done.number,
                "previous": before.number if before else 0,
                "status": str(done.status),
                "gateways": dg.MetadataValue.json(list(done.gateways)),
                "reason": config.reason or "–",
            }
        )

    return active


def artifact_of(store: RegistryStore, model: str, partition: str) -> Artifact:
    """Return the newest artifact of a week.

    Raises:
        UnknownNameError: the registry has no artifact of it.
    """
    found = [each for each in store.artifacts(model) if each.partition == partition]
    if not found:
        known = [each.partition for each in store.artifacts(model)]
        raise UnknownNameError(f"week with an artifact of {model}", partition, known)
    return max(found, key=lambda each: each.number)


def released(store: RegistryStore, model: str, partition: str) -> Artifact:
    """Let a week's artifact out as a candidate, if every required check stands in the registry and passed.

    Raises:
        GateFailedError: a check failed, or was never recorded: a run of this asset alone gets past no gate.
    """
    artifact = artifact_of(store, model, partition)
    check_gates(artifact, store.model(model).config)
    return store.release(model, artifact.number, actor=ACTOR)


def moved(store: RegistryStore, model: str, config: ActiveConfig) -> Promotion:
    """Promote or roll back as the configuration says; the registry decides.

    Raises:
        GateFailedError, StaleReleaseError, PromotionError, RegistryError: the registry refuses.
    """
    if config.rollback:
        return store.rollback(model, actor=ACTOR, reason=config.reason, to=config.artifact)
    return store.promote(model, config.artifact, actor=ACTOR, reason=config.reason)
