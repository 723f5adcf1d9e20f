"""The population stability index: how far counts in bins lie from the reference's, and which bins those are.

A column of numbers has the reference's deciles as bins, one of words its commonest values. Values that the
reference never had lie in bins of their own: by deciles alone a cold day and a wrong unit look the same. What is
missing is the last bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

BINS = 10
CATEGORIES = 50
# An empty bin would make PSI infinite; this share stands for "hardly any".
_FLOOR = 1e-4


@dataclass(frozen=True)
class Binned:
    """The bin of every row, from 0, as integers: `reference`, `current`; `bins` is their number.

    `alone` is the reference again, each row as if its day stood outside: what only that day had was never seen.
    """

    reference: np.ndarray
    current: np.ndarray
    alone: np.ndarray
    bins: int


def psi(reference: Sequence[float], current: Sequence[float]) -> float:
    """Return the population stability index of two lists of counts, bin by bin.

    >>> psi([50, 50], [50, 50])
    0.0
    """
    return float(psi_of_each(np.asarray(reference, float), np.asarray([current], float))[0])


def psi_of_each(reference: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return the PSI of every row of `spans` (spans × bins) against the counts `reference` (bins).

    >>> psi_of_each(np.array([50, 50]), np.array([[10, 10], [8, 2]])).round(3).tolist()
    [0.0, 0.416]
    """
    expected = np.maximum(reference / max(reference.sum(), 1), _FLOOR)
    actual = np.maximum(spans / np.maximum(spans.sum(axis=1, keepdims=True), 1), _FLOOR)
    found: np.ndarray = np.sum((actual - expected) * np.log(actual / expected), axis=1)
    return found


def bin_numbers(reference: np.ndarray, current: np.ndarray, day: np.ndarray | None = None) -> Binned:
    """Return the deciles that floats lie in, and what is below or above all; what is not finite is missing.

    `day` numbers the day of each row of the reference.
    """
    known = reference[np.isfinite(reference)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else known
    lowest, highest = known.min(initial=np.inf), known.max(initial=-np.inf)
    below, above, missing = (len(edges) + more for more in (1, 2, 3))

    def place(values: np.ndarray) -> np.ndarray:
        # A value on an edge belongs below it, so that a constant column has its own bin.
        found: np.ndarray = np.searchsorted(edges, values, side="left")
        found[values < lowest], found[values > highest] = below, above
        found[~np.isfinite(values)] = missing
        return found

    one = place(reference)
    alone = one.copy()
    if day is not None:
        finite = np.isfinite(reference)
        alone[_below_all_others(np.where(finite, reference, np.inf), day)] = below
        alone[_below_all_others(np.where(finite, -reference, np.inf), day)] = above
    return Binned(one, place(current), alone, missing + 1)


def bin_categories(reference: pl.Series, current: pl.Series, day: np.ndarray | None = None) -> Binned:
    """Return which of the reference's commonest values each row has; rarer ones share a bin, new ones another.

    `day` numbers the day of each row of the reference.
    """
    words = pl.DataFrame({"word": reference.cast(pl.String), "day": 0 if day is None else day})
    known = words.drop_nulls("word").group_by("word").agg(pl.len(), pl.col("day").n_unique().alias("days"))
    known = known.sort(["len", "word"], descending=[True, False])
    rank = {word: min(place, CATEGORIES) for place, word in enumerate(known["word"])}
    rarer = min(len(rank), CATEGORIES)
    unseen, missing = rarer + 1, rarer + 2

    def place(side: pl.Series) -> np.ndarray:
        found: np.ndarray = (
            pl.Series(side.cast(pl.String))
            .replace_strict(list(rank), list(rank.values()), default=unseen, return_dtype=pl.Int64)
            .to_numpy(writable=True)
        )
        found[side.is_null().to_numpy()] = missing
        return found

    one = place(reference)
    alone = one.copy()
    if day is not None:
        alone[words["word"].is_in(known.filter(pl.col("days") == 1)["word"].implode()).fill_null(False)] = (
            unseen
        )
    return Binned(one, place(current), alone, missing + 1)


def _below_all_others(values: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return which values are smaller than everything on other days: only the day of the smallest can have some."""
    its = day == day[np.argmin(values)]
    found: np.ndarray = its & (values < values[~its].min(initial=np.inf))
    return found
