"""Snapshots of a store that keeps no history: what training and generations read of it is what was once read and kept.

A live store tells what is now. Asked again for a past day it would tell of the present, which no question of that day
could know. So it is read by one act only, `take`; the rows that were read on a day are the snapshot of that day, and
all else, training sets and uploads alike, sees snapshots and nothing live.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from bighead.pipeline_lib.clock import Clock, ReplayClock
from bighead.pipeline_lib.errors import BigheadError, DataError, DefinitionError, StoreError
from bighead.resources.redis_table import RedisTable

if TYPE_CHECKING:
    import pyarrow as pa

DAY = "ds"


@dataclass(frozen=True)
class Taken:
    """The snapshot of a day, and how many rows it has."""

    day: date
    rows: int


@dataclass(frozen=True)
class SnapshotTable:
    """Snapshots of `live`, one a UTC day, in a Delta table at `path`; `ds` is the day on which they were read."""

    name: str
    live: RedisTable
    path: str

    def take(self, clock: Clock) -> Taken:
        """Read the store and keep it as the snapshot of the clock's day, in place of an earlier one of that day.

        Nothing is kept of a reading that fails, or that midnight overtakes.

        Raises:
            DefinitionError: the clock replays the past, which the store does not know.
            DataError: nothing is there: an empty snapshot would take every key's facts away.
            SchemaError, StoreError: as `RedisTable.read`; or the snapshot cannot be written, or took past midnight.
        """
        if isinstance(clock, ReplayClock):
            raise DefinitionError(
                f"the table {self.name!r} is asked for as of {clock.now()}, and its store knows only the present.",
                cure="Take snapshots by the system's clock: unset BIGHEAD_CLOCK.",
            )
        day = clock.now().date()
        rows = 0
        failed: list[BigheadError] = []

        def batches() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            try:
                for frame in self.live.read():
                    rows += frame.height
                    dated = frame.with_columns(pl.lit(day).alias(DAY))
                    yield from dated.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
                self._check(rows, day, clock)
            except BigheadError as error:
                failed.append(error)
                raise

        self._write(day, batches(), failed)
        return Taken(day, rows)

    def _check(self, rows: int, day: date, clock: Clock) -> None:
        if not rows:
            raise DataError(
                f"no key of Redis begins with {self.live.prefix!r}, of which the table {self.name!r} is made.",
                cure="Check the prefix in external.yaml, and whether the store was filled.",
            )
        if clock.now().date() != day:
            raise StoreError(
                f"reading the table {self.name!r} went on after the end of {day}.",
                cure="Take the snapshot earlier in the day: it would tell of what was not known by its end.",
            )

    def _write(self, day: date, batches: Iterator[pa.RecordBatch], failed: list[BigheadError]) -> None:
        import pyarrow as pa

        schema = pl.DataFrame(schema={**self.live.schema, DAY: pl.Date()})
        arrow = schema.to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        there = DeltaTable.is_deltatable(self.path)
        try:
            write_deltalake(
                self.path,
                pa.RecordBatchReader.from_batches(arrow, batches),
                mode="overwrite",
                partition_by=[DAY],
                predicate=f"{DAY} = '{day}'" if there else None,
                schema_mode="merge",
            )
        except Exception as error:
            # The writer tells of a reader's error as one of its own.
            if failed:
                raise failed[0] from error
            if not isinstance(error, DeltaError | OSError):
                raise
            raise StoreError(
                f"the snapshot of {self.name!r} of {day} cannot be written: {str(error)[:300]}.",
                cure="The one before stands. Make room, or where a column has changed its type, call it otherwise.",
            ) from error

    def scan(self) -> pl.LazyFrame:
        """Return every snapshot that was taken, lazily, each row with its day `ds`.

        Raises:
            StoreError: none was taken yet.
        """
        if not DeltaTable.is_deltatable(self.path):
            raise StoreError(
                f"no snapshot of the table {self.name!r} was taken yet.",
                cure=f"Take one each day: materialise warehouse/{self.name}, or let its schedule run.",
            )
        kept = pl.scan_delta(self.path)
        there = kept.collect_schema()
        columns = [
            pl.col(name) if name in there else pl.lit(None, dtype).alias(name)
            for name, dtype in self.live.schema.items()
        ]
        return kept.select(*columns, DAY)

    def fingerprint(self) -> str:
        """Return the version of the snapshots' table."""
        there = DeltaTable.is_deltatable(self.path)
        return f"delta:{DeltaTable(self.path).version()}" if there else "delta:-1"
