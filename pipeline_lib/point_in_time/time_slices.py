"""One partition's questions cut by time, for a partition whose rows are more than may be held: a hot key's.

A key's rows cannot be dealt further, but a question sees no more than its windows reach. So questions that
follow one another are answered from the rows between the first one's reach and the last one's time:

1. The rows' times are counted in at most 4,096 spans of equal length, in one pass.
2. All questions, by time, are halved until the rows that a half reaches fit, by these counts.
3. Halving ends where it no longer helps: where a half reaches less than twice what its middle question does. So
   no row is read much oftener than twice, and unbounded windows, which always reach everything, are not cut.

What holds: beside the questions' times, a slice holds the rows of one reach, or twice these; other rows never.
Rows of one key within one reach are the least that exact answers need at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from bighead.pipeline_lib.point_in_time.clean import TIME

_SPANS = 4_096
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Histogram:
    """How many rows lie before the end of each span of `length` µs, from `first` on."""

    first: int
    length: int
    until: Counts

    @classmethod
    def of(cls, rows: pl.LazyFrame) -> Histogram:
        """Count a frame's rows by event_time."""
        at = pl.col(TIME).dt.epoch("us")
        first, last = rows.select(at.min(), at.max().alias("last")).collect(engine="streaming").row(0)
        if first is None:
            return cls(0, 1, np.zeros(1, np.int64))
        length = (last - first) // _SPANS + 1
        place = ((at - first) // length).alias("place")
        found = rows.select(place).group_by("place").len().collect(engine="streaming")
        counts = np.zeros((last - first) // length + 1, np.int64)
        counts[found["place"].to_numpy()] = found["len"].to_numpy()
        return cls(first, length, counts.cumsum())

    def between(self, start: int, end: int) -> int:
        """Return at least how many rows lie in [start, end], in whole spans."""
        low = (start - self.first) // self.length - 1
        high = min((end - self.first) // self.length, len(self.until) - 1)
        if high < 0:
            return 0
        return int(self.until[high]) - (int(self.until[min(low, high)]) if low >= 0 else 0)


def cut(times: Counts, reach: int | None, rows: Histogram, most: float) -> Iterator[tuple[int, int]]:
    """Return ranges of the sorted `times` (µs), in order, of which each reaches `most` rows where that can be."""
    waiting = [(0, len(times))] if len(times) else []
    while waiting:
        low, high = waiting.pop()
        middle = (low + high) // 2
        if reach is None or high - low < 2:
            yield low, high
            continue
        held = rows.between(int(times[low]) - reach, int(times[high - 1]))
        least = rows.between(int(times[middle]) - reach, int(times[middle]))
        if held <= most or held <= 2 * least:
            yield low, high
        else:
            waiting += [(middle, high), (low, middle)]
