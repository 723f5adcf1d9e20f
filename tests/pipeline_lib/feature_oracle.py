"""The value of every feature of a set by its definition: plain loops over raw rows, one question at a time.

Nothing is shared with the library but the definition itself and where a window starts and ends. SQL conditions
are read as Python by a table that the test gives.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Window

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = Mapping[str, Any]
Seen = tuple[str | None, int, Any]
ZERO = {"count": 0, "unique_count": 0, "bounded_unique_count": 0, "approx_unique_count": 0}


@dataclass(frozen=True)
class Reading:
    """What raw rows cannot say: conditions by their SQL, and which columns hold maps."""

    conditions: Mapping[str, Callable[[Row], bool]]
    maps: Sequence[str] = ()


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def values_of(
    feature_set: FeatureSet, rows: Sequence[Row], key: tuple[Any, ...], at: datetime, reading: Reading
) -> dict[str, Any]:
    """Every feature's value for `key` at `at`; rows have the source's own columns."""
    found = {}
    for made in feature_set.aggregations:
        for window in made.windows:
            name = made.feature_name(feature_set.name, window)
            found[name] = None if None in key else value_of(feature_set, made, window, rows, key, at, reading)
    return found


def value_of(
    feature_set: FeatureSet,
    made: Aggregation,
    window: Window,
    rows: Sequence[Row],
    key: tuple[Any, ...],
    at: datetime,
    reading: Reading,
) -> Any:
    seen = visible(feature_set, made, window, rows, key, at, reading)
    if made.buckets or made.column in reading.maps:
        if not seen:
            return None if made.empty is None else entries(made.empty)
        buckets = {bucket for bucket, _, _ in seen}
        groups = {b: [(time, v) for other, time, v in seen if other == b] for b in buckets}
        maps = {str(b): computed(made, window, group, micros(at)) for b, group in groups.items()}
        return entries({b: value for b, value in maps.items() if value is not None}) or None
    if seen:
        return computed(made, window, [(time, v) for _, time, v in seen], micros(at))
    if made.empty is not None:
        return list(made.empty) if isinstance(made.empty, tuple) else made.empty
    if made.operation == "rate":
        return 0.0 if seconds(window, micros(at)) else None
    return ZERO.get(made.operation)


def entries(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": found[key]} for key in sorted(found)]


def visible(
    feature_set: FeatureSet,
    made: Aggregation,
    window: Window,
    rows: Sequence[Row],
    key: tuple[Any, ...],
    at: datetime,
    reading: Reading,
) -> list[Seen]:
    """(bucket, event time, value) of everything that counts, oldest first."""
    source, t = feature_set.source, micros(at)
    start, end = window.start(t), window.end(t)
    inclusive = feature_set.boundary == "inclusive"
    found = []
    for row in standing(rows, source, t, inclusive) if source.mutations else rows:
        happened = micros(row[source.event_time])
        known = max(happened, told(row, source))
        before = known <= t if inclusive else known < t
        inside = (start is None or start <= happened) and (end is None or happened < end)
        same = tuple(row[name] for name in feature_set.keys) == key
        if not (before and inside and same) or (
            made.where is not None and not reading.conditions[made.where](row)
        ):
            continue
        for place, (bucket, value) in enumerate(counted(row, made)):
            found.append(((happened, known, row[source.event_id], place), (bucket, happened, value)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def told(row: Row, source: EventSource) -> int:
    """When a row, or a mutation of it, could be known."""
    known = micros(row[source.available_at])
    return max(known, micros(row[source.mutations.time])) if source.mutations else known


def standing(rows: Sequence[Row], source: EventSource, t: int, inclusive: bool) -> list[Row]:
    """Of each row, what the last of its mutations that were known by t says it is; nothing, if that deleted it."""
    changes = source.mutations
    last: dict[Any, Row] = {}
    for row in rows:
        known, order = told(row, source), (changes.time, changes.sequence)
        if not (known <= t if inclusive else known < t):
            continue
        other = last.get(row[source.event_id])
        if other is None or [row[name] for name in order] > [other[name] for name in order]:
            last[row[source.event_id]] = row
    return [row for row in last.values() if row[changes.operation] != "d"]


def counted(row: Row, made: Aggregation) -> list[tuple[str | None, Any]]:
    """The (bucket, value) that one row gives."""
    parts = [row[bucket] for bucket in made.buckets]
    if any(part is None for part in parts):
        return []
    bucket, cell = joined([text(part) for part in parts]) if parts else None, row[made.column]
    if isinstance(cell, dict):
        pairs = [(name, value) for name, value in cell.items()]
    elif isinstance(cell, list) and any(isinstance(each, dict) for each in cell):
        pairs = [(text(e["key"]), e["value"]) for e in cell if e is not None and e["key"] is not None]
    elif isinstance(cell, list):
        pairs = [(bucket, value) for value in cell]
    else:
        pairs = [(bucket, cell)]
    there = [
        (b, v) for b, v in pairs if v is not None and not (isinstance(v, float) and not math.isfinite(v))
    ]
    # Adding 0.0 turns −0.0 into 0.0.
    return [(b, v + 0.0 if isinstance(v, float) else v) for b, v in there]


def text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def joined(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def seconds(window: Window, t: int) -> float:
    start, end = window.start(t), window.end(t)
    assert start is not None
    return ((t if end is None else end) - start) / 1e6


def computed(made: Aggregation, window: Window, timed: list[tuple[int, Any]], t: int) -> Any:
    """An operation over (event time, value), oldest first, never empty."""
    operation, values = made.operation, [value for _, value in timed]
    k, distinct = made.k or 0, sorted({value for _, value in timed})
    if operation in ("variance", "stddev", "skew", "kurtosis"):
        return moment(operation, [Fraction(value) for value in values])
    half = half_life(made)
    if operation.startswith("approx"):
        return approximated(made, values)
    simple: dict[str, Callable[[], Any]] = {
        "count": lambda: len(values),
        "sum": lambda: sum(values),
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
        "median": lambda: float(np.quantile(np.array(values, dtype="float64"), 0.5)),
        "percentile": lambda: quantiles(values, made.quantiles),
        "rate": lambda: len(values) / seconds(window, t),
        "time_since_first": lambda: (t - timed[0][0]) / 1e6,
        "time_since_last": lambda: (t - timed[-1][0]) / 1e6,
        "decayed_sum": lambda: math.fsum(v * 2 ** (-(t - time) / half) for time, v in timed),
    }
    return simple[operation]()


def approximated(made: Aggregation, values: list[Any]) -> Any:
    """What a sketch gives of a few distinct values: the truth, but for quantiles, which are of places."""
    if made.operation == "approx_unique_count":
        return len(set(values))
    if made.operation == "approx_histogram_k":
        most = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[: made.k]
        return [{"key": text(v), "value": n} for v, n in sorted(most)]
    found = [float(sorted(values)[int(q * (len(values) - 1))]) for q in made.quantiles]
    return found[0] if len(found) == 1 else found


def half_life(made: Aggregation) -> int:
    from bighead.pipeline_lib.features import duration

    return duration(made.half_life) if made.half_life else 1


def quantiles(values: list[Any], wanted: Sequence[float]) -> Any:
    found = [float(q) for q in np.quantile(np.array(values, dtype="float64"), list(wanted))]
    return found[0] if len(found) == 1 else found


def moment(operation: str, values: list[Fraction]) -> float | None:
    n = len(values)
    mean = sum(values) / n
    second, third, fourth = (sum((v - mean) ** power for v in values) / n for power in (2, 3, 4))
    if operation == "variance":
        return float(second)
    if operation == "stddev":
        return math.sqrt(second)
    if second == 0:
        return None
    return float(third) / float(second) ** 1.5 if operation == "skew" else float(fourth / second**2) - 3
