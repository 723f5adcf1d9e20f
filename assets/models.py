"""Steps 4 and 5 of 9: `models/<name>/artifact` is trained a week at a time, `evaluation` holds its gates."""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from bighead.assets import keys
from bighead.assets.evaluating import checked, gate_specs, pictures
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.fitting import Fitted, Workshop, code_version, fit_week
from bighead.assets.layout import Layout
from bighead.assets.metadata import owners, tags
from bighead.assets.partitions import all_past_weeks
from bighead.assets.release import artifact_of
from bighead.pipeline_lib.model_config import ModelConfig, SingleMachineConfig
from bighead.resources.dagster_bindings import (
    HomeResource,
    OfflineStoreResource,
    RegistryResource,
    WarehouseResource,
)

TRAINING_POOL = "training"


def model_assets(model: ModelConfig, layout: Layout) -> list[dg.AssetsDefinition]:
    """Return a model's `artifact` and its `evaluation`, both weekly."""
    return [artifact_asset(model, layout), evaluation_asset(model, layout)]


def artifact_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that trains on every week from the model's start to the partition's end."""
    weeks = layout.weeks(model.source)

    @dg.asset(
        key=keys.model(model.name, "artifact"),
        deps=[dg.AssetDep(keys.training_set(model.source.name), partition_mapping=all_past_weeks())],
        partitions_def=weeks,
        retry_policy=STORE_RETRIES,
        op_tags=compute_tags(model.fit_config.single_machine_config),
        pool=TRAINING_POOL,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"python", "rust"},
        tags=tags("4-fit", model.tags),
        description=model.description,
        code_version=code_version(layout.project),
    )
    def artifact(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        offline_store: OfflineStoreResource,
        registry: RegistryResource,
        home: HomeResource,
    ) -> dg.MaterializeResult[None]:
        week, known = context.partition_key, list(weeks.get_partition_keys())
        with refusals():
            tables, store, bundles = warehouse.open(), offline_store.open(), Path(home.artifacts)
            shop = Workshop(layout.project, tables, store, registry.open(), bundles)
            fitted = fit_week(model, week, known, shop, run_id=context.run.run_id)
        return fitted_result(fitted)

    return artifact


def evaluation_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that judges an artifact: a failed gate fails the run and stops the release."""
    key = keys.model(model.name, "evaluation")

    @dg.asset(
        key=key,
        deps=[keys.model(model.name, "artifact")],
        partitions_def=layout.weeks(model.source),
        check_specs=gate_specs(model, key),
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"python"},
        tags=tags("4-evaluate", model.tags),
        description="Metrics and curves of the holdout, and the gates: "
        + (
            "; ".join(gate.text for gate in model.gates)
            or "none, but the artifact must reproduce its example"
        ),
    )
    def evaluation(  # Dagster takes no type argument where an asset also returns checks.
        context: dg.AssetExecutionContext, registry: RegistryResource
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        store = registry.open()
        with refusals():
            artifact = artifact_of(store, model.name, context.partition_key)
            results = checked(model, artifact, store, key)
            shown = pictures(artifact)
        store.close()
        metrics = {f"holdout/{name}": value for name, value in artifact.metrics.items() if value is not None}
        metadata: dict[str, Any] = {"artifact": artifact.number, **metrics, **shown}
        return dg.MaterializeResult(metadata=metadata, check_results=results)

    return evaluation


def fitted_result(fitted: Fitted) -> dg.MaterializeResult[None]:
    """Return what is shown of a trained artifact: its number, its data, its metrics by stable names."""
    artifact = fitted.artifact
    start, end = artifact.data_interval
    return dg.MaterializeResult(
        metadata={
            "artifact": artifact.number,
            "dagster/partition_row_count": fitted.rows,
            "dagster/uri": artifact.location,
            "content_hash": artifact.content_hash,
            "data_start": start.isoformat(),
            "data_end": end.isoformat(),
            "pipeline": dg.MetadataValue.md(f"```\n{fitted.drawing}\n```"),
            **{f"holdout/{name}": value for name, value in artifact.metrics.items() if value is not None},
        },
        data_version=dg.DataVersion(artifact.content_hash),
        tags={"bighead/artifact": str(artifact.number)},
    )


def compute_tags(machine: SingleMachineConfig | None) -> dict[str, str]:
    """Return a machine as the op tag that Dagster's Kubernetes executor reads, whatever launches the run.

    >>> compute_tags(SingleMachineConfig(num_cpu=2, memory="4Gi"))["dagster-k8s/config"][:60]
    '{"container_config": {"resources": {"requests": {"cpu": "2",'
    """
    if machine is None:
        return {}
    amount = {"cpu": str(machine.num_cpu), "memory": f"{machine.memory_mib}Mi"}
    limits = {
        "memory": amount["memory"],
        **({"nvidia.com/gpu": str(machine.num_gpu)} if machine.num_gpu else {}),
    }
    config = {"container_config": {"resources": {"requests": amount, "limits": limits}}}
    return {"dagster-k8s/config": json.dumps(config)}
