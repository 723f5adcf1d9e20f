"""Step 3 of 9 where it does not fit into memory: the same answers, joined partition by partition.

1. The left rows are numbered. For each use of a set, the keys and times of its questions stream into partitions
   by a hash of the key, and the set's cleaned rows into partitions of the same numbers (`spilling`).
2. A partition is small enough to be joined by `values_at`, as everything else is. One that is not, since a key
   is hot, is cut by time (`time_slices`), and its questions by their number besides.
3. The answers are dealt to blocks of left rows that follow one another, as few as fit.
4. Block by block they are put into the order of the left rows, beside the left columns, and written: a Parquet
   file a block.

What is held at once: one partition or slice with its answers, or one block: about half the budget, so that the
other half is there for what a guess was wrong by. The streams hold some rows of each partition besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.point_in_time.join import JoinReport, values_at
from bighead.pipeline_lib.point_in_time.memory import Memory, width
from bighead.pipeline_lib.point_in_time.partition_join import NUMBER, Use
from bighead.pipeline_lib.point_in_time.spilling import MOST_PARTITIONS, deal, height

_MOST_BLOCKS, _LARGEST_BLOCK = 256, 1 << 20


@dataclass(frozen=True)
class LargeJoin:
    """A join of uses onto left rows whose times are UTC µs; `uses` has None for a calendar, which has no rows."""

    left: pl.LazyFrame
    timestamp: str
    refs: Sequence[FeatureRef]
    uses: Sequence[Use | None]
    rows: int
    memory: Memory

    @classmethod
    def of(
        cls,
        left: pl.LazyFrame,
        timestamp: str,
        refs: Sequence[FeatureRef],
        rows: Mapping[str, pl.LazyFrame],
        memory: Memory,
    ) -> LargeJoin:
        """Take the left rows, and by the name of each set the cleaned rows that they can see.

        Raises:
            SchemaError: a key column has a type that cannot be compared.
        """
        uses = [
            None
            if isinstance(ref.set.source, CalendarSource)
            else Use.of(ref, rows[ref.set.name], left, timestamp)
            for ref in refs
        ]
        return cls(left, timestamp, refs, uses, height(left), memory)

    @property
    def is_large(self) -> bool:
        """Whether the join in memory would take more than the budget, about."""
        costs = [use.cost.of(use.held, self.rows) for use in self.uses if use is not None]
        return sum(costs) > self.memory.budget

    def write(
        self, target: Path, columns: Sequence[str], folder: Path, parts: int | None = None
    ) -> list[JoinReport]:
        """Write the left `columns` and every use's features to `target`/00000.parquet …, in the left rows' order.

        A slice's report counts inputs that are not finite among the rows it read: two slices may count one.

        Args:
            target: The folder of the answers; it is made.
            columns: The left columns that stand before the features.
            folder: An empty folder for what is spilled.
            parts: How many partitions; by default as many as the budget asks for.

        Returns:
            A report for each use.

        Raises:
            SchemaError: as `values_at`.
        """
        block = self._block()
        places = [folder / f"answers_{number}" for number in range(len(self.uses))]
        reports = [
            self._join(use, parts or self._parts(), block, folder, place)
            for use, place in zip(self.uses, places, strict=True)
        ]
        target.mkdir(parents=True, exist_ok=True)
        for number in range(-(-self.rows // block)):
            part = self.left.slice(number * block, block).collect(engine="streaming")
            frames = [part.select(columns)]
            for at, (ref, use) in enumerate(zip(self.refs, self.uses, strict=True)):
                if use is not None:
                    frames.append(_in_order(places[at], number))
                    continue
                values, met = values_at(part, ref, pl.DataFrame(), self.timestamp)
                frames.append(values)
                reports[at] = added(reports[at], met)
            if {each.height for each in frames if each.width} - {part.height}:
                raise DataError(f"{part.height} questions have {[each.height for each in frames]} answers.")
            pl.concat(frames, how="horizontal").write_parquet(target / f"{number:05}.parquet")
        return reports

    def _join(self, use: Use | None, parts: int, block: int, folder: Path, answers: Path) -> JoinReport:
        """Deal a use's questions and rows, join each partition, and deal the answers to blocks."""
        report = JoinReport()
        if use is None:
            return report
        rows, days = use.deal_rows(parts, folder), use.snapshots()
        questions = use.deal_questions(parts, folder / f"questions_{answers.name}")
        for part in range(parts):
            found = use.join(questions.scan(part), rows.scan(part), days, self._share)
            for number, (values, met) in enumerate(found):
                by_block = (pl.col(NUMBER) // block).cast(pl.UInt32)
                deal(values.lazy(), by_block, answers / f"{part}_{number}")
                report = added(report, met)
        return report

    @property
    def _share(self) -> float:
        return self.memory.budget / 2

    def _parts(self) -> int:
        most = max((use.cost.of(use.held, self.rows) for use in self.uses if use is not None), default=0.0)
        return min(MOST_PARTITIONS, int(most // self._share) + 1)

    def _block(self) -> int:
        row = width(self.left) + 3 * sum(use.cost.answer for use in self.uses if use is not None)
        return min(_LARGEST_BLOCK, max(int(self._share / 2 / row), self.rows // _MOST_BLOCKS + 1))


def _in_order(answers: Path, block: int) -> pl.DataFrame:
    files = sorted(answers.glob(f"*/*={block}/*.ipc"))
    return pl.scan_ipc(files, hive_partitioning=False, glob=False).collect().sort(NUMBER).drop(NUMBER)


def added(one: JoinReport, other: JoinReport) -> JoinReport:
    """Return one report of two parts of a join."""
    non_finite, overflow = (
        {name: a.get(name, 0) + b.get(name, 0) for name in dict.fromkeys([*a, *b])}
        for a, b in ((one.non_finite, other.non_finite), (one.overflow, other.overflow))
    )
    return JoinReport(
        rows=one.rows + other.rows,
        matched_rows=one.matched_rows + other.matched_rows,
        null_keys=one.null_keys + other.null_keys,
        non_finite=non_finite,
        overflow=overflow,
    )
