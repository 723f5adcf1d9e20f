"""Step 9 of 9, monitor: `monitoring/<model>/{drift,consistency,performance}`, a day of logged inferences each."""

from pathlib import Path
from typing import Any

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.measuring import LEAST_ROWS, consistency_of, drift_of, logged, performance_of, told
from bighead.assets.metadata import owners, tags
from bighead.assets.partitions import same_window
from bighead.assets.pictures import bars
from bighead.assets.scoring import artifact_for
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.monitoring import ConsistencyReport, DriftReport
from bighead.resources.dagster_bindings import (
    HomeResource,
    OfflineStoreResource,
    OnlineStoreResource,
    RegistryResource,
    WarehouseResource,
)

DRIFT_CHECK = "no_drift"
DRIFTED_PSI = 0.25
MISMATCHES_SHOWN = 50


def monitoring_assets(model: ModelConfig, layout: Layout) -> list[dg.AssetsDefinition]:
    """Return a model's three monitors."""
    return [drift_asset(model, layout), consistency_asset(model, layout), performance_asset(model, layout)]


def drift_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that says how far a day's questions lie from the training rows; drift is a warning."""
    key = keys.monitoring(model.name, "drift")

    @dg.asset(
        key=key,
        deps=[keys.model(model.name, "active")],
        partitions_def=layout.scored_days(model),
        check_specs=[
            dg.AssetCheckSpec(DRIFT_CHECK, asset=key, description=f"Every PSI is below {DRIFTED_PSI}.")
        ],
        retry_policy=STORE_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"python"},
        tags=tags("9-monitor", model.tags),
        description="Population stability of every input: logged questions against training rows.",
    )
    def drift(  # Dagster takes no type argument where an asset also returns checks.
        context: dg.AssetExecutionContext,
        offline_store: OfflineStoreResource,
        registry: RegistryResource,
        home: HomeResource,
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        store, day = registry.open(), context.partition_key
        with refusals():
            records = logged(model.name, day, Path(home.inference_log))
            artifact = artifact_for(store, model.name, context.partition_time_window.start)
            report = drift_of(model, records, artifact, offline_store.open())
        store.close()
        return drift_result(report, sum(len(record.rows) for record in records))

    return drift


def consistency_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that replays a day's log; it fails if one served value is not what its rows say."""

    @dg.asset(
        key=keys.monitoring(model.name, "consistency"),
        deps=[*layout.feature_deps(model.source, "day"), keys.model(model.name, "active")],
        partitions_def=layout.scored_days(model),
        retry_policy=STORE_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"rust"},
        tags=tags("9-monitor", model.tags),
        description="Every logged feature computed again from offline rows; the first difference fails the run.",
    )
    def consistency(
        context: dg.AssetExecutionContext,
        offline_store: OfflineStoreResource,
        online_store: OnlineStoreResource,
        home: HomeResource,
    ) -> dg.MaterializeResult[None]:
        records = logged(model.name, context.partition_key, Path(home.inference_log))
        with refusals():
            report = consistency_of(model, records, offline_store.open(), Path(online_store.root))
        return consistency_result(report)

    return consistency


def performance_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that measures a day's answers against the labels that have arrived."""

    @dg.asset(
        key=keys.monitoring(model.name, "performance"),
        deps=[
            keys.table(model.source.left.table),
            dg.AssetDep(keys.scores(model.name), partition_mapping=same_window()),
        ],
        partitions_def=layout.scored_days(model),
        retry_policy=STORE_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"python"},
        tags=tags("9-monitor", model.tags),
        description="How good logged and batch answers were, once their labels came.",
    )
    def performance(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        offline_store: OfflineStoreResource,
        home: HomeResource,
    ) -> dg.MaterializeResult[None]:
        day, tables, store = context.partition_key, warehouse.open(), offline_store.open()
        with refusals():
            records = logged(model.name, day, Path(home.inference_log))
            reports = performance_of(model, day, records, tables, store)
        return dg.MaterializeResult(metadata={"requests": len(records), **told(reports)})

    return performance


def drift_result(report: DriftReport | None, rows: int) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Return a day's drift as numbers and a picture; too few rows to judge are no drift, and say so."""
    drifted = report.drifted(DRIFTED_PSI) if report else ()
    if report is None:
        said = f"{rows} rows were logged; {LEAST_ROWS} are needed to judge"
    else:
        said = ", ".join(f"{each.column} {each.psi:.2f}" for each in drifted[:10]) or "no input has drifted"
    check = dg.AssetCheckResult(
        passed=not drifted, check_name=DRIFT_CHECK, severity=dg.AssetCheckSeverity.WARN, description=said
    )
    values = {each.column: each.psi for each in report.features} if report else {}
    worst = max(values.values(), default=0.0)
    metadata: dict[str, Any] = {
        "rows": rows,
        "drifted": len(drifted),
        "worst_psi": worst,
        "psi": bars("PSI", values),
    }
    return dg.MaterializeResult(metadata=metadata, check_results=[check])


def consistency_result(report: ConsistencyReport) -> dg.MaterializeResult[None]:
    """Return what a replay found.

    Raises:
        Failure: a served value differs; the metadata name requests, values and the events that make them.
    """
    counts = {
        "requests": report.requests,
        "compared": report.compared,
        "stale": report.stale,
        "other": report.other,
    }
    if report.consistent:
        return dg.MaterializeResult(metadata={**counts, "mismatches": 0})
    first = report.mismatches[0]
    shown = [
        {
            "request": each.request_id,
            "row": each.row,
            "feature": each.feature,
            "at": each.at.isoformat(),
            "keys": {name: str(value) for name, value in each.keys.items()},
            "served": str(each.served),
            "replayed": str(each.replayed),
            "events": list(each.events),
        }
        for each in report.mismatches[:MISMATCHES_SHOWN]
    ]
    raise dg.Failure(
        description=f"{len(report.mismatches)} of {report.compared} served values differ from their rows; first "
        f"{first.feature} of request {first.request_id}: served {first.served}, rows say {first.replayed}.",
        metadata={**counts, "mismatches": len(report.mismatches), "first": dg.MetadataValue.json(shown)},
        allow_retries=False,
    )
