"""How far one profile lies from another: the population stability index, from stored states alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bighead.pipeline_lib.monitoring.psi import BINS, CATEGORIES, psi
from bighead.pipeline_lib.profiles.column import ColumnProfile


@dataclass(frozen=True)
class Distance:
    """The PSI over all `bins`, and that of `missing` values against all others."""

    psi: float
    missing: float
    bins: int


def profile_distance(reference: ColumnProfile, current: ColumnProfile) -> Distance | None:
    """Return how far `current` lies from `reference`; None where their kinds cannot be compared.

    Numbers and times lie in the reference's deciles, and in bins of what is below or above all of it; texts in its
    commonest values and one bin for others. What is missing (null, NaN, infinite) is the last bin.
    """
    kinds = {reference.kind, current.kind} - {"empty"}
    if len(kinds) > 1 or kinds & {"nested", "mixed"}:
        return None
    if kinds & {"number", "time"}:
        edges = _edges(reference)
        return _distance(_numbers(reference, edges), _numbers(current, edges))
    words = [value for value, _ in reference.top.largest(CATEGORIES)]
    return _distance(_words(reference, words), _words(current, words))


def usual_distances(whole: ColumnProfile, parts: Sequence[ColumnProfile]) -> list[Distance]:
    """Return how far each of the parts lies from the others: what it alone has, they have never seen.

    Args:
        whole: The parts, merged.
        parts: Profiles of one column.
    """
    if whole.kind in ("nested", "mixed"):
        return []
    of = _apart_numbers if whole.kind in ("number", "time") else _apart_words
    return [_distance(*of(whole, part, [each for each in parts if each is not part])) for part in parts]


def _apart_numbers(
    whole: ColumnProfile, part: ColumnProfile, others: Sequence[ColumnProfile]
) -> tuple[list[float], list[float]]:
    low = [each.minimum for each in others if each.minimum is not None]
    high = [each.maximum for each in others if each.maximum is not None]
    bare = replace(whole, minimum=min(low, default=None), maximum=max(high, default=None))
    edges = _edges(bare)
    own = _numbers(part, edges)
    return [max(a - b, 0.0) for a, b in zip(_numbers(whole, edges), own, strict=True)], own


def _apart_words(
    whole: ColumnProfile, part: ColumnProfile, others: Sequence[ColumnProfile]
) -> tuple[list[float], list[float]]:
    words = [value for value, _ in whole.top.largest(CATEGORIES)]
    words = [word for word in words if whole.top.counts.get(word, 0) > part.top.counts.get(word, 0)]
    own = _words(part, words)
    return [max(a - b, 0.0) for a, b in zip(_words(whole, words), own, strict=True)], own


def _distance(one: list[float], other: list[float]) -> Distance:
    missing = [[sum(side[:-1]), side[-1]] for side in (one, other)]
    return Distance(psi(one, other), psi(missing[0], missing[1]), len(one))


def _edges(reference: ColumnProfile) -> list[float]:
    """The deciles, with the least and the greatest value around them."""
    if reference.minimum is None or reference.maximum is None:
        return []
    low, high = math.nextafter(float(reference.minimum), -math.inf), float(reference.maximum)
    deciles = [reference.quantiles.quantile(n / BINS) for n in range(1, BINS)]
    inner = sorted({float(each) for each in deciles if each is not None})
    return [low, *(each for each in inner if low < each <= high), high]


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
