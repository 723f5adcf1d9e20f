"""Step 2 of 9, backfill: `features/<set>`, cleaned rows a day or an hour, and the source tables they come from."""

from datetime import date
from functools import partial

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import TAKES_RANGES, column_schema, described, owners, set_docs, tags
from bighead.assets.watching import watched
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.batch_grain import key_of
from bighead.pipeline_lib.point_in_time import backfill
from bighead.pipeline_lib.ports import FeatureStore
from bighead.resources.dagster_bindings import OfflineStoreResource, SparkResource, WarehouseResource

STEP = "2-backfill"
GROUP = "features"


class Recompute(dg.Config):
    """How a run of days is computed: those that lack or are stale, or, with `force`, all that were asked for."""

    force: bool = False


def table_spec(name: str) -> dg.AssetSpec:
    """Return a source table of the warehouse: somebody else fills it, so it is only shown."""
    return dg.AssetSpec(
        keys.table(name),
        group_name="warehouse",
        kinds={"table"},
        tags=tags("1-define"),
        description=f"The source table `{name}`, as the warehouse holds it.",
    )


def calendar_spec(feature_set: FeatureSet) -> dg.AssetSpec:
    """Return a calendar set: a function of time alone, so there is no partition to fill."""
    return dg.AssetSpec(
        keys.features(feature_set.name),
        group_name=GROUP,
        owners=owners(feature_set.owner),
        kinds={"python"},
        tags=tags("1-define", feature_set.tags),
        description="Computed from the question's time when it is asked.\n\n" + described(feature_set),
        code_version=feature_set.hash[:12],
    )


def feature_asset(feature_set: FeatureSet, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset of a set's days or hours; any range of them is one run, a commit for each chunk of it.

    Partitions that are stored and not stale are left alone, unless the run's configuration says `force`.
    """

    @dg.asset(
        key=keys.features(feature_set.name),
        deps=layout.source_deps(feature_set),
        partitions_def=layout.batches(feature_set),
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=STORE_RETRIES,
        group_name=GROUP,
        owners=owners(feature_set.owner),
        kinds={"rust", "deltalake"},
        tags={**tags(STEP, feature_set.tags), TAKES_RANGES: "true"},
        description=described(feature_set),
        code_version=feature_set.hash[:12],
    )
    def days(
        context: dg.AssetExecutionContext,
        config: Recompute,
        warehouse: WarehouseResource,
        offline_store: OfflineStoreResource,
        spark: SparkResource,
    ) -> dg.MaterializeResult[None]:
        store, grain = offline_store.open(), feature_set.grain
        asked = [grain.parse(key) for key in context.partition_keys]
        engine = spark.engine()
        in_process = partial(backfill, memory=offline_store.memory())
        tables, compute = warehouse.open(engine), in_process if engine is None else engine.backfill
        with refusals(), watched(context, feature_set, asked, tables, store, layout) as tell:
            counts = compute(feature_set, asked, tables, store, force=config.force, tell=tell)
        for day, rows in counts.items():
            metadata = {"dagster/partition_row_count": rows}
            context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=key_of(day))
        last = key_of(max(counts))
        schema = stored_schema(feature_set, store, max(counts))
        context.add_asset_metadata(schema, asset_key=context.asset_key, partition_key=last)
        return dg.MaterializeResult(metadata={"commit": store.version(feature_set.name)})

    return days


def stored_schema(feature_set: FeatureSet, store: FeatureStore, day: date) -> dict[str, dg.TableSchema]:
    """Return the columns of a set's stored rows; told of a run's last partition only, each would copy it."""
    grain = feature_set.grain
    frame = store.scan(feature_set.name, grain.start(day), grain.end(day)).collect_schema()
    return {"dagster/column_schema": column_schema(dict(frame), set_docs(feature_set))}
