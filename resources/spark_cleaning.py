"""Cleaning that is larger than a machine: raw rows go to Spark's tasks, and `clean` cleans them as everywhere.

1. What must be seen together goes to one task: all rows of an event id, of an entity's key, by their hash. Events
   without an id are cleaned where they are read.
2. A task cleans its rows and writes them to a file for each UTC day; the driver is told how many there are.
3. Days are committed to the offline store one after another, as a backfill in one process commits them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import polars as pl

from bighead.pipeline_lib.expressions import derive
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource, EventSource
from bighead.pipeline_lib.point_in_time.clean import TIME, clean
from bighead.pipeline_lib.point_in_time.key_hash import key_buckets
from bighead.resources.spark_blocks import BLOCKS, Batches, Block, raised, received, sending
from bighead.resources.spark_counts import Work, split
from bighead.resources.spark_inputs import Frames, Input
from bighead.resources.spark_session import mapped, slots

_ROW = "__row"


@dataclass(frozen=True)
class CleanedDays:
    """Cleaned rows in files by UTC day; `rows` counts them, without days that have none."""

    folder: Path
    rows: dict[date, int]
    schema: pl.Schema

    def scan(self, days: Sequence[date]) -> pl.LazyFrame:
        """Return the rows of some days, lazily."""
        files = [file for day in days for file in sorted((self.folder / day.isoformat()).glob("*.parquet"))]
        return pl.scan_parquet(files, glob=False) if files else self.schema.to_frame().lazy()


def clean_days(
    raw: Input, feature_set: FeatureSet, start: datetime, end: datetime, folder: Path
) -> CleanedDays:
    """Clean raw rows with start ≤ event_time < end (UTC) into files under `folder`, which every task reaches.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean`; counts that they tell are those of one task.
    """
    folder.mkdir(parents=True, exist_ok=True)
    schema = clean(raw.schema.to_frame(), feature_set).schema
    none, together = raw.schema.to_frame(), _together(feature_set)

    def write(rows: pl.DataFrame) -> Iterator[Block]:
        cleaned = clean(rows, feature_set, start, end)
        for (day,), some in cleaned.group_by(pl.col(TIME).dt.date()):
            place = folder / f"{day}"
            place.mkdir(exist_ok=True)
            name = uuid4().hex
            some.write_parquet(place / f".{name}.partial")
            yield Block(0, 0, json.dumps([str(day), some.height, name]).encode())

    def received_rows(batches: Batches) -> Iterator[Block]:
        yield from write(pl.concat([none, *(raised(block).frame for block in received(batches))]))

    def read_rows(frames: Frames) -> Iterator[Block]:
        for frame in frames:
            yield from write(frame)

    if together:
        parts = 2 * slots(raw.session)
        dealt = raw.stage(list(raw.schema), _dealt(feature_set, together, parts))
        work = dealt.repartitionById(parts, "part")
        told = mapped(work, sending(received_rows), BLOCKS).collect()
    else:
        told = raw.stage(list(raw.schema), read_rows).collect()
    return CleanedDays(folder, _kept(folder, [Block(*each) for each in told]), schema)


def _kept(folder: Path, told: Sequence[Block]) -> dict[date, int]:
    """Give their names to the files that were told of: a task that ran twice left others behind."""
    rows: dict[date, int] = {}
    for block in told:
        day, count, name = json.loads(raised(block).data)
        (folder / day / f".{name}.partial").replace(folder / day / f"{name}.parquet")
        rows[date.fromisoformat(day)] = rows.get(date.fromisoformat(day), 0) + int(count)
    return rows


def _together(feature_set: FeatureSet) -> list[str]:
    """Return the columns whose equal values must be cleaned together."""
    source = feature_set.source
    if isinstance(source, EventSource):
        return [source.event_id] if source.event_id else []
    return list(feature_set.keys)


def _dealt(feature_set: FeatureSet, together: Sequence[str], parts: int) -> Work:
    source, where = feature_set.source, f"the source of {feature_set.name!r}"
    assert not isinstance(source, CalendarSource)

    def work(frames: Frames) -> Iterator[Block]:
        for frame in frames:
            # The id may be derived; what is sent is the raw row, for `clean` derives it again.
            condition = None if source.mutations is not None else source.where
            made = derive(frame.with_row_index(_ROW).lazy(), where, source.select, condition)
            ids = made.select(_ROW, *together).collect()
            found = key_buckets([ids[name] for name in together], parts)
            yield from split(frame, ids[_ROW].to_numpy().astype(np.int64), found, 0)

    return work
