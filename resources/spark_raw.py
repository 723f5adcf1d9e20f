"""The raw rows of a feature set as Spark's tasks read them: its catalogue, its SQL, Parquet files of the warehouse."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import EntitySource, EventSource
from bighead.pipeline_lib.point_in_time.spans import near_rows
from bighead.pipeline_lib.ports import TableReader
from bighead.resources.sources import Warehouse
from bighead.resources.spark_inputs import FileInput, Input
from bighead.resources.spark_tables import SparkTables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def is_read(feature_set: FeatureSet, tables: TableReader) -> bool:
    """Return whether tasks can read a set's source; CSV, Delta, databases and DuckDB's queries they cannot.

    Raises:
        UnknownNameError: there is no such table.
    """
    return _by_spark(feature_set, tables) or bool(_files(feature_set, tables))


def raw_input(
    session: SparkSession, feature_set: FeatureSet, tables: TableReader, start: datetime, end: datetime
) -> Input:
    """Return at least the raw rows of start ≤ event_time < end; `is_read` says of which sets.

    Raises:
        UnknownNameError, DefinitionError: as `SparkTables.raw`.
    """
    if isinstance(tables, SparkTables) and tables.reads(feature_set.source):
        found = tables.raw(feature_set, start, end)
        assert found is not None
        return found
    files = _files(feature_set, tables)
    rows = tables.scan(feature_set.source.tables[0])
    # Of rows that change all that was ever said of one is needed, however far away.
    near = None if feature_set.source.retracts else near_rows(feature_set, rows, start, end)
    return FileInput.of(session, files, rows.collect_schema(), near)


def _by_spark(feature_set: FeatureSet, tables: TableReader) -> bool:
    return isinstance(tables, SparkTables) and tables.reads(feature_set.source)


def _files(feature_set: FeatureSet, tables: TableReader) -> list[str]:
    source = feature_set.source
    warehouse = tables.warehouse if isinstance(tables, SparkTables) else tables
    if not isinstance(warehouse, Warehouse) or not isinstance(source, EventSource | EntitySource):
        return []
    if isinstance(source, EventSource) and (source.query is not None or source.cumulative is not None):
        return []
    return [str(each) for each in warehouse.parquet_files(source.table)]
