"""How a use's rows and questions lie: counted by bucket of their key, and hot buckets by time, by Spark's tasks.

Each task counts what it reads and sends some kilobytes; the driver adds them up and plans the deal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import EntitySource
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.dealing import (
    BUCKETS,
    Deal,
    Spans,
    Weight,
    Whole,
    hot_buckets,
    packed,
)
from bighead.pipeline_lib.point_in_time.key_hash import key_buckets
from bighead.pipeline_lib.point_in_time.partition_join import Use
from bighead.pipeline_lib.point_in_time.times import check_question_times
from bighead.resources.spark_blocks import Block, raised
from bighead.resources.spark_inputs import Frames, Input

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Work = Callable[[Frames], Iterator[Block]]
_BUCKET, _AT, _ROWS, _FIRST, _LAST, _SPAN = "bucket", "at", "rows", "first", "last", "span"


@dataclass(frozen=True)
class Side:
    """Where the key and the time of one side of a use stand; `asks` tells the questions from the rows."""

    keys: Sequence[str]
    time: str
    types: Sequence[pl.DataType]
    asks: bool

    @classmethod
    def rows(cls, use: Use) -> Side:
        """The cleaned rows."""
        return cls(use.ref.set.keys, TIME, use.types, False)

    @classmethod
    def questions(cls, use: Use) -> Side:
        """The left rows."""
        return cls(use.ref.key_columns, use.timestamp, use.types, True)

    @property
    def columns(self) -> list[str]:
        """What must be read to know where a row goes."""
        return list(dict.fromkeys([*self.keys, self.time]))

    def place(self, frame: pl.DataFrame) -> tuple[Whole, Whole]:
        """Return the bucket and the time (µs) of each row of a frame.

        Raises:
            EventTimeError: a question's time is null or naive.
        """
        key = [frame[name].cast(dtype) for name, dtype in zip(self.keys, self.types, strict=True)]
        times = check_question_times(frame, self.time) if self.asks else frame[self.time]
        buckets = key_buckets(key, BUCKETS) if key else np.zeros(frame.height, np.int64)
        return buckets, times.cast(pl.Datetime("us", "UTC")).to_physical().to_numpy()


def planned(use: Use, rows: Input, questions: Input, share: float, least: float, parallel: int) -> Deal:
    """Count both sides of a use and plan their deal.

    A part takes at most `share` bytes where that can be, and about half of what would keep each of `parallel` tasks
    busy, but not less than `least`.
    """
    sides = ((Side.rows(use), rows), (Side.questions(use), questions))
    counted = _by_bucket(sides)
    held, asked = (_dense(each, _ROWS) for each in counted)
    whole = float(held.sum() * use.cost.row + asked.sum() * use.cost.question)
    most = min(share, max(whole / (2 * parallel), least))
    weight, reach = Weight(use.cost.row, use.cost.question, most), reach_of(use.ref)
    spans = {hot: _around(hot, counted) for hot in hot_buckets(held, asked, weight)}
    if spans:
        _fill(spans, sides)
    slices = {hot: each.slices(reach, weight) for hot, each in spans.items()}
    return packed(held, asked, weight, slices, reach)


def reach_of(ref: FeatureRef) -> int | None:
    """Return how many µs before a question its rows reach; None where any earlier one may count."""
    return None if isinstance(ref.set.source, EntitySource) else ref.set.max_window


def gathered(blocks: DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Return on the driver the frames that tasks sent, with their sides; an error that one met is raised.

    Raises:
        BigheadError: as the task.
    """
    for part, side, data in blocks.collect():
        yield side, raised(Block(part, side, bytes(data))).frame


Sides = Sequence[tuple[Side, Input]]


def _by_bucket(sides: Sides) -> list[pl.DataFrame]:
    """Count the buckets of each side, both in one job."""
    found: list[list[pl.DataFrame]] = [[] for _ in sides]
    for place, frame in gathered(_together(sides, _bucket_counts)):
        found[place].append(frame)
    return [_added(each) for each in found]


def _together(sides: Sides, work: Callable[[Side, int], Work]) -> DataFrame:
    stages = [given.stage(side.columns, work(side, place)) for place, (side, given) in enumerate(sides)]
    return reduce(lambda one, other: one.union(other), stages)


def _bucket_counts(side: Side, place: int) -> Work:
    def work(frames: Frames) -> Iterator[Block]:
        found = []
        for frame in frames:
            buckets, times = side.place(frame)
            at = pl.DataFrame({_BUCKET: buckets, _AT: times}).group_by(_BUCKET)
            found.append(
                at.agg(
                    pl.len().cast(pl.Int64).alias(_ROWS),
                    pl.col(_AT).min().alias(_FIRST),
                    pl.col(_AT).max().alias(_LAST),
                )
            )
        if found:
            yield Block.of(0, place, _added(found))

    return work


def _added(found: list[pl.DataFrame]) -> pl.DataFrame:
    none = pl.DataFrame(schema=dict.fromkeys([_BUCKET, _ROWS, _FIRST, _LAST], pl.Int64))
    return (
        pl.concat([none, *found])
        .group_by(_BUCKET)
        .agg(pl.col(_ROWS).sum(), pl.col(_FIRST).min(), pl.col(_LAST).max())
    )


def _dense(counted: pl.DataFrame, column: str) -> Whole:
    counts = np.zeros(BUCKETS, np.int64)
    counts[counted[_BUCKET].to_numpy()] = counted[column].to_numpy()
    return counts


def _around(hot: int, counted: Sequence[pl.DataFrame]) -> Spans:
    here = pl.concat([each.filter(pl.col(_BUCKET) == hot) for each in counted])
    return Spans.between(int(here[_FIRST].to_numpy().min()), int(here[_LAST].to_numpy().max()))


def _fill(spans: dict[int, Spans], sides: Sides) -> None:
    """Count the times of both sides by span, into `spans`."""

    def counting(side: Side, place: int) -> Work:
        def work(frames: Frames) -> Iterator[Block]:
            counts = {hot: np.zeros(len(each.rows), np.int64) for hot, each in spans.items()}
            for frame in frames:
                buckets, times = side.place(frame)
                for hot, each in spans.items():
                    counts[hot] += np.bincount(each.places(times[buckets == hot]), minlength=len(each.rows))
            yield Block.of(0, place, pl.DataFrame({str(hot): each for hot, each in counts.items()}))

        return work

    for place, frame in gathered(_together(sides, counting)):
        for hot, each in spans.items():
            target = each.questions if sides[place][0].asks else each.rows
            target += frame[str(hot)].to_numpy()


def dealt(side: Side, deal: Deal) -> Work:
    """Return what sends each row of a task's frames to its part: rows as side 0, questions as side 1."""

    def work(frames: Frames) -> Iterator[Block]:
        for frame in frames:
            buckets, times = side.place(frame)
            if side.asks:
                places, parts = np.arange(frame.height), deal.questions(buckets, times)
            else:
                places, parts = deal.rows(buckets, times)
            yield from split(frame, places, parts, int(side.asks))

    return work


def split(frame: pl.DataFrame, places: Whole, parts: Whole, side: int) -> Iterator[Block]:
    """Return the rows at `places` in a block for each of their `parts`, in the order in which they stand."""
    order = np.argsort(parts, kind="stable")
    sorted_parts, rows = parts[order], frame[places[order]]
    edges = [0, *(np.flatnonzero(np.diff(sorted_parts)) + 1).tolist(), len(sorted_parts)]
    for low, high in pairwise(edges):
        if high > low:
            yield Block.of(int(sorted_parts[low]), side, rows[low:high])
