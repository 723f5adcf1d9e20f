"""Quantiles of any number of floats in bounded memory, merged in any order, without chance.

1. Values lie in levels; one in level h stands for 2^h of them.
2. A level of CAPACITY values or more is sorted and halved: every second value moves a level up. The values that
   are kept are the odd and the even ones in turn, so that errors do not add up one way.
3. Each halving of level h shifts the rank of any value by at most 2^h. The sum of these is kept beside the
   levels: it bounds the error of this very state, whatever was merged into it and in which order.

A state of n values made at once errs by less than 2n/CAPACITY ranks; each doubling of n by merging adds at most
n/CAPACITY. Below CAPACITY values it is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

CAPACITY = 1024


@dataclass(frozen=True)
class Quantiles:
    """Sorted float64 by level, as bytes; how often each was halved, by parity; `error` in ranks."""

    levels: tuple[bytes, ...] = ()
    turns: tuple[int, ...] = ()
    error: int = 0

    @classmethod
    def of(cls, values: np.ndarray) -> Quantiles:
        """Return the state of finite floats, in any order."""
        return _compacted([np.asarray(values, np.float64)], [0], 0) if len(values) else cls()

    @cached_property
    def _weighted(self) -> tuple[np.ndarray, np.ndarray]:
        """The kept values, sorted, and how many values each and those before it stand for."""
        kept = [np.frombuffer(level, np.float64) for level in self.levels]
        if not kept:
            return np.empty(0), np.empty(0, np.int64)
        weights = np.concatenate([np.full(len(part), 1 << h) for h, part in enumerate(kept)])
        values = np.concatenate(kept)
        order = np.argsort(values, kind="stable")
        return values[order], np.cumsum(weights[order])

    @property
    def count(self) -> int:
        """The number of values."""
        return sum(len(level) // 8 << h for h, level in enumerate(self.levels))

    @property
    def rank_error(self) -> int:
        """By how many ranks a quantile may be off, at most; 0 where every value was kept."""
        return self.error + (1 << (len(self.levels) - 1)) if self.error else 0

    def quantile(self, q: float) -> float | None:
        """Return the value of rank ⌈q·n⌉, within `rank_error`; None of no values."""
        values, reached = self._weighted
        if not len(values):
            return None
        place = int(np.searchsorted(reached, max(q * reached[-1], 1) - 1e-9))
        return float(values[min(place, len(values) - 1)])

    def ranks(self, points: Sequence[float]) -> np.ndarray:
        """Return how many values are ≤ each point, as integers within `error`."""
        values, reached = self._weighted
        up_to = np.concatenate([[0], reached])
        found: np.ndarray = up_to[np.searchsorted(values, np.asarray(points, float), side="right")]
        return found


def merge_quantiles(states: Sequence[Quantiles]) -> Quantiles:
    """Return the state of all values together; of many at once it errs less than one after another."""
    height = max((len(each.levels) for each in states), default=0)
    if not height:
        return Quantiles()
    levels, turns = [], []
    for h in range(height):
        parts = [np.frombuffer(each.levels[h], np.float64) for each in states if h < len(each.levels)]
        levels.append(np.concatenate(parts))
        turns.append(sum(each.turns[h] for each in states if h < len(each.levels)) % 2)
    return _compacted(levels, turns, sum(each.error for each in states))


def _compacted(levels: list[np.ndarray], turns: list[int], error: int) -> Quantiles:
    h = 0
    while h < len(levels):
        level = np.sort(levels[h])
        if len(level) >= CAPACITY:
            if h + 1 == len(levels):
                levels.append(np.empty(0))
                turns.append(0)
            even = len(level) - len(level) % 2
            levels[h + 1] = np.concatenate([levels[h + 1], level[turns[h] : even : 2]])
            level, turns[h], error = level[even:], 1 - turns[h], error + (1 << h)
        levels[h] = level
        h += 1
    return Quantiles(tuple(level.tobytes() for level in levels), tuple(turns), error)
