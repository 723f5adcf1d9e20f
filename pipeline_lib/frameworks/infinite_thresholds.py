"""Nodes that part missing values from all others: their threshold is infinite, which JSON cannot say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, isfinite
from typing import Any


def finite(thresholds: Iterable[float]) -> list[float]:
    """Return thresholds with 0 for those that are not finite.

    >>> finite([0.5, inf])
    [0.5, 0.0]
    """
    return [each if isfinite(each) else 0.0 for each in thresholds]


def all_left(thresholds: Sequence[float], skipped: Sequence[bool]) -> list[dict[str, Any]]:
    """Return nodes of infinite thresholds as tests of categories, of which none is listed: all but missing go left.

    >>> all_left([0.5, inf], [False, False])
    [{'node': 1, 'codes': [], 'left': False}]

    Args:
        thresholds: Of each node.
        skipped: Which nodes have none: leaves, and those that test categories already.
    """
    told = enumerate(zip(thresholds, skipped, strict=True))
    return [{"node": at, "codes": [], "left": False} for at, (each, skip) in told if each == inf and not skip]
