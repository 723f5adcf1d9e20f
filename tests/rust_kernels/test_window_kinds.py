"""Windows that end before the question, against their definitions: buckets, snapshots, and bounds by column."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from aggregation_specs import spec
from bighead_kernels import AggregationSpec, temporal_join
from hypothesis import given, settings
from hypothesis import strategies as st

DAY = 86_400_000_000
OPERATIONS = ("count", "sum", "min", "max", "first", "last")
KINDS = {
    "tumbling": ("tumbling", 10, 0),
    "shifted": ("tumbling", 10, 4),
    "snapshot": ("snapshot", DAY, 3),
    "bounds": ("bounds", 0, 0),
    "open_start": ("bounds", 0, 0),
    "open_end": ("bounds", 0, 0),
    "sawtooth": ("sawtooth", 12, 5),
}
COLUMNS = {
    "bounds": {"start_column": "from", "end_column": "to"},
    "open_start": {"end_column": "to"},
    "open_end": {"start_column": "from"},
}


def every_aggregation() -> list[AggregationSpec]:
    listed: list[AggregationSpec] = []
    for name, window in KINDS.items():
        for operation in OPERATIONS:
            each = spec(f"{operation}_{name}", "x", operation, *window)
            listed.append({**each, **COLUMNS.get(name, {})})  # type: ignore[typeddict-item]
    return listed


def span(name: str, row: dict[str, Any]) -> tuple[float, float]:
    """A window's first microsecond and the one after its last, word for word."""
    t, (kind, length, hop) = row["t"], KINDS[name]
    if kind == "tumbling":
        end = max(edge for edge in range(hop - 10_000, hop + 10_000, length) if edge <= t)
        return end - length, end
    if kind == "snapshot":
        midnight = max(n * DAY for n in range(-3, 4) if n * DAY + hop <= t)
        return midnight - length, midnight
    if kind == "sawtooth":
        return (t - length) // hop * hop, float("inf")
    start = row["from"] if name != "open_start" else None
    end = row["to"] if name != "open_end" else None
    return float("-inf") if start is None else start, float("inf") if end is None else end


def naive(events: list[dict[str, Any]], row: dict[str, Any], inclusive: bool) -> list[Any]:
    values = []
    for name in KINDS:
        start, end = span(name, row)
        inside = [e for e in events if e["k"] == row["k"] and start <= e["et"] < end]
        seen = [(e["et"], max(e["et"], e["av"]), e["id"], e["x"]) for e in inside]
        seen = sorted(e for e in seen if (e[1] <= row["t"] if inclusive else e[1] < row["t"]))
        xs = [e[3] for e in seen]
        some = [sum(xs), min(xs), max(xs), xs[0], xs[-1]] if xs else [None] * 5
        values += [len(xs), *some]
    return values


def join(events: list[dict[str, Any]], rows: list[dict[str, Any]], inclusive: bool = False):
    schema = {"k": pl.Int64, "et": pl.Int64, "av": pl.Int64, "id": pl.Int64, "x": pl.Int64}
    asked = {"k": pl.Int64, "t": pl.Int64, "from": pl.Int64, "to": pl.Int64}
    return temporal_join(
        pl.DataFrame(events, schema=schema),
        pl.DataFrame(rows, schema=asked),
        keys=["k"],
        event_time="et",
        available_at="av",
        timestamp="t",
        tie_break=["id"],
        aggregations=every_aggregation(),
        inclusive=inclusive,
    )


