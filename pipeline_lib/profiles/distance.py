"""How far one profile lies from another: the population stability index, from stored states alone."""

from __future__ import annotations

import math

import numpy as np

from bighead.pipeline_lib.monitoring.psi import BINS, CATEGORIES, psi
from bighead.pipeline_lib.profiles.column import ColumnProfile


def profile_psi(reference: ColumnProfile, current: ColumnProfile) -> float | None:
    """Return the PSI of `current` against `reference`; None where their kinds cannot be compared.

    Numbers and times lie in the reference's deciles, and in bins of what is below or above all of it; texts in its
    commonest values and one bin for others. What is missing (null, NaN, infinite) is the last bin.
    """
    kinds = {reference.kind, current.kind} - {"empty"}
    if len(kinds) > 1 or kinds & {"nested", "mixed"}:
        return None
    if kinds & {"number", "time"}:
        edges = _edges(reference)
        counts = [_numbers(side, edges) for side in (reference, current)]
    else:
        words = [value for value, _ in reference.top.largest(CATEGORIES)]
        counts = [_words(side, words) for side in (reference, current)]
    return psi(counts[0], counts[1])


def _edges(reference: ColumnProfile) -> list[float]:
    """The deciles, with the least and the greatest value around them."""
    if reference.minimum is None or reference.maximum is None:
        return []
    deciles = [reference.quantiles.quantile(n / BINS) for n in range(1, BINS)]
    inner = sorted({float(each) for each in deciles if each is not None})
    return [math.nextafter(float(reference.minimum), -math.inf), *inner, float(reference.maximum)]


def _numbers(side: ColumnProfile, edges: list[float]) -> list[float]:
    n = side.quantiles.count
    missing = side.count - n
    if not edges:
        return [n, missing]
    reached = side.quantiles.ranks(edges)
    bins = np.diff(np.concatenate([[0], reached, [n]]))
    return [*(float(max(each, 0)) for each in bins), missing]


def _words(side: ColumnProfile, words: list[str]) -> list[float]:
    counted = [side.top.counts.get(word, 0) for word in words]
    return [*counted, max(side.present - sum(counted), 0), side.nulls]
