"""The commonest values, by Misra and Gries: counters that lose together, merged after Agarwal and others.

Of more than COUNTERS values the (COUNTERS + 1)-th largest count is taken from all, and who has nothing left is
dropped. What was taken in all is kept: a value's true count lies in [count, count + error], and error is at most
n / (COUNTERS + 1), so that no value with a larger share is ever missed, whatever was merged in which order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

COUNTERS = 64
# A longer text is cut: a profile is no place for documents.
LONGEST = 120


@dataclass(frozen=True)
class TopValues:
    """Counts by value as text, and by how much each may be too low."""

    counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    error: int = 0

    @classmethod
    def of(cls, values: pl.Series) -> TopValues:
        """Return the state of a column; nulls count for nothing."""
        present = values.drop_nulls()
        if not len(present):
            return cls()
        if present.dtype.is_nested() or isinstance(present.dtype, pl.Binary):
            present = pl.Series([repr(value) for value in present.to_list()], dtype=pl.String)
        counted = present.alias("value").value_counts(name="count")
        counted = counted.sort("count", descending=True)
        most = counted["count"][min(COUNTERS, counted.height - 1)] if counted.height > COUNTERS else 0
        kept = counted.filter(pl.col("count") > most)
        kept = kept.with_columns(value=as_text(kept["value"]))
        found: dict[str, int] = {}
        for value, count in kept.iter_rows():
            short = shortened(value)
            found[short] = found.get(short, 0) + int(count) - int(most)
        return cls(dict(sorted(found.items())), int(most))

    def largest(self, limit: int = 10) -> list[tuple[str, int]]:
        """Return the values with the most counts, equal counts in order of their text."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


def as_text(values: pl.Series) -> pl.Series:
    """Return each value as the text that stands for it."""
    return values.dt.to_string("iso") if isinstance(values.dtype, pl.Duration) else values.cast(pl.String)


def shortened(value: str) -> str:
    """Return the text as it is kept."""
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def merge_top(states: Sequence[TopValues]) -> TopValues:
    """Return the state of all columns' values together."""
    counts: dict[str, int] = {}
    for each in states:
        for value, count in each.counts.items():
            counts[value] = counts.get(value, 0) + count
    error = sum(each.error for each in states)
    if len(counts) > COUNTERS:
        most = sorted(counts.values(), reverse=True)[COUNTERS]
        counts = {value: count - most for value, count in counts.items() if count > most}
        error += most
    return TopValues(dict(sorted(counts.items())), error)
