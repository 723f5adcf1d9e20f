"""`scores/<model>`: a day's questions answered in a batch, and `uploaded`: the answers where others read them."""

from pathlib import Path

import dagster as dg

from bighead.assets import keys
from bighead.assets.compute import scores_compute
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import TAKES_RANGES, column_schema, owners, tags
from bighead.assets.partitions import same_window
from bighead.assets.scoring import KIND, publish, score_days
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.profiles.catch_up import profile_partitions
from bighead.resources.dagster_bindings import (
    HomeResource,
    OfflineStoreResource,
    RegistryResource,
    SparkResource,
    WarehouseResource,
)
from bighead.resources.profile_store import FileProfileStore

UPLOAD_RETRIES = dg.RetryPolicy(max_retries=5, delay=2.0, backoff=dg.Backoff.EXPONENTIAL)


def score_assets(model: ModelConfig, layout: Layout) -> list[dg.AssetsDefinition]:
    """Return a model's daily scores and their upload, which is tried again without scoring again."""
    return [scores_asset(model, layout), uploaded_asset(model, layout)]


def scores_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset of a model's scores by day; each day says which artifact gave them."""

    @dg.asset(
        key=keys.scores(model.name),
        deps=[*layout.feature_deps(model.source, "day"), keys.model(model.name, "active")],
        partitions_def=layout.scored_days(model),
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=STORE_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"rust", "deltalake"},
        tags={**tags("7-score", model.tags), TAKES_RANGES: "true"},
        description="Each day's questions, answered by the active artifact; a past day by one trained before it.",
    )
    def scores(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        offline_store: OfflineStoreResource,
        registry: RegistryResource,
        spark: SparkResource,
    ) -> dg.MaterializeResult[None]:
        store, registered, engine = offline_store.open(), registry.open(), spark.engine(scores_compute(model))
        tables, days = warehouse.open(engine), list(context.partition_keys)
        with refusals():
            scored = score_days(model, days, tables, store, registered, offline_store.memory(), engine)
            profile_partitions(KIND, model.name, list(scored), store, FileProfileStore.beside(store.root))
        registered.close()
        for day, each in scored.items():
            counted = {"dagster/partition_row_count": each.frame.height, "artifact": each.artifact.number}
            context.add_asset_metadata(counted, asset_key=context.asset_key, partition_key=day)
        schema = column_schema(dict(scored[max(scored)].frame.schema))
        return dg.MaterializeResult(metadata={"dagster/column_schema": schema})

    return scores


def uploaded_asset(model: ModelConfig, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset that publishes each day's scores as one file."""

    @dg.asset(
        key=keys.uploaded(model.name),
        deps=[dg.AssetDep(keys.scores(model.name), partition_mapping=same_window())],
        partitions_def=layout.scored_days(model),
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=UPLOAD_RETRIES,
        group_name=model.name,
        owners=owners(model.owner, model.team),
        kinds={"parquet"},
        tags={**tags("7-upload", model.tags), TAKES_RANGES: "true"},
        description=f"Scores published as `{model.sink or model.name}/<day>.parquet`.",
    )
    def uploaded(
        context: dg.AssetExecutionContext, offline_store: OfflineStoreResource, home: HomeResource
    ) -> dg.MaterializeResult[None]:
        store, folder = offline_store.open(), Path(home.published) / (model.sink or model.name)
        with refusals():
            for day in context.partition_keys:
                frame = store.read_partition(KIND, model.name, day)
                place = publish(frame, folder, day)
                counted = {"dagster/partition_row_count": frame.height, "dagster/uri": str(place)}
                context.add_asset_metadata(counted, asset_key=context.asset_key, partition_key=day)
        return dg.MaterializeResult()

    return uploaded
