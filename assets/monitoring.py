"""Step 9 of 9, monitor: `monitoring/<model>/{drift,consistency,performance}`, a day of logged inferences each."""

from pathlib import Path
from typing import Any

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.measuring import asked, consistency_of, drift_of, logged, performance_of, told
from bighead.assets.metadata import owners, tags
from bighead.assets.partitions import same_window
from bighead.assets.pictures import bars
from bighead.assets.scoring import artifact_for
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.monitoring import LEAST_ROWS, ConsistencyReport, DriftReport, FeatureDrift
from bighead.resources.dagster_bindings import (
    HomeResource,
    OfflineStoreResource,
    OnlineStoreResource,
    RegistryResource,
    WarehouseResource,
)

DRIFT_CHECK = "no_drift"
DRIFTED_PSI = 0.25
BARS_SHOWN = 15
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
            dg.AssetCheckSpec(
                DRIFT_CHECK,
                asset=key,
                description=f"Every PSI is below {DRIFTED_PSI}, or no larger than on days of the training rows.",
            )
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
            records = asked(logged(model.name, day, Path(home.inference_log)))
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
            records = asked(logged(model.name, day, Path(home.inference_log)))
            reports = performance_of(model, day, records, tables, store)
        return dg.MaterializeResult(metadata={"requests": len(records), **told(reports)})

    return performance


def drift_result(report: DriftReport | None, rows: int) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Return a day's drift as numbers and a picture; too few rows to judge are no drift, and say so."""
    features = report.features if report else ()
    drifted = report.drifted(DRIFTED_PSI) if report else ()
    if report is None:
        said = f"{rows} rows were logged; {LEAST_ROWS} are needed to judge"
    else:
        said = ", ".join(map(drift_said, drifted[:10])) or "no input has drifted"
    check = dg.AssetCheckResult(
        passed=not drifted, check_name=DRIFT_CHECK, severity=dg.AssetCheckSeverity.WARN, description=said
    )
    # Not the largest: the calendar's PSI is large on every day.
    shown = sorted(features, key=lambda each: -each.severity(DRIFTED_PSI))[:BARS_SHOWN]
    usual = {each.column: each.usual for each in shown if each.usual is not None}
    title = "PSI (line and brackets: usual up to)" if usual else "PSI"
    metadata: dict[str, Any] = {
        "rows": rows,
        "drifted": len(drifted),
        "calibrated": sum(each.usual is not None for each in features),
        "worst_psi": max((each.psi for each in features), default=0.0),
        "psi": bars(title, {each.column: each.psi for each in shown}, usual),
    }
    return dg.MaterializeResult(metadata=metadata, check_results=[check])


def drift_said(drift: FeatureDrift) -> str:
    """Return what a check says of a column that has drifted, as `carrier_x 0.93 (usual up to 0.41)`."""
    if drift.usual is None:
        return f"{drift.column} {drift.psi:.2f}"
    if drift.psi > drift.usual:
        return f"{drift.column} {drift.psi:.2f} (usual up to {drift.usual:.2f})"
    # Its values are as usual; only how many there are is not.
    usual = drift.missing_usual or 0.0
    return f"{drift.column} missing {drift.missing_change:+.0%}, {drift.missing_psi:.2f} (usual up to {usual:.2f})"


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
