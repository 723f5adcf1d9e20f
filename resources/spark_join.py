"""A join that is larger than a machine: rows and questions dealt by key over Spark's tasks, joined by the same kernel.

1. For each use of a set both sides are counted by bucket of their key, and buckets are packed into parts; a hot key
   is cut by time (`spark_counts`, `point_in_time.dealing`).
2. Rows and questions are dealt to the parts in blocks of Arrow, and Spark shuffles the blocks: what belongs together
   meets in one call of `mapInArrow`, and `values_at` joins it, as it joins everything else.
3. The answers, by the numbers of their questions, meet the left rows in blocks of numbers that follow one another:
   one row a left row, duplicates kept, in order within a block.

A task holds its part with its answers; where the part takes more than its share of memory, `partition_join` answers
its questions some at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource
from bighead.pipeline_lib.point_in_time import JoinReport, values_at
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.large_join import added
from bighead.pipeline_lib.point_in_time.memory import width
from bighead.pipeline_lib.point_in_time.partition_join import NUMBER, Use
from bighead.resources.spark_blocks import BLOCKS, Batches, Block, raised, received, report_of, sending
from bighead.resources.spark_counts import Side, dealt, gathered, planned, split
from bighead.resources.spark_inputs import Frames, Input
from bighead.resources.spark_session import mapped, slots
from bighead.resources.spark_types import arrow_batches, spark_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# What is smaller than this is not worth a task of its own.
LEAST_PART = 16 << 20
_LARGEST_BLOCK = 1 << 20


@dataclass(frozen=True)
class SparkJoin:
    """A join of uses onto `height` left rows, which have a `__number` (Int64); `rows` by the name of their set.

    `memory` is what a task may take, in bytes; `least_part` what is worth a task.
    """

    left: Input
    height: int
    timestamp: str
    refs: Sequence[FeatureRef]
    rows: Mapping[str, Input]
    memory: int
    least_part: int = LEAST_PART

    def write(self, target: Path, columns: Sequence[str]) -> list[JoinReport]:
        """Write the left `columns` and the features to `target`/00000.parquet …, in the order of their numbers.

        Every task must reach `target` under this path. A file is there whole or not at all.

        Raises:
            SchemaError: a key column lacks or cannot be compared.
            EventTimeError: a question's time is null or naive.
        """
        target.mkdir(parents=True, exist_ok=True)
        names, refs, timestamp = list(columns), self.refs, self.timestamp
        reports = [JoinReport() for _ in refs]
        if not self.height:
            self._schema(names).to_frame().write_parquet(target / "00000.parquet")
            return reports

        def work(batches: Batches) -> Iterator[Block]:
            for part, frame, told in _assembled(batches, names, refs, timestamp):
                if frame is not None:
                    partial = target / f".{part:05}.{uuid4().hex}.partial"
                    frame.write_parquet(partial)
                    partial.replace(target / f"{part:05}.parquet")
                yield from told

        for part, side, data in mapped(self._met(names), sending(work), BLOCKS).collect():
            use, met = report_of(raised(Block(part, side, bytes(data))))
            reports[use] = added(reports[use], met)
        return reports

    def frame(self, columns: Sequence[str]) -> DataFrame:
        """Return the left `columns`, the features and `__number`, by which they stand in the order of the left rows.

        Raises:
            SchemaError, EventTimeError: as `write`; what only the join itself meets is raised by the task.
        """
        names, refs, timestamp = [*dict.fromkeys([*columns, NUMBER])], self.refs, self.timestamp
        schema = spark_schema(self._schema(names))

        def work(batches: Batches) -> Batches:
            for _, frame, _ in _assembled(batches, names, refs, timestamp):
                if frame is not None:
                    yield from arrow_batches(frame, schema)

        return mapped(self._met(names), work, schema)

    def _met(self, columns: Sequence[str]) -> DataFrame:
        """Return the left rows and all answers as blocks, those of one block of numbers in one task."""
        count = self._blocks()
        size = -(-self.height // count) or 1
        needed = list(dict.fromkeys([*columns, NUMBER, self.timestamp]))

        def work(frames: Frames) -> Iterator[Block]:
            for frame in frames:
                yield from split(frame, np.arange(frame.height), _block(frame, size, count), 0)

        sides = [self.left.stage(needed, work)]
        for place, ref in enumerate(self.refs):
            if not isinstance(ref.set.source, CalendarSource):
                sides.append(self._answers(ref, place, size, count))
        return reduce(lambda one, other: one.union(other), sides).repartitionById(count, "part")

    def _answers(self, ref: FeatureRef, place: int, size: int, count: int) -> DataFrame:
        """Return the answers of one use, as blocks of side `place` + 1."""
        rows = self.rows[ref.set.name]
        asked, held = self.left.sample(), rows.sample()
        use = Use.of(ref, held.lazy(), asked.lazy(), self.timestamp)
        needed = [NUMBER, *(name for name in use.questions.collect_schema() if name != NUMBER)]
        share = self.memory / 2
        deal = planned(use, rows, self.left, share, self.least_part, slots(self.left.session))
        days = _snapshots(ref, rows)
        empty = asked.clear().select(needed), held.clear()
        lean = replace(use, rows=empty[1].lazy(), questions=empty[0].lazy())

        def work(batches: Batches) -> Iterator[Block]:
            sides: list[list[pl.DataFrame]] = [[empty[1]], [empty[0]]]
            for block in received(batches):
                sides[raised(block).side].append(block.frame)
            seen, questions = (pl.concat(each) for each in sides)
            for values, met in lean.join(questions.lazy(), seen.lazy(), days, share):
                yield from split(values, np.arange(values.height), _block(values, size, count), place + 1)
                yield Block.report(place, met)

        ours = rows.stage(list(rows.schema), dealt(Side.rows(use), deal))
        theirs = self.left.stage(needed, dealt(Side.questions(use), deal))
        return mapped(ours.union(theirs).repartitionById(deal.parts, "part"), sending(work), BLOCKS)

    def _blocks(self) -> int:
        answers = sum(len(ref.columns()) for ref in self.refs)
        row = width(self.left.sample().lazy()) + 3 * 9 * answers
        size = min(_LARGEST_BLOCK, max(int(self.memory / 4 / row), 1))
        return max(-(-self.height // size), min(slots(self.left.session), -(-self.height // 1_024)), 1)

    def _schema(self, columns: Sequence[str]) -> pl.Schema:
        """Return what the join gives, told by the join of nothing."""
        left = self.left.schema.to_frame().with_columns(pl.col(self.timestamp))
        frames = [left.select(columns)]
        for ref in self.refs:
            rows = self.rows[ref.set.name].schema.to_frame() if ref.set.name in self.rows else pl.DataFrame()
            frames.append(values_at(left, ref, rows, self.timestamp)[0])
        return pl.concat(frames, how="horizontal").schema


def _block(frame: pl.DataFrame, size: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    # Numbers that count rows one by one fill block after block; others are at least dealt alike everywhere.
    return (frame[NUMBER].cast(pl.Int64).to_numpy() // size) % count


def _snapshots(ref: FeatureRef, rows: Input) -> pl.DataFrame | None:
    """Return the times of an entity's snapshots, which every part must know; None of other sources."""
    source = ref.set.source
    if not isinstance(source, EntitySource) or source.retracts:
        return None

    def work(frames: Frames) -> Iterator[Block]:
        found = [frame.unique() for frame in frames]
        if found:
            yield Block.of(0, 0, pl.concat(found).unique())

    none = rows.schema.to_frame().select(TIME, KNOWN)
    return pl.concat([none, *(frame for _, frame in gathered(rows.stage([TIME, KNOWN], work)))]).unique()


