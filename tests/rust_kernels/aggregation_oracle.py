"""The temporal join's operations by definition: look at every event for every row, take the values, compute.

Nothing here is incremental, merged or compressed, and moments are exact fractions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
from bighead_kernels import AggregationSpec

DAY = 86_400_000_000
Row = dict[str, Any]
ADDING = ["sum", "average", "variance", "stddev", "skew", "kurtosis", "decayed_sum", "percentile", "median",
          "approx_percentile"]  # fmt: skip
ORDERED = ["first", "last", "lag", "first_k", "last_k"]
OTHERS = ["count", "min", "max", "rate", "time_since_first", "time_since_last", "top_k", "bottom_k", "distinct",
          "unique_count", "bounded_unique_count", "mode", "histogram", "approx_unique_count",
          "approx_histogram_k"]  # fmt: skip
PARAMETRIC = ["lag", "first_k", "last_k", "top_k", "bottom_k", "bounded_unique_count", "percentile", "decayed_sum",
              "approx_percentile", "approx_histogram_k"]  # fmt: skip
NUMBERS = {"count": 0, "approx_unique_count": 0, "unique_count": 0, "bounded_unique_count": 0, "rate": 0.0}
"""What an empty window is where it is not null."""


def seen(events: Sequence[Row], row: Row, spec: AggregationSpec, inclusive: bool) -> list[tuple[int, Any]]:
    """The (event time, value) of all events that a row sees, in order, without nulls, NaN and infinities."""
    t, (start, end) = row["t"], bounds(row, spec)
    inside = [
        (e["et"], max(e["et"], e["av"]), (e["id"] is not None, e["id"]), e[spec["column"]])
        for e in events
        if e["k"] == row["k"] and start <= e["et"] and (end is None or e["et"] < end)
        if not taken_back(e, t, inclusive)
    ]
    known = [e for e in inside if (e[1] <= t if inclusive else e[1] < t)]
    values = [(e[0], e[3]) for e in sorted(known, key=lambda e: e[:3]) if e[3] is not None]
    # Adding 0.0 turns −0.0 into 0.0.
    return [
        (et, v + 0.0 if isinstance(v, float) else v)
        for et, v in values
        if not isinstance(v, float) or math.isfinite(v)
    ]


def taken_back(event: Row, t: int, inclusive: bool) -> bool:
    """Whether an event no longer counts."""
    until = event.get("until")
    return until is not None and bool(until <= t if inclusive else until < t)


def bounds(row: Row, spec: AggregationSpec) -> tuple[float, int | None]:
    """Where the window of a row starts, and where it ends if that is not at t."""
    kind, length, hop = spec["window"]
    t = row["t"]
    if kind == "unbounded":
        return -math.inf, None
    if kind == "bounds":
        return -math.inf if row["from"] is None else row["from"], row["to"]
    if kind == "tumbling":
        edge = (t - hop) // length * length + hop
        return edge - length, edge
    if kind == "snapshot":
        midnight = (t - hop) // DAY * DAY
        return midnight - length, midnight
    return (t - length if kind == "sliding" else (t - length) // hop * hop), None


def oracle(events: Sequence[Row], row: Row, spec: AggregationSpec, inclusive: bool = False) -> Any:
    """One value by definition; None where it is null."""
    if row["k"] is None:
        return None
    found = seen(events, row, spec, inclusive)
    operation, values = spec["operation"], [value for _, value in found]
    if operation == "rate":
        start, end = bounds(row, spec)
        seconds = ((row["t"] if end is None else min(end, row["t"])) - start) / 1e6
        return len(values) / seconds if 0 < seconds < math.inf else None
    if not values:
        return NUMBERS.get(operation)
    if operation.startswith("time_since"):
        return (row["t"] - found[0 if operation == "time_since_first" else -1][0]) / 1e6
    if operation == "decayed_sum":
        return math.fsum(v * math.exp2(-(row["t"] - et) / spec["half_life"]) for et, v in found)
    return of_values(operation, values, spec)


def of_values(operation: str, values: list[Any], spec: AggregationSpec) -> Any:
    """What follows from the values alone."""
    k, quantiles = spec["k"], spec["quantiles"]
    distinct = sorted(set(values))
    simple: dict[str, Callable[[], Any]] = {
        "count": lambda: len(values),
        "sum": lambda: total(values),
        "average": lambda: float(sum(map(Fraction, values)) / len(values)),
        "min": lambda: distinct[0],
        "max": lambda: distinct[-1],
        "first": lambda: values[0],
        "last": lambda: values[-1],
        "lag": lambda: values[-1 - k] if k < len(values) else None,
        "first_k": lambda: values[:k],
        "last_k": lambda: values[::-1][:k],
        "top_k": lambda: sorted(values, reverse=True)[:k],
        "bottom_k": lambda: sorted(values)[:k],
        "distinct": lambda: distinct,
        "unique_count": lambda: len(distinct),
        "bounded_unique_count": lambda: min(len(distinct), k),
        "mode": lambda: min(distinct, key=lambda v: (-values.count(v), v)),
        "histogram": lambda: [{"key": text(v), "value": n} for v, n in sorted(Counter(values).items())],
        # Few values are counted exactly by what approximates many.
        "approx_unique_count": lambda: len(distinct),
        "approx_histogram_k": lambda: frequent(values, k),
        "approx_percentile": lambda: [float(sorted(values)[int(q * (len(values) - 1))]) for q in quantiles],
        "median": lambda: float(np.quantile(np.array(values, dtype="float64"), 0.5)),
        "percentile": lambda: [float(q) for q in np.quantile(np.array(values, dtype="float64"), quantiles)],
    }
    if operation in simple:
        found = simple[operation]()
        return found[0] if operation.endswith("percentile") and len(quantiles) == 1 else found
    return moment(operation, [Fraction(float(v)) for v in values])


def frequent(values: list[Any], k: int) -> list[dict[str, Any]]:
    """The k most frequent values, in the order of the values."""
    most = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[:k]
    return [{"key": text(v), "value": n} for v, n in sorted(most)]


def total(values: list[Any]) -> Any:
    """The sum, None where it does not fit."""
    if isinstance(values[0], float):
        return math.fsum(values)
    found = sum(values)
    return found if -(2**63) <= found < 2**63 else None


def moment(operation: str, values: list[Fraction]) -> float | None:
    """Variance and its kin from exact fractions; the shape of what is flat is None."""
    n = len(values)
    mean = sum(values) / n
    m2, m3, m4 = (sum((v - mean) ** power for v in values) / n for power in (2, 3, 4))
    if operation in ("variance", "stddev"):
        return float(m2) if operation == "variance" else math.sqrt(m2)
    if float(m2) <= (2.0**-52 * float(mean)) ** 2:
        return None
    return float(m3) / math.sqrt(m2) ** 3 if operation == "skew" else float(m4 / m2**2) - 3


def text(value: Any) -> str:
    """A histogram's key."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return str(value)
