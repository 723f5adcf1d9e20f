"""Step 3 of 9, training set: `training_sets/<name>`, a week of questions with the features known at each."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import polars as pl

from bighead.assets import keys
from bighead.assets.compute import weeks_compute
from bighead.assets.failures import STORE_RETRIES, refusals
from bighead.assets.layout import Layout
from bighead.assets.metadata import TAKES_RANGES, column_schema, owners, tags, training_docs, training_lineage
from bighead.assets.partitions import span_of
from bighead.assets.questions import require_days
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.features.row_definition import training_rows_hash
from bighead.pipeline_lib.point_in_time import Memory, StoreRows, build_training_set, training_rows
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.questions import questions_between
from bighead.pipeline_lib.point_in_time.training import left_columns
from bighead.pipeline_lib.ports import FeatureStore, TableReader
from bighead.pipeline_lib.profiles.catch_up import profile_partitions
from bighead.resources.catalogue_files import publish
from bighead.resources.dagster_bindings import OfflineStoreResource, SparkResource, WarehouseResource
from bighead.resources.profile_store import FileProfileStore

STEP = "3-training_set"
KIND = "training_sets"


def training_asset(training_set: TrainingSet, layout: Layout) -> dg.AssetsDefinition:
    """Return the asset of a training set's weeks, a commit each.

    Its backfill policy is that of the artifacts that are made from it in one job, a run a week: Dagster warns of
    a job whose assets differ in it. A launch in this process may still ask for a range.

    Raises:
        DefinitionError: its models ask for different Spark resources.
    """
    asked = weeks_compute(layout, training_set)

    @dg.asset(
        key=keys.training_set(training_set.name),
        deps=layout.feature_deps(training_set, "week"),
        partitions_def=layout.weeks(training_set),
        retry_policy=STORE_RETRIES,
        group_name=KIND,
        owners=owners(training_set.owner or "data"),
        kinds={"rust", "deltalake"},
        tags={**tags(STEP), TAKES_RANGES: "true"},
        description=f"Questions of `{training_set.left.table}`, each with the features known at "
        f"`{training_set.timestamp}` and the label `{training_set.label.column}`.",
        metadata={"dagster/column_lineage": training_lineage(training_set)},
    )
    def weeks(
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        offline_store: OfflineStoreResource,
        spark: SparkResource,
    ) -> dg.MaterializeResult[None]:
        store, engine, wanted = offline_store.open(), spark.engine(asked), list(context.partition_keys)
        tables = warehouse.open(engine)
        with refusals():
            heights = write_weeks(training_set, wanted, tables, store, offline_store.memory(), engine)
            publish(store.root, layout.project)
            profile_partitions(
                KIND, training_set.name, list(heights), store, FileProfileStore.beside(store.root)
            )
        for week, height in heights.items():
            metadata = {"dagster/partition_row_count": height}
            context.add_asset_metadata(metadata, asset_key=context.asset_key, partition_key=week)
        last = store.read_partition(KIND, training_set.name, max(heights))
        return dg.MaterializeResult(metadata=summary(training_set, last, tables, store))

    return weeks


def write_weeks(
    training_set: TrainingSet,
    weeks: list[str],
    tables: TableReader,
    store: FeatureStore,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> dict[str, int]:
    """Build and store weeks of a training set; return how many rows each has.

    Weeks that follow one another are joined at once, since each would read the days of the longest window again;
    where that takes more than `memory`, in files, of which a week at a time is read. A week is one commit: after a
    killed run the weeks before it stand, and running again finishes the rest. An `engine` joins in the place of
    this process.

    Raises:
        DataError: feature days that a question reaches were not backfilled, or a null fixes the label.
    """
    heights: dict[str, int] = {}
    reader = StoreRows(store)
    for run in consecutive(sorted(weeks)):
        left = questions_between(training_set, tables, span_of(run[0], 7)[0], span_of(run[-1], 7)[1])
        require_days(training_set, left, reader)
        with _built(training_set, left, reader, memory, engine) as built:
            for week in run:
                start, end = span_of(week, 7)
                times = pl.col(training_set.timestamp)
                frame = built.filter((times >= start) & (times < end)).collect()
                store.write_partition(KIND, training_set.name, week, frame, training_rows_hash(training_set))
                heights[week] = frame.height
    return heights


@contextmanager
def _built(
    training_set: TrainingSet,
    left: pl.DataFrame,
    reader: StoreRows,
    memory: Memory | None,
    engine: JoinEngine | None,
) -> Iterator[pl.LazyFrame]:
    # Without a question there is no time at which to compute features; the weeks are kept as empty.
    if left.is_empty():
        yield left_columns(training_set, left).lazy()
    elif memory is None:
        yield build_training_set(training_set, left, reader).frame.lazy()
    else:
        with training_rows(training_set, left, reader, memory, engine) as rows:
            yield rows


def consecutive(weeks: list[str]) -> list[list[str]]:
    """Group sorted weeks into runs without a gap.

    >>> consecutive(["2013-10-04", "2013-10-11", "2013-10-25"])
    [['2013-10-04', '2013-10-11'], ['2013-10-25']]
    """
    runs: list[list[str]] = []
    for week in weeks:
        if runs and span_of(runs[-1][-1], 7)[1] == span_of(week, 7)[0]:
            runs[-1].append(week)
        else:
            runs.append([week])
    return runs


def summary(
    training_set: TrainingSet, frame: pl.DataFrame, tables: TableReader, store: FeatureStore
) -> dict[str, dg.MetadataValue]:
    """Return the newest week's columns, how full they are, and the versions of what was read."""
    label = frame[training_set.label.column]
    mean = label.cast(pl.Float64).mean()
    stored = [each for each in training_set.feature_sets if each.source.tables]
    versions = {each.name: store.version(each.name) for each in stored}
    nulls = {name: round(frame[name].null_count() / max(frame.height, 1), 4) for name in frame.columns}
    return {
        "dagster/column_schema": dg.MetadataValue.table_schema(
            column_schema(dict(frame.schema), training_docs(training_set))
        ),
        "label_mean": dg.MetadataValue.float(mean if isinstance(mean, float) else 0.0),
        "unlabelled_rows": dg.MetadataValue.int(label.null_count()),
        "null_share": dg.MetadataValue.json({name: share for name, share in nulls.items() if share}),
        "versions": dg.MetadataValue.json(
            {**versions, training_set.left.table: tables.fingerprint(training_set.left.table)}
        ),
    }
