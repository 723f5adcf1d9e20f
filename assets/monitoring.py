"""Step 9 of 9, monitor: `monitoring/<model>/{drift,consistency,performance}`, a day of logged inferences each."""

from pathlib import Path

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.measuring import asked, consistency_of, drift_of, logged, performance_of, rows_of, told
from bighead.assets.metadata import owners, tags
from bighead.assets.monitor_results import (
    DRIFT_CHECK,
    DRIFTED_PSI,
    SKEW_CHECK,
    consistency_result,
    drift_result,
)
from bighead.assets.partitions import same_window
from bighead.assets.scoring import artifact_for
from bighead.pipeline_lib.model_config import ModelConfig, OnlineServingConfig
from bighead.pipeline_lib.monitoring import measure_skew
from bighead.resources.dagster_bindings import (
    HomeResource,
    OfflineStoreResource,
    OnlineStoreResource,
    RegistryResource,
    WarehouseResource,
)


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
    """Return the asset that replays a day's log; it fails if one served value is not what its rows say.

    What the store had not yet is skew: beyond `max_skew` a warning.
    """
    key, limit = keys.monitoring(model.name, "consistency"), max_skew(model)

    @dg.asset(
        key=key,
        check_specs=[
            dg.AssetCheckSpec(
                SKEW_CHECK,
                asset=key,
                description=f"Of no feature more than {limit:.2%} of the served values lacked rows known by then.",
            )
        ],
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
        warehouse: WarehouseResource,
        home: HomeResource,
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        records = logged(model.name, context.partition_key, Path(home.inference_log))
        with refusals():
            rows = rows_of(model, records, offline_store.open())
            report = consistency_of(model, records, rows, Path(online_store.root), warehouse.open())
            skew = measure_skew(asked(records), model.source.refs, rows)
        return consistency_result(report, skew, limit)

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


def max_skew(model: ModelConfig) -> float:
    """Return the share of a feature's served values that may lack rows; of a model without workers the usual one."""
    online = model.transform_config.online_config if model.transform_config else None
    return (online or OnlineServingConfig()).max_skew
