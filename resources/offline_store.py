"""The offline store: Delta tables partitioned by day, hour or partition key, each partition replaced atomically.

A partition without rows is kept as one row of nulls, so that "computed, and empty" differs from "never
computed" within the same commit. Readers of this module never see that row.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError

from bighead.pipeline_lib.errors import (
    ConflictError,
    DataError,
    DefinitionError,
    SchemaError,
    StoreError,
    UnknownNameError,
)
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY, Grain, grain_of
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.features.row_definition import RowDefinition, Spent, StoredDay
from bighead.resources.delta_commit import commit
from bighead.resources.delta_grains import stored_in, written_in
from bighead.resources.delta_notes import read_note, write_note
from bighead.resources.delta_records import (
    DEFINITION,
    PARTITION,
    made_of,
    partition_files,
    recorded,
    spent,
    stamps,
)
from bighead.resources.delta_types import storable

KINDS = ("features", "training_sets", "scores")
ATTEMPTS = 20


class DeltaOfflineStore:
    """Delta Lake under `<root>/{features,training_sets,scores}/<name>`; the embedded FeatureStore."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def write_days(
        self,
        set_name: str,
        days: Sequence[date],
        frame: pl.DataFrame,
        definition: RowDefinition | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Replace these days or hours of a set in one commit; rows are sorted by their leading columns within one.

        `definition` is what the rows were computed from, in `seconds`: both are in the commit itself, and the
        definition's hash is in every row, so that no day is ever without it or with another's. Where a changed
        definition changes a column's type, the days of the old one leave the table with the first commit. Hours
        that are written into a day that is stored whole cut it: its other hours stay as they are.

        Raises:
            DataError: a row's event_time is null or on none of the days.
            DefinitionError: the frame has a column that the store uses itself.
            SchemaError: a column has another type than before.
            ConflictError: others kept committing first.
        """
        if not days:
            return
        taken = {PARTITION, DEFINITION} & set(frame.columns)
        if taken:
            raise DefinitionError(
                f"{set_name!r} has a column {taken.pop()!r}.", cure="Rename it: the store uses it."
            )
        if "event_time" not in frame.columns:
            raise SchemaError.columns(f"rows of {set_name!r}", seen=frame.columns, expected=["event_time"])
        grain = grain_of(days[0])
        keyed = frame.with_columns(grain.key_of(pl.col("event_time")).alias(PARTITION))
        keys = sorted({grain.key(day) for day in days})
        stray = keyed.filter(~pl.col(PARTITION).is_in(keys) | pl.col(PARTITION).is_null())
        if stray.height:
            raise DataError(
                f"{stray.height} rows of {set_name!r} lie outside the {grain.noun}s {keys[0]} to {keys[-1]}.",
                cure=f"Write each row in the UTC {grain.noun} of its event_time.",
            )
        told = {} if definition is None else recorded(keys, frame.height, definition, seconds)
        self._replace("features", set_name, keys, keyed, definition.hash if definition else "", told)

    def scan(self, set_name: str, start: datetime, end: datetime, version: int | None = None) -> pl.LazyFrame:
        """Return a set's rows with start ≤ event_time < end, as of a version of the table (default: newest).

        Raises:
            UnknownNameError: the set was never written.
        """
        self._table("features", set_name)
        first, last = (HOURLY.key(HOURLY.holding(each)) for each in (start, end))
        frame = pl.scan_delta(str(self._path("features", set_name)), version=version)
        # A day's key sorts before those of its hours, so the first day itself is named.
        day = DAILY.key(DAILY.holding(start))
        in_days = ((pl.col(PARTITION) >= first) | (pl.col(PARTITION) == day)) & (pl.col(PARTITION) <= last)
        in_span = (pl.col("event_time") >= start) & (pl.col("event_time") < end)
        return frame.filter(in_days).filter(in_span).drop(PARTITION, DEFINITION, strict=False)

    def files(self, set_name: str) -> dict[str, list[Path]]:
        """Return the Parquet files of each partition of a set, for readers that take files rather than tables.

        Raises:
            UnknownNameError: the set was never written.
        """
        self._table("features", set_name)
        return partition_files(self._path("features", set_name))

    def days(self, set_name: str) -> set[date]:
        """Return the days that were written, empty ones included; of hours the days that are whole."""
        return set(self.stored_days(set_name))

    def stored_days(self, set_name: str, grain: Grain = DAILY) -> dict[date, StoredDay]:
        """Return what is known of each partition of a grain, read from the table's log.

        A day that was stored whole is there as its hours, and so is a day of which every hour was stored alike.
        """
        path = self._path("features", set_name)
        return stored_in(path, grain) if DeltaTable.is_deltatable(str(path)) else {}

    def spent(self, set_name: str, grain: Grain = DAILY) -> Spent:
        """Return what the latest recorded backfills of a set took, counted in partitions of a grain."""
        path = self._path("features", set_name)
        return spent(path, grain) if DeltaTable.is_deltatable(str(path)) else Spent()

    def stamps(self, kind: str, name: str) -> dict[str, str]:
        """Return a text for each partition that changes whenever its rows are replaced; none of an unknown table."""
        path = self._path(kind, name)
        return stamps(path) if DeltaTable.is_deltatable(str(path)) else {}

    def written_at(self, set_name: str, grain: Grain = DAILY) -> dict[date, datetime]:
        """Return when each day was last written, UTC, by the clock of the machine that wrote it."""
        path = self._path("features", set_name)
        return written_in(path, grain) if DeltaTable.is_deltatable(str(path)) else {}

    def note(self, set_name: str, name: str, told: dict[str, Any]) -> None:
        """Remember something of a set beside its table, in place of what was noted under the name."""
        write_note(self._path("features", set_name), name, told)

    def noted(self, set_name: str, name: str) -> dict[str, Any]:
        """Return what was noted of a set; empty where nothing was, or nobody can read it."""
        return read_note(self._path("features", set_name), name)

    def version(self, set_name: str) -> int:
        """Return the number of a set's last commit, −1 before the first."""
        path = str(self._path("features", set_name))
        return int(DeltaTable(path).version()) if DeltaTable.is_deltatable(path) else -1

    def write_partition(
        self, kind: str, name: str, partition_key: str, frame: pl.DataFrame, made_of: str = ""
    ) -> None:
        """Replace one partition of a table in one commit, rows in the frame's order, made of a definition's hash.

        Raises:
            DefinitionError: the frame has a column called `partition`, or the kind is unknown.
            SchemaError: a column has another type than before.
            ConflictError: others kept committing first.
        """
        if PARTITION in frame.columns:
            raise DefinitionError(
                f"{name!r} has a column {PARTITION!r}.", cure="Rename it: the store uses it."
            )
        keyed = frame.with_columns(pl.lit(partition_key).alias(PARTITION))
        self._replace(kind, name, [partition_key], keyed, made_of)

    def made_of(self, kind: str, name: str) -> dict[str, str | None]:
        """Return the hash that each partition was written with, None where it was written without."""
        path = self._path(kind, name)
        return made_of(path) if DeltaTable.is_deltatable(str(path)) else {}

    def read_partition(self, kind: str, name: str, partition_key: str) -> pl.DataFrame:
        """Return one partition, rows as they were written.

        Raises:
            UnknownNameError: the table or the partition was never written.
        """
        return self.read_partitions(kind, name, [partition_key])

    def read_partitions(
        self, kind: str, name: str, partition_keys: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return partitions one after another in order of their keys; by default all.

        Raises:
            UnknownNameError: the table or a partition was never written.
        """
        known = self.partitions(kind, name)
        if not known:
            self._table(kind, name)
        wanted = known if partition_keys is None else sorted(set(partition_keys))
        for key in wanted:
            if key not in known:
                raise UnknownNameError(f"partition of {kind}/{name}", key, known)
        table = pl.scan_delta(str(self._path(kind, name)))
        own = [PARTITION, DEFINITION]
        parts = [table.filter(pl.col(PARTITION) == key).drop(own, strict=False) for key in wanted]
        frames = pl.collect_all([_without_marker(part) for part in parts])
        return pl.concat(frames) if frames else table.drop(own, strict=False).limit(0).collect()

    def partitions(self, kind: str, name: str) -> list[str]:
        """Return the keys of the partitions that were written, sorted; none for an unknown table."""
        path = str(self._path(kind, name))
        if not DeltaTable.is_deltatable(path):
            return []
        return sorted({str(each[PARTITION]) for each in DeltaTable(path).partitions()})

    def _replace(
        self,
        kind: str,
        name: str,
        keys: Sequence[str],
        frame: pl.DataFrame,
        made_of: str = "",
        metadata: dict[str, str] | None = None,
    ) -> None:
        path = str(self._path(kind, name))
        rows = _with_markers(storable(frame, f"{kind}/{name}"), keys)
        if made_of:
            # First, since Delta keeps statistics of the leading columns only, and partitions are told apart by them.
            rows = rows.select(pl.lit(made_of).alias(DEFINITION), pl.all())
        for attempt in range(ATTEMPTS):
            try:
                commit(path, kind, rows, keys, made_of, metadata or {})
                return
            except CommitFailedError:
                time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 6)))
            except (DeltaError, OSError) as error:
                # Two first writers of one table: the slower finds the log begun.
                if "already exists" not in str(error):
                    raise StoreError(
                        f"{kind}/{name} cannot be written: {error}.",
                        cure="The commit before stands. Make room where the disk is full, and run it again.",
                    ) from error
                time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 6)))
        raise ConflictError(
            f"{kind}/{name}: others committed first, {ATTEMPTS} times.",
            cure="Write from fewer processes at once.",
        )

    def _table(self, kind: str, name: str) -> None:
        if not DeltaTable.is_deltatable(str(self._path(kind, name))):
            folder = self.root / kind
            known = [each.name for each in folder.iterdir()] if folder.is_dir() else []
            raise UnknownNameError(f"table in {kind}", name, known)

    def _path(self, kind: str, name: str) -> Path:
        if kind not in KINDS:
            raise UnknownNameError("kind of offline table", kind, KINDS)
        return self.root / kind / check_name("table", name)


def _with_markers(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Append one row of nulls for each partition that has no row."""
    empty = sorted(set(keys) - set(frame[PARTITION].unique().to_list()))
    if not empty:
        return frame
    return pl.concat([frame, pl.DataFrame({PARTITION: empty})], how="diagonal")


def _without_marker(frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))
