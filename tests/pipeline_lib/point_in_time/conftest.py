"""The naive oracle: V(key, t) read off its definition, event by event, in plain Python."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def naive_value(
    events: list[dict[str, Any]],
    keys: tuple[str, ...],
    key: tuple[Any, ...],
    at: datetime,
    feature,
    inclusive=False,
):
    """One value, by the letter of the definition."""
    if any(part is None for part in key):
        return None
    t, start, end = micros(at), feature.window.start(micros(at)), feature.window.end(micros(at))
    before = (lambda x: x <= t) if inclusive else (lambda x: x < t)
    inside = [
        e
        for e in events
        if tuple(e[k] for k in keys) == key
        and before(micros(e["event_time"]))
        and before(max(micros(e["event_time"]), micros(e["available_at"])))
        and (start is None or start <= micros(e["event_time"]))
        and (end is None or micros(e["event_time"]) < end)
        and e[feature.column] is not None
        and not (isinstance(e[feature.column], float) and not math.isfinite(e[feature.column]))
    ]
    inside.sort(key=lambda e: (e["event_time"], e["available_at"], e.get("event_id", ""), e[feature.column]))
    values = [e[feature.column] for e in inside]
    if feature.operation == "count":
        return len(values)
    if not values:
        return None
    if feature.operation == "average":
        return sum(values) / len(values)
    return {"sum": sum, "min": min, "max": max, "first": lambda v: v[0], "last": lambda v: v[-1]}[
        feature.operation
    ](values)


def naive_join(left: pl.DataFrame, ref, rows: pl.DataFrame, timestamp: str) -> pl.DataFrame:
    """Every value of a use of an event set, one at a time."""
    events, inclusive = rows.to_dicts(), ref.set.boundary == "inclusive"
    columns: dict[str, list[Any]] = {name: [] for name in ref.columns()}
    for question in left.to_dicts():
        key = tuple(question[column] for column in ref.key_columns)
        for feature in ref.features:
            value = naive_value(events, tuple(ref.set.keys), key, question[timestamp], feature, inclusive)
            columns[ref.output(feature)].append(value)
    return pl.DataFrame(columns, strict=False)


def same(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    """Equal by class: exact but for float sums and averages."""
    assert ours.columns == theirs.columns
    for name in ours.columns:
        for one, other in zip(ours[name].to_list(), theirs[name].to_list(), strict=True):
            if isinstance(one, float) and isinstance(other, float):
                assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9), name
            else:
                assert one == other, f"{name}: {one!r} is not {other!r}"


@pytest.fixture(scope="session")
def oracle():
    return naive_join


@pytest.fixture(scope="session")
def assert_same():
    return same


@pytest.fixture(scope="session")
def make_set():
    """A feature set over the table `stays`, with what a test wants to differ."""

    def make(
        operations=("count", "sum", "average", "min", "max", "first", "last"),
        windows=("1h", "7d"),
        keys=("k",),
        **changes,
    ):
        source = {"table": "stays", "event_time": "ts", "available_at": "known", "event_id": "id"}
        source.update(changes.pop("source", {}))
        return FeatureSet(
            name="stays",
            owner="team:homes",
            keys=list(keys),
            source=EventSource(**source),
            aggregations=[Aggregation("x", operation, windows=list(windows)) for operation in operations],
            **changes,
        )

    return make
