"""One use of a set, partition by partition: its questions and the rows that they see, joined by `values_at`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import EntitySource
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.join import JoinReport, same_key_types, values_at
from bighead.pipeline_lib.point_in_time.memory import Cost, cost_of
from bighead.pipeline_lib.point_in_time.spilling import Dealt, by_key, deal, height
from bighead.pipeline_lib.point_in_time.time_slices import Histogram, cut

_log = logging.getLogger(__name__)
NUMBER = "__number"


@dataclass(frozen=True)
class Use:
    """One use of a set: its rows, and number, keys and time of its questions.

    `held` counts the rows, `cost` is what joining them takes, `types` are those in which keys meet.
    """

    ref: FeatureRef
    rows: pl.LazyFrame
    questions: pl.LazyFrame
    timestamp: str
    types: tuple[pl.DataType, ...]
    held: int
    cost: Cost

    @classmethod
    def of(cls, ref: FeatureRef, rows: pl.LazyFrame, left: pl.LazyFrame, timestamp: str) -> Use:
        """Bring rows and left rows together; times of these are UTC µs.

        Raises:
            SchemaError: a key column has a type that cannot be compared.
        """
        asked = left.select(list(dict.fromkeys([*ref.key_columns, timestamp]))).with_row_index(NUMBER)
        ours, theirs = rows.collect_schema().to_frame(), asked.collect_schema().to_frame()
        met, _ = same_key_types(ours, theirs.select(pl.col(c).alias(key) for key, c in ref.mapping), ref)
        types = tuple(_plain(met.schema[key]) for key in ref.set.keys)
        return cls(ref, rows, asked, timestamp, types, height(rows), cost_of(ref, rows, asked))

    @property
    def rows_name(self) -> str:
        """What tells its dealt rows from those of other uses: the set, and the types in which keys meet."""
        return "_".join([self.ref.set.name, *(str(each).split("(")[0] for each in self.types)])

    def deal_rows(self, parts: int, folder: Path) -> Dealt:
        """Deal the rows, unless another use of the set did."""
        place = folder / self.rows_name
        if place.exists():
            return Dealt(place, self.rows.collect_schema())
        keys = [pl.col(key).cast(dtype) for key, dtype in zip(self.ref.set.keys, self.types, strict=True)]
        return deal(self.rows, by_key(keys, parts), place)

    def deal_questions(self, parts: int, folder: Path) -> Dealt:
        """Deal the questions."""
        columns = zip(self.ref.key_columns, self.types, strict=True)
        key = [pl.col(name).cast(dtype) for name, dtype in columns]
        return deal(self.questions, by_key(key, parts), folder)

    def join(
        self, questions: pl.LazyFrame, rows: pl.LazyFrame, days: pl.DataFrame | None, share: float
    ) -> Iterator[tuple[pl.DataFrame, JoinReport]]:
        """Yield the numbers and values of a partition's questions, as many at once as fit into `share` bytes."""
        for asked, seen in self._slices(questions, rows, share):
            seen = seen if days is None else pl.concat([seen, days], how="diagonal")
            values, report = values_at(asked, self.ref, seen, self.timestamp)
            yield values.with_columns(asked[NUMBER]), report

    def snapshots(self) -> pl.DataFrame | None:
        """Return the times of an entity's snapshots as rows without a key; None of other sources.

        An older snapshot is not asked for a key that the newest one lacks, so every partition must know them all.
        """
        source = self.ref.set.source
        if not isinstance(source, EntitySource) or source.retracts:
            return None
        return self.rows.select(TIME, KNOWN).unique().collect(engine="streaming")

    def _slices(
        self, questions: pl.LazyFrame, rows: pl.LazyFrame, share: float
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        asked = questions.collect()
        fits = self.cost.of(height(rows), asked.height) <= share
        most = asked.height if fits else max(int(share / 2 / self.cost.question), 1)
        if fits or isinstance(self.ref.set.source, EntitySource):
            seen = rows.collect()
            # Without a question, too: the report tells of all rows.
            yield from ((some, seen) for some in ([asked] if fits else asked.iter_slices(most)))
            return
        asked, reach = asked.sort(self.timestamp), self.ref.set.max_window
        times = asked[self.timestamp]
        for low, high in cut(
            times.dt.epoch("us").to_numpy(), reach, Histogram.of(rows), share / 2 / self.cost.row
        ):
            seen = _within(rows, times[low : low + 1], times[high - 1 : high], reach)
            self._tell_if_too_large(seen.height, share)
            yield from ((some, seen) for some in asked[low:high].iter_slices(most))

    def _tell_if_too_large(self, rows: int, share: float) -> None:
        if rows * self.cost.row > 2 * share:
            _log.warning(
                "%s: questions of one partition reach %d rows at once, and joining them takes about %d MB;"
                " shorter windows, or more memory, would help",
                self.ref.set.name,
                rows,
                int(rows * self.cost.row / 1e6),
            )


def _within(rows: pl.LazyFrame, first: pl.Series, last: pl.Series, reach: int | None) -> pl.DataFrame:
    """Return the rows that questions between two times, Series of one, can see."""
    near = pl.col(TIME) <= pl.lit(last)
    if reach is not None:
        # A difference of times rather than a time, which a reach of centuries would leave.
        near &= pl.lit(first) - pl.col(TIME) <= timedelta(microseconds=reach)
    return rows.filter(near).collect(engine="streaming")


def _plain(dtype: pl.DataType) -> pl.DataType:
    # Categories of two tables are numbered apart; their texts are not.
    return pl.String() if isinstance(dtype, pl.Categorical | pl.Enum) else dtype
