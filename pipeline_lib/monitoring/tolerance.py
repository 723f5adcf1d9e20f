"""Whether two answers of an operation are the same, by its exactness class: lists and maps element by element.

*Exact* ones are equal bit for bit. Of floats that were added in another order, each sum may be off by
4·eps·n·Σ|x|; moments by as much of the powers that they are made of. A *sketch* is compared with its stated
bound, and bit for bit where it does not depend on the order of merging.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import polars as pl

from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.operations import OPERATIONS, SKETCH, TOLERANCED
from bighead.pipeline_lib.point_in_time.elements import BUCKET

_EPS = 4 * sys.float_info.epsilon
_COUNTERS_PER_K = 8


def equal(served: Any, replayed: Any) -> bool:
    """Whether two values are equal bit for bit; times may have become text on the way.

    >>> from datetime import date
    >>> equal([{"key": "a", "value": "2013-01-01"}], [{"key": "a", "value": date(2013, 1, 1)}])
    True
    """
    return bool(served == replayed) or bool(msgspec.to_builtins(served) == msgspec.to_builtins(replayed))


def agrees(feature: Feature, served: Any, replayed: Any, values: pl.DataFrame) -> bool:
    """Whether a served value is what `replayed` says, by class; `values` are what made it, with their `__bucket`."""
    made = feature.aggregation
    if equal(served, replayed) or made is None:
        return equal(served, replayed)
    if BUCKET not in values.columns:
        return _agrees(made, served, replayed, values[feature.column])
    one, other = _by_key(served), _by_key(replayed)
    if one is None or other is None:
        return False
    return all(
        _agrees(made, one.get(key), other.get(key), values.filter(pl.col(BUCKET) == key)[feature.column])
        for key in {**one, **other}
    )


def slack(feature: Feature, value: Any, values: pl.DataFrame) -> float:
    """How far a value may be off that these values made, by the class of its operation: 0 of what is exact."""
    made = feature.aggregation
    if made is None or not isinstance(value, float) or BUCKET in values.columns or not values.height:
        return 0.0
    column = values[feature.column]
    if OPERATIONS[made.operation].exactness_of(column.dtype.is_float()) != TOLERANCED:
        return 0.0
    bound = _bound(made.operation, abs(value), [float(each) for each in column])
    # The bound of a standard deviation is one of its square.
    return math.sqrt(value * value + bound) - value if made.operation == "stddev" else bound


def _by_key(entries: Any) -> dict[str, Any] | None:
    """A map's values by key; None, which is no map, has none."""
    fits = isinstance(entries, list) and all(isinstance(e, dict) and len(e) == 2 for e in entries)
    return {e["key"]: e["value"] for e in entries} if fits else {} if entries is None else None


def _agrees(made: Aggregation, served: Any, replayed: Any, values: pl.Series) -> bool:
    exactness = OPERATIONS[made.operation].exactness_of(values.dtype.is_float())
    if equal(served, replayed):
        return True
    if exactness == SKETCH and made.operation == "approx_histogram_k":
        return _counts_within(served, values, made.k or 1)
    if exactness != TOLERANCED or not len(values):
        return False
    numbers = [float(value) for value in values]
    one, other = (each if isinstance(each, list) else [each] for each in (served, replayed))
    return len(one) == len(other) and all(
        _near(made.operation, a, b, numbers) for a, b in zip(one, other, strict=True)
    )


def _near(operation: str, one: Any, other: Any, values: Sequence[float]) -> bool:
    if one is None or other is None:
        # Where the spread is all rounding, one order of adding may see it and another not.
        return (
            operation in ("skew", "kurtosis") and _central(values, 2) <= (64 * _EPS * _largest(values)) ** 2
        )
    if not isinstance(one, float) or not isinstance(other, float):
        return False
    if operation == "stddev":
        one, other = one * one, other * other
    return bool(abs(one - other) <= _bound(operation, max(abs(one), abs(other)), values))


def _bound(operation: str, value: float, values: Sequence[float]) -> float:
    """How far two answers may be apart: 4·eps times what was added, and how often."""

    def of(power: int) -> float:
        return _EPS * math.fsum(abs(x) ** power for x in values)

    if operation in ("variance", "stddev"):
        return of(2)
    if operation in ("skew", "kurtosis"):
        spread = _central(values, 2)
        if spread <= 0:
            return 0.0
        if operation == "skew":
            return float(of(3) / spread**1.5 + 1.5 * value * of(2) / spread)
        return of(4) / spread**2 + 2 * (value + 3) * of(2) / spread
    bounds: dict[str, Callable[[], float]] = {
        "sum": lambda: len(values) * of(1),
        "decayed_sum": lambda: len(values) * of(1),
        "rate": lambda: _EPS * value,
    }
    # An average divides the sum, and so its error, by n; a quantile lies between two of the values.
    return bounds[operation]() if operation in bounds else of(1)


def _central(values: Sequence[float], power: int) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((x - mean) ** power for x in values) / len(values)


def _largest(values: Sequence[float]) -> float:
    return max(map(abs, values))


def _counts_within(served: Any, values: pl.Series, k: int) -> bool:
    """Whether each count of a sketch falls short of the truth by no more than its bound."""
    entries, room = _by_key(served), _COUNTERS_PER_K * k
    truth = Counter(_text(value) for value in values)
    if entries is None or len(truth) <= room or len(entries) > k:
        return False
    return all(0 <= truth[key] - count <= len(values) / (room + 1) for key, count in entries.items())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value}"
