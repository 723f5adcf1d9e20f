"""Steps 2 and 7 of 9: `features/<set>/online`, the generation of rows that the serving tier answers from."""

from datetime import timedelta

import dagster as dg

from bighead.assets import keys
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import TAKES_RANGES, owners, tags
from bighead.assets.partitions import past, reach
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time import StoreRows
from bighead.pipeline_lib.point_in_time.generation_cut import is_snapshot, with_last_snapshot
from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.resources.changing_rows import is_mutable
from bighead.resources.dagster_bindings import OfflineStoreResource, OnlineStoreResource, WarehouseResource
from bighead.resources.online_store import GENERATIONS_KEPT, OnlineStore

ONLINE_POOL = "online_store"
_END = {"1d": "midnight that ends the day", "1h": "end of the hour"}


def online_asset(feature_set: FeatureSet, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset whose partition uploads the rows that count at its end, midnight say; two are kept."""

    @dg.asset(
        key=keys.online(feature_set.name),
        deps=[
            dg.AssetDep(
                keys.features(feature_set.name), partition_mapping=past(feature_set, feature_set.grain)
            )
        ],
        partitions_def=layout.batches(feature_set),
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=STORE_RETRIES,
        pool=ONLINE_POOL,
        group_name="online",
        owners=owners(feature_set.owner),
        kinds={"lmdb"},
        tags={**tags("7-serve", feature_set.tags), TAKES_RANGES: "true"},
        description=f"Rows of `{feature_set.name}` before the {_END[feature_set.grain.name]}, by key.",
        code_version=feature_set.hash[:12],
    )
    def generation(
        context: dg.AssetExecutionContext,
        offline_store: OfflineStoreResource,
        online_store: OnlineStoreResource,
        warehouse: WarehouseResource,
    ) -> dg.MaterializeResult[None]:
        online = online_store.open()
        try:
            with refusals():
                store, tables = offline_store.open(), warehouse.open()
                made = upload_last(feature_set, list(context.partition_keys), store, online, tables)
        finally:
            online.close()
        for day, metadata in made.items():
            context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=day)
        return dg.MaterializeResult()

    return generation


def upload_last(
    feature_set: FeatureSet,
    days: list[str],
    store: FeatureStore,
    online: OnlineStore,
    tables: TableReader | None = None,
) -> dict[str, dict[str, str | int]]:
    """Upload the generations of a range that will be kept; the store would drop the older ones at once."""
    kept = sorted(days)[-GENERATIONS_KEPT:]
    made = {day: upload(feature_set, day, store, online, tables) for day in kept}
    superseded: dict[str, str | int] = {"superseded_by": kept[-1]}
    return {day: made.get(day, superseded) for day in sorted(days)}


def upload(
    feature_set: FeatureSet,
    day: str,
    store: FeatureStore,
    online: OnlineStore,
    tables: TableReader | None = None,
) -> dict[str, str | int]:
    """Put the generation for the end of the partition `day` into the online store; return what it holds.

    Of a stream of mutations these come from the source's table, since no stored version tells what may yet change it;
    and so does the snapshot that ends with the partition, since it stands at the instant after it.

    Raises:
        DataError, StaleRowsError: days that the longest window reaches were not backfilled as it is defined.
    """
    grain, span = feature_set.grain, reach(feature_set)
    midnight = grain.end(grain.parse(day))
    start = None if span is None else midnight - timedelta(microseconds=span)
    reader = StoreRows(store)
    reader.require(feature_set, start, midnight)
    version = str(store.version(feature_set.name))
    if is_mutable(feature_set) and tables is not None:
        rows = mutations_before(feature_set, tables, start, midnight)
    else:
        rows = reader.rows(feature_set, start, midnight)
        if is_snapshot(feature_set) and tables is not None:
            rows = with_last_snapshot(rows, feature_set, tables, midnight)
    made = online.put_generation(feature_set, midnight, rows, {feature_set.name: version})
    return {
        "dagster/partition_row_count": made.rows,
        "midnight": midnight.isoformat(),
        "offline_version": version,
    }
