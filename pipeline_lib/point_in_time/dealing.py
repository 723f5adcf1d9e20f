"""Where rows and questions go when a join is dealt over machines: parts of about one size, hot keys cut by time.

1. Keys are hashed into 4,096 buckets, and both sides are counted by bucket.
2. Buckets are packed into parts of about `most` bytes, the largest first.
3. A bucket that alone takes more is hot. Its questions are cut by time, by counts in spans of equal length: each
   slice is a part of its own, and a row goes to every slice that can see it.
4. Cutting ends where it no longer helps: where a slice reaches less than twice what its middle does, and holds
   fewer questions than rows. So a row goes to about three slices at most; windows that reach everything copy rows only
   as long as the questions outweigh them.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

BUCKETS, SPANS = 4_096, 1_024
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Weight:
    """Bytes that a row and a question take in a join, and how many should meet in one part."""

    row: float
    question: float
    most: float

    def of(self, rows: Whole, questions: Whole) -> npt.NDArray[np.float64]:
        """Return the bytes of so many rows and questions."""
        return np.asarray(rows * self.row + questions * self.question, np.float64)


@dataclass(frozen=True)
class Deal:
    """`part_of` a bucket, that of its first slice where it is hot; `slices` of hot buckets, [start, end) in µs.

    A question at t sees rows from t − `reach` (µs) on, all earlier ones where it is None.
    """

    part_of: Whole
    parts: int
    reach: int | None = None
    slices: Mapping[int, Whole] = field(default_factory=dict)

    def questions(self, buckets: Whole, times: Whole) -> Whole:
        """Return the part of each question, given its bucket and its time (µs)."""
        parts = self.part_of[buckets]
        for hot, slices in self.slices.items():
            here = buckets == hot
            parts[here] += np.searchsorted(slices[1:, 0], times[here], side="right")
        return parts

    def rows(self, buckets: Whole, times: Whole) -> tuple[Whole, Whole]:
        """Return places of rows and the part each goes to: a hot one may go to several, or to none."""
        if not self.slices:
            return np.arange(len(buckets)), self.part_of[buckets]
        cold = np.flatnonzero(~np.isin(buckets, list(self.slices)))
        places, parts = [cold], [self.part_of[buckets[cold]]]
        for hot, slices in self.slices.items():
            here = np.flatnonzero(buckets == hot)
            at = times[here]
            for number, (start, end) in enumerate(slices.tolist()):
                seen = at < end if self.reach is None else (at < end) & (at >= start - self.reach)
                places.append(here[seen])
                parts.append(np.full(int(seen.sum()), self.part_of[hot] + number))
        return np.concatenate(places), np.concatenate(parts)


def hot_buckets(rows: Whole, questions: Whole, weight: Weight) -> list[int]:
    """Return the buckets that alone take more than a part should, and are asked for."""
    too_much = weight.of(rows, questions) > weight.most
    return [int(each) for each in np.flatnonzero(too_much & (questions > 0))]


def packed(
    rows: Whole, questions: Whole, weight: Weight, slices: Mapping[int, Whole], reach: int | None
) -> Deal:
    """Pack the buckets of both sides' counts into parts; the slices of hot ones come behind them."""
    bytes_of = weight.of(rows, questions)
    cold = [n for n in np.argsort(-bytes_of, kind="stable").tolist() if n not in slices]
    count = min(max(len(cold), 1), int(bytes_of[cold].sum() // weight.most) + 1)
    part_of = np.zeros(len(rows), np.int64)
    lightest = [(0.0, part) for part in range(count)]
    for bucket in cold:
        held, part = heapq.heappop(lightest)
        part_of[bucket] = part
        heapq.heappush(lightest, (held + float(bytes_of[bucket]), part))
    for hot, cut in slices.items():
        part_of[hot] = count
        count += len(cut)
    return Deal(part_of, count, reach, dict(slices))


@dataclass(frozen=True)
class Spans:
    """How many rows and questions of a hot bucket lie in each of `SPANS` spans of `length` µs from `first` on."""

    first: int
    length: int
    rows: Whole
    questions: Whole

    @classmethod
    def between(cls, first: int, last: int) -> Spans:
        """Return spans without counts that cover [first, last]."""
        return cls(first, (last - first) // SPANS + 1, np.zeros(SPANS, np.int64), np.zeros(SPANS, np.int64))

    def places(self, times: Whole) -> Whole:
        """Return the span of each time (µs)."""
        return np.asarray((times - self.first) // self.length, np.int64)

    def slices(self, reach: int | None, weight: Weight) -> Whole:
        """Return [start, end) in µs of the slices into which the questions are cut, in order; each has some."""
        until = np.concatenate([[0], self.questions.cumsum()])
        waiting, found = [(0, SPANS)], []
        while waiting:
            low, high = self._trimmed(*waiting.pop())
            if low == high:
                continue
            own, middle = int(until[high] - until[low]), self._middle(until, low, high)
            held, least = self._seen(low, high, reach), self._seen(middle, middle + 1, reach)
            fits = held * weight.row + own * weight.question <= weight.most
            helps = held > 2 * least or own * weight.question > max(weight.most, held * weight.row)
            if fits or high - low < 2 or not helps:
                found.append((low, high))
            else:
                waiting += [(middle, high), (low, middle)]
        return np.array(found, np.int64).reshape(-1, 2) * self.length + self.first

    def _trimmed(self, low: int, high: int) -> tuple[int, int]:
        """Return a range of spans without those at its ends in which nothing is asked."""
        asked = np.flatnonzero(self.questions[low:high])
        return (low + int(asked[0]), low + int(asked[-1]) + 1) if len(asked) else (low, low)

    def _middle(self, until: Whole, low: int, high: int) -> int:
        """Return the span in which the middle question of a range lies, so that neither half is empty."""
        half = (until[low] + until[high]) // 2
        return min(max(int(np.searchsorted(until, half, side="right")) - 1, low + 1), high - 1)

    def _seen(self, low: int, high: int, reach: int | None) -> int:
        """Return at least how many rows questions in the spans from `low` to before `high` can see."""
        if reach is None:
            return int(self.rows[:high].sum())
        return int(self.rows[max(low - reach // self.length - 1, 0) : high].sum())
