"""What a definition gets that asks for Spark: its joins and its backfills, by tasks instead of in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bighead.pipeline_lib.features.batch_grain import DAILY, start_of
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EntitySource
from bighead.pipeline_lib.model_config import SparkConfig
from bighead.pipeline_lib.point_in_time import JoinReport, Memory, RowReader, StoreRows
from bighead.pipeline_lib.point_in_time.backfill import ROWS_A_COMMIT, Committed, backfill
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.partition_join import NUMBER
from bighead.pipeline_lib.point_in_time.reading import RowScanner, midnight
from bighead.pipeline_lib.point_in_time.spilling import spill_folder
from bighead.pipeline_lib.point_in_time.stale import days_to_compute, stale_days
from bighead.pipeline_lib.point_in_time.times import check_question_times
from bighead.pipeline_lib.point_in_time.touched import touched_days
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.pipeline_lib.ports import TableReader
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.spark_cleaning import CleanedDays, clean_days
from bighead.resources.spark_inputs import FileInput, Input
from bighead.resources.spark_join import LEAST_PART, SparkJoin
from bighead.resources.spark_raw import is_read, raw_input
from bighead.resources.spark_session import LOCAL, open_session, slots, spark_conf, task_bytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROWS_A_GROUP = 1 << 17
_FIRST = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class SparkEngine:
    """Spark at `master` with the resources of `config`.

    `memory` is what joins on this machine may take, which bounds local mode, and the folder through which tasks and
    this process hand each other files: executors elsewhere must reach it, and the home, under the same paths.
    """

    memory: Memory
    config: SparkConfig | None = None
    master: str = LOCAL
    least_part: int = LEAST_PART

    @cached_property
    def session(self) -> SparkSession:
        """The session, opened at the first use.

        Raises:
            MissingExtraError, StoreError: Spark or Java lacks, or the cluster cannot be reached.
        """
        return open_session(spark_conf(self.config, self.master))

    @contextmanager
    def joined(
        self,
        left: pl.DataFrame,
        refs: Sequence[FeatureRef],
        reader: RowReader,
        timestamp: str,
        columns: Sequence[str],
    ) -> Iterator[tuple[pl.LazyFrame, list[JoinReport]]]:
        """Yield the left `columns` and every use's features, lazily, in the order of the left rows; and the reports.

        Raises:
            SchemaError: a key column lacks or cannot be compared.
            EventTimeError: a question's time is null or naive.
            StoreError: the files of the join cannot be written.
        """
        times = check_question_times(left, timestamp)
        asked = left.with_columns(times.alias(timestamp)).with_row_index(NUMBER)
        with spill_folder(self.memory) as folder:
            asked.with_columns(pl.col(NUMBER).cast(pl.Int64)).write_parquet(
                folder / "left.parquet", row_group_size=_ROWS_A_GROUP
            )
            rows = {
                each.name: self._rows(each, reader, times, folder)
                for each in {ref.set.name: ref.set for ref in refs}.values()
                if not isinstance(each.source, CalendarSource)
            }
            given = FileInput.of(self.session, [str(folder / "left.parquet")])
            share = task_bytes(self.config, self.master, self.memory.budget, slots(self.session))
            join = SparkJoin(given, left.height, timestamp, refs, rows, share, self.least_part)
            reports = join.write(folder / "joined", columns)
            yield pl.scan_parquet(folder / "joined" / "*.parquet"), reports

    def _rows(self, feature_set: FeatureSet, reader: RowReader, times: pl.Series, folder: Path) -> Input:
        start, end = rows_needed(feature_set, times)
        if isinstance(reader, StoreRows) and isinstance(reader.store, DeltaOfflineStore):
            return stored_rows(self.session, feature_set, reader, start, end)
        place = folder / f"{feature_set.name}.parquet"
        if isinstance(reader, RowScanner):
            reader.scan(feature_set, start, end).sink_parquet(place)
        else:
            reader.rows(feature_set, start, end).write_parquet(place)
        return FileInput.of(self.session, [str(place)])

    def backfill(
        self,
        feature_set: FeatureSet,
        days: Sequence[date],
        tables: TableReader,
        store: DeltaOfflineStore,
        *,
        force: bool = False,
        tell: Callable[[Committed], None] | None = None,
        rows_a_commit: int = ROWS_A_COMMIT,
    ) -> dict[date, int]:
        """Do as `backfill`, by tasks where Spark can read the source and its batches are days; else in this process.

        Of a set that is built on others, this process cleans the left rows, and tasks join these with the others'.
        An event id is looked for twice within a run of days that follow one another.

        Raises:
            DataError, SchemaError, EventTimeError, ConflictError: as `backfill`.
        """
        wanted = sorted(set(days))
        # Tasks leave a file for each day: hours are cleaned here, else they would be written as empty.
        if feature_set.grain is not DAILY or not is_read(feature_set, tables):
            engine = self if isinstance(feature_set.source, ChainedSource) else None
            return backfill(
                feature_set,
                days,
                tables,
                store,
                force=force,
                tell=tell,
                rows_a_commit=rows_a_commit,
                engine=engine,
            )
        todo, counts = _asked(feature_set, wanted, tables, store, force)
        done = 0
        for run in _runs(todo):
            started = time.perf_counter()
            start, end = midnight(run[0]), midnight(run[-1] + timedelta(days=1))
            with spill_folder(self.memory) as folder:
                raw = raw_input(self.session, feature_set, tables, start, end)
                cleaned = clean_days(raw, feature_set, start, end, folder)
                for chunk in _chunks(run, cleaned, rows_a_commit):
                    rows, seconds = cleaned.scan(chunk).collect(), time.perf_counter() - started
                    store.write_days(feature_set.name, chunk, rows, row_definition(feature_set), seconds)
                    counts |= {day: cleaned.rows.get(day, 0) for day in chunk}
                    done, started = done + len(chunk), time.perf_counter()
                    if tell is not None:
                        tell(Committed(done, len(todo), rows.height, chunk[0], chunk[-1]))
        return {day: counts[day] for day in wanted}


def _asked(
    feature_set: FeatureSet, wanted: list[date], tables: TableReader, store: DeltaOfflineStore, force: bool
) -> tuple[list[date], dict[date, int]]:
    """Return the days to compute, as `backfill` does, and how many rows the wanted ones have now."""
    stored = store.stored_days(feature_set.name)
    todo = wanted if force else days_to_compute(feature_set, wanted, stored)
    if feature_set.source.retracts:
        fresh = sorted(set(stored) - set(stale_days(feature_set, stored)) - set(todo))
        todo = sorted([*todo, *touched_days(feature_set, fresh, tables, store)])
    return todo, {day: stored[day].rows if day in stored else 0 for day in wanted}


def stored_rows(
    session: SparkSession, feature_set: FeatureSet, reader: StoreRows, start: datetime | None, end: datetime
) -> FileInput:
    """Return what `reader.scan` reads, as the files of the offline store: Spark's tasks read them themselves.

    Raises:
        UnknownNameError, StaleRowsError: as `StoreRows.scan`.
    """
    store = reader.store
    assert isinstance(store, DeltaOfflineStore)
    schema = reader.scan(feature_set, start, end).collect_schema()
    # Of facts the newest at the first question may lie on any day before.
    first = _FIRST if start is None or isinstance(feature_set.source, EntitySource) else start
    grain = feature_set.grain
    stale = set(stale_days(feature_set, store.stored_days(feature_set.name, grain)))
    files = [
        str(file)
        for key, named in store.files(feature_set.name).items()
        # A day that is stored whole holds hours that are stale together, or none.
        if grain.holding(start_of(key)) not in stale and str(first.date()) <= key[:10] <= str(end.date())
        for file in named
    ]
    return FileInput.of(session, files, schema, (pl.col(TIME) >= first) & (pl.col(TIME) < end))


def _runs(days: Sequence[date]) -> list[list[date]]:
    """Return the runs of days that follow one another."""
    breaks = [n for n, (one, other) in enumerate(pairwise(days), 1) if other - one > timedelta(days=1)]
    edges = [0, *breaks, len(days)]
    return [list(days[low:high]) for low, high in pairwise(edges)] if days else []


def _chunks(days: Sequence[date], cleaned: CleanedDays, most: int) -> Iterator[list[date]]:
    """Group days into commits of at most `most` rows, and at least a day."""
    chunk: list[date] = []
    held = 0
    for day in days:
        rows = cleaned.rows.get(day, 0)
        if chunk and held + rows > most:
            yield chunk
            chunk, held = [], 0
        chunk.append(day)
        held += rows
    if chunk:
        yield chunk