@st.composite
def worlds(draw):
    near = st.integers(-45, 45) | st.sampled_from([-10, 0, 3, 4, 10, 14])
    # Around midnight before 1970, too.
    base = draw(st.sampled_from([0, 0, 3, DAY, -DAY])) if draw(st.booleans()) else 0
    small = base != 0
    late = draw(st.booleans())
    events = [
        {
            "k": draw(st.integers(1, 2)),
            "et": (et := draw(near) + base),
            "id": n,
            "x": draw(st.integers(-9, 9)),
        }
        | {"av": et + (draw(st.integers(-5, 60)) if late else 0)}
        for n in range(draw(st.integers(0, 40)))
    ]
    rows = []
    for _ in range(draw(st.integers(1, 10))):
        t = draw(near) + (base if small else 0)
        rows.append({"k": draw(st.integers(1, 3)), "t": t, "from": t // 7 * 7 - 14, "to": t // 7 * 7})
    return events, rows


@given(worlds(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_kind_is_its_definition(world, inclusive):
    events, rows = world
    # The oracle lists bucket edges around 1970 only.
    rows = [row for row in rows if abs(row["t"]) < 9_000] or [{"k": 1, "t": 0, "from": 0, "to": 0}]
    table, report = join(events, rows, inclusive)
    got = pl.DataFrame(table)
    assert [list(row) for row in got.rows()] == [naive(events, row, inclusive) for row in rows]
    counts = got.select(pl.max_horizontal(pl.col("^count_.*$")))
    assert report["matched_rows"] == (counts.to_series() > 0).sum()


days = st.tuples(st.integers(-2 * DAY, 2 * DAY), st.sampled_from([0, 1, DAY]))
around_midnight = st.sampled_from([-DAY, -DAY + 2, -DAY + 3, 0, 2, 3, 4, DAY + 2, DAY + 3])


@given(st.lists(days, max_size=20), st.lists(around_midnight, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_snapshot_changes_when_the_day_has_landed(given_events, times):
    events = [
        {"k": 1, "et": et, "av": et + late, "id": n, "x": n} for n, (et, late) in enumerate(given_events)
    ]
    aggregation = [spec("n", "x", "count", "snapshot", DAY, 3)]
    schema = {"k": pl.Int64, "et": pl.Int64, "av": pl.Int64, "id": pl.Int64, "x": pl.Int64}
    table, _ = temporal_join(
        pl.DataFrame(events, schema=schema), pl.DataFrame({"k": [1] * len(times), "t": times}), keys=["k"],
        event_time="et", available_at="av", timestamp="t", tie_break=[], aggregations=aggregation,
    )  # fmt: skip
    for t, count in zip(times, pl.DataFrame(table)["n"], strict=True):
        start, end = span("snapshot", {"t": t})
        assert count == sum(start <= e["et"] < end and e["av"] < t for e in events)


def test_a_late_row_still_joins_its_bucket_once_it_is_known():
    events = [{"k": 1, "et": 5, "av": 25, "id": 1, "x": 7}, {"k": 1, "et": 15, "av": 15, "id": 2, "x": 1}]
    row = {"k": 1, "from": None, "to": None}
    for t, count in ((12, 0), (19, 0), (25, 1)):
        got = pl.DataFrame(join(events, [{**row, "t": t}])[0])
        assert got["count_tumbling"].item() == count
    # Bucket 0–10 was the last complete one until t = 19: the row came when another had taken its place.
    assert pl.DataFrame(join([{**events[0], "av": 12}], [{**row, "t": 13}])[0])["sum_tumbling"].item() == 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": ("tumbling", 0, 0)}, "length 0 µs"),
        ({"window": ("snapshot", 5, -1)}, "hop -1 µs"),
        ({"window": ("bounds", 0, 0), "start_column": "nope"}, "the rows have no column 'nope'"),
        ({"window": ("bounds", 0, 0), "start_column": "word"}, "column 'word' of the rows is .*microseconds"),
        ({"window": ("bounds", 0, 0), "start_column": "back"}, "bounds of a window go back"),
        (
            {"window": ("hopping", 1, 1)},
            "there are: sawtooth, sliding, tumbling, snapshot, bounds, unbounded",
        ),
    ],
)
def test_windows_that_cannot_be_are_refused(change, message):
    events = pl.DataFrame({"k": [1], "et": [0], "x": [1]})
    rows = pl.DataFrame({"k": [1, 1], "t": [1, 2], "word": ["a", "b"], "back": [1, 0]})
    aggregation = {"name": "n", "column": "x", "operation": "count", **change}
    with pytest.raises(ValueError, match=message):
        temporal_join(
            events, rows, keys=["k"], event_time="et", available_at=None, timestamp="t", tie_break=[],
            aggregations=[aggregation],
        )  # fmt: skip
