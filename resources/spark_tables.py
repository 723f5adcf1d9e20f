"""Tables of Spark's catalogue (a Hive metastore, say) and its SQL, beside the tables of the warehouse.

A table is looked for in the warehouse, then in the catalogue. A query runs in Spark where its source is of type
`hive`; then what it depends on lies in the catalogue, or in the warehouse under a name without a dot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EventSource, Source
from bighead.pipeline_lib.point_in_time.staging import bound_query
from bighead.resources.sources import Warehouse
from bighead.resources.spark_blocks import Block, raised
from bighead.resources.spark_inputs import FrameInput, Frames
from bighead.resources.spark_session import quiet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

HIVE = "hive"


class SparkTables:
    """A TableReader over a warehouse and Spark's catalogue; the session is opened when it is first needed."""

    def __init__(self, warehouse: Warehouse, open_session: Callable[[], SparkSession]) -> None:
        self.warehouse = warehouse
        self._open = open_session

    @cached_property
    def session(self) -> SparkSession:
        """The Spark session."""
        return self._open()

    def tables(self) -> list[str]:
        """Return the names of the warehouse's tables; those of a catalogue may be too many to list."""
        return self.warehouse.tables()

    def scan(self, table: str) -> pl.LazyFrame:
        """Return the table, lazily; what lies in the catalogue is read by Spark, wanted columns only.

        Raises:
            UnknownNameError: neither has such a table.
        """
        try:
            return self.warehouse.scan(table)
        except UnknownNameError:
            return scan_frame(self.catalogued(table))

    def fingerprint(self, table: str) -> str:
        """Return the warehouse's fingerprint, or a text that names the catalogue's table."""
        try:
            return self.warehouse.fingerprint(table)
        except UnknownNameError:
            self.catalogued(table)
            return f"unversioned:{table}"

    def query(self, sql: str, dependencies: Sequence[str], where: str) -> pl.LazyFrame:
        """Return what Spark's SQL gives, lazily; as DuckDB's, with decimals as Float64, whole ones as Int64.

        Raises:
            DefinitionError: it does not run, and Spark says why.
        """
        return scan_frame(self._queried(sql, dependencies, where))

    def catalogued(self, table: str) -> DataFrame:
        """Return a table of the catalogue.

        Raises:
            UnknownNameError: it has no such table, with the nearest of its database.
        """
        catalogue = self.session.catalog
        if catalogue.tableExists(table):
            return self.session.table(table)
        database, _, _ = table.rpartition(".")
        known = self.warehouse.tables()
        if not database or catalogue.databaseExists(database):
            prefix = f"{database}." if database else ""
            known += [f"{prefix}{each.name}" for each in catalogue.listTables(database or None)]
        raise UnknownNameError("table", table, known)

    def raw(self, feature_set: FeatureSet, start: datetime, end: datetime) -> FrameInput | None:
        """Return the raw rows that a set reads from the catalogue, or by Spark's SQL; None where it reads neither.

        Raises:
            UnknownNameError, DefinitionError: as `catalogued` and `query`.
        """
        source = feature_set.source
        if not self.reads(source):
            return None
        if isinstance(source, EventSource) and source.query is not None:
            where = repr(feature_set.name)
            sql = bound_query(source, where, start, end)
            return FrameInput(self._queried(sql, source.dependencies, where))
        return FrameInput(self.catalogued(source.tables[0]))

    def reads(self, source: Source) -> bool:
        """Return whether Spark reads a source, a query of type `hive` or a table that the warehouse lacks."""
        if isinstance(source, CalendarSource | ChainedSource):
            return False
        if isinstance(source, EventSource) and source.query is not None:
            return source.type == HIVE
        if isinstance(source, EventSource) and source.cumulative is not None:
            return False
        try:
            self.warehouse.scan(source.table)
        except UnknownNameError:
            return True
        return False

    def _queried(self, sql: str, dependencies: Sequence[str], where: str) -> DataFrame:
        from pyspark.errors import PySparkException

        try:
            for name in dependencies:
                self._offer(name)
            return _plain_numbers(self.session.sql(sql))
        except PySparkException as error:
            raise DefinitionError(
                f"the query of {where} does not run: {str(error).splitlines()[0]}.",
                cure="It is Spark's SQL over the tables in dependencies.",
            ) from error

    def _offer(self, table: str) -> None:
        """Make a table of the warehouse a view of this session, unless the catalogue has one of its name."""
        if self.session.catalog.tableExists(table):
            return
        rows = self.warehouse.scan(table).collect()
        with quiet():
            self.session.createDataFrame(rows.to_arrow()).createOrReplaceTempView(table)


def scan_frame(frame: DataFrame) -> pl.LazyFrame:
    """Return the rows of a Spark DataFrame, lazily: they come to this process a block at a time."""
    schema = FrameInput(frame).schema

    def pack(frames: Frames) -> Iterator[Block]:
        for each in frames:
            yield Block.of(0, 0, each)

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted, left = columns if columns is not None else schema.names(), rows
        few = frame.limit(rows) if rows is not None and predicate is None else frame
        for part, side, data in FrameInput(few).stage(wanted, pack).toLocalIterator():
            found = raised(Block(part, side, bytes(data))).frame
            kept = found if predicate is None else found.filter(predicate)
            kept = kept if left is None else kept.head(left)
            yield kept
            left = None if left is None else left - kept.height
            if left == 0:
                return

    return register_io_source(batches, schema=schema)


def _plain_numbers(frame: DataFrame) -> DataFrame:
    from pyspark.sql.types import DecimalType

    chosen = []
    for each in frame.schema:
        name, dtype = each.name.replace("`", "``"), each.dataType
        if isinstance(dtype, DecimalType):
            kind = "double" if dtype.scale else "bigint"
            chosen.append(f"CAST(`{name}` AS {kind}) AS `{name}`")
        else:
            chosen.append(f"`{name}`")
    return frame.selectExpr(*chosen)