Assembled = tuple[int, pl.DataFrame | None, list[Block]]


def _assembled(
    batches: Batches, columns: Sequence[str], refs: Sequence[FeatureRef], timestamp: str
) -> Iterator[Assembled]:
    """Yield the number of a task's block, its rows in order with all features, and the reports that came along."""
    told: list[Block] = []
    sides: dict[int, list[pl.DataFrame]] = {}
    part = 0
    for block in received(batches):
        if raised(block).side < 0:
            told.append(block)
        else:
            part = block.part
            sides.setdefault(block.side, []).append(block.frame)
    if not sides:
        yield part, None, told
        return
    left = pl.concat(sides[0]).sort(NUMBER)
    frames = [left.select(columns)]
    for place, ref in enumerate(refs):
        if isinstance(ref.set.source, CalendarSource):
            values, met = values_at(left, ref, pl.DataFrame(), timestamp)
            told.append(Block.report(place, met))
        else:
            found = pl.concat(sides.get(place + 1, [pl.DataFrame({NUMBER: []})])).sort(NUMBER)
            if not found[NUMBER].equals(left[NUMBER], check_names=False):
                raise DataError(f"{left.height} questions have {found.height} answers of {ref.set.name!r}.")
            values = found.drop(NUMBER)
        frames.append(values)
    yield part, pl.concat(frames, how="horizontal"), told
