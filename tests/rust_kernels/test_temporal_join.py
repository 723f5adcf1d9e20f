"""The temporal join against a naive oracle: every operation, window and type, on random and boundary data."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from aggregation_specs import Spec, spec, specs
from bighead_kernels import temporal_join
from hypothesis import given, settings
from hypothesis import strategies as st

OPERATIONS = ["count", "sum", "average", "min", "max", "first", "last"]
WINDOWS = [("sawtooth", 12, 5), ("sliding", 9, 0), ("unbounded", 0, 0)]
EVENTS = {"k": pl.Int64, "k2": pl.String, "et": pl.Int64, "av": pl.Int64, "id": pl.Int64,
          "i": pl.Int64, "f": pl.Float64, "s": pl.String}  # fmt: skip
ROWS = {"k": pl.Int64, "k2": pl.String, "t": pl.Int64}


def every_aggregation() -> list[Spec]:
    columns = [("i", OPERATIONS), ("f", OPERATIONS), ("s", ["count", "min", "max", "first", "last"])]
    return [(f"{c}_{op}_{w[0]}", c, op, *w) for c, ops in columns for op in ops for w in WINDOWS]


def naive(
    events: list[dict[str, Any]], rows: list[dict[str, Any]], aggregations: list[Spec], inclusive: bool
) -> Any:
    """For each row look at every event: O(n·m), word for word the definition of a value."""
    return [[value(events, row, each, inclusive) for each in aggregations] for row in rows]


def value(events: list[dict[str, Any]], row: dict[str, Any], aggregation: Spec, inclusive: bool) -> Any:
    _, column, operation, kind, length, hop = aggregation
    if row["k"] is None or row["k2"] is None:
        return None
    t = row["t"]
    start = {"unbounded": -math.inf, "sliding": t - length}.get(kind, (t - length) // (hop or 1) * (hop or 1))
    inside = [
        (e["et"], max(e["et"], e["av"]), (e["id"] is not None, e["id"]), e[column])
        for e in events
        if (e["k"], e["k2"]) == (row["k"], row["k2"]) and e["et"] >= start
    ]
    inside = [e for e in inside if (e[1] <= t if inclusive else e[1] < t)]
    values = [e[3] for e in sorted(inside, key=lambda e: e[:3]) if e[3] is not None]
    return finalize(operation, [v for v in values if not (isinstance(v, float) and not math.isfinite(v))])


def finalize(operation: str, values: list[Any]) -> Any:
    if operation == "count":
        return len(values)
    if not values:
        return None
    if operation == "sum":
        total = math.fsum(values) if isinstance(values[0], float) else sum(values)
        return total if isinstance(total, float) or -(2**63) <= total < 2**63 else None
    if operation == "average":
        return sum(values) / len(values)
    return {"min": min(values), "max": max(values), "first": values[0], "last": values[-1]}[operation]


def ours(
    events: Any, rows: Any, aggregations: list[Spec], inclusive: bool = False
) -> tuple[pl.DataFrame, dict[str, Any]]:
    table, report = temporal_join(
        events, rows, keys=["k", "k2"], event_time="et", available_at="av", timestamp="t", tie_break=["id"],
        aggregations=specs(aggregations), inclusive=inclusive,
    )  # fmt: skip
    return pl.DataFrame(table), report


def assert_equal(
    got: pl.DataFrame, want: list[list[Any]], aggregations: list[Spec], events: list[dict[str, Any]]
) -> None:
    finite = [abs(e["f"]) for e in events if e["f"] is not None and math.isfinite(e["f"])]
    tolerance = 4 * 2.0**-52 * max(len(finite), 1) * sum(finite)
    for row, expected in zip(got.rows(), want, strict=True):
        for (name, column, operation, *_), seen, right in zip(aggregations, row, expected, strict=True):
            if column == "f" and operation in ("sum", "average") and right is not None:
                assert seen is not None, name
                assert abs(seen - right) <= tolerance, name
            elif operation == "average" and right is not None:
                assert seen == pytest.approx(right, rel=1e-15), name
            else:
                assert seen == right, name
                assert not (isinstance(seen, float) and seen == 0 and math.copysign(1, seen) < 0), (
                    f"{name} is −0.0"
                )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    base = draw(st.sampled_from([0, -40, -(10**15), 10**15]))
    late = draw(st.booleans())
    time = st.integers(0, draw(st.sampled_from([6, 60]))).map(lambda x: base + x)
    key = {"k": st.sampled_from([1, 12, 23, None]), "k2": st.sampled_from(["23", "3", "", None])}
    event = st.fixed_dictionaries(
        {
            **key,
            "et": time,
            "av": st.integers(-5, 80).map(lambda x: base + x) if late else st.just(base - 100),
            "id": st.sampled_from([None, 1, 2, 3]),
            "i": st.sampled_from([None, -3, 0, 7, 2**62, -(2**62)]),
            "f": st.sampled_from([None, -0.0, 0.0, 0.1, -7.25, 1e-300, math.nan, math.inf, -math.inf]),
            "s": st.sampled_from([None, "", "x", "yy", "ß"]),
        }
    )
    row = st.fixed_dictionaries({**key, "t": st.integers(-10, 100).map(lambda x: base + x)})
    events = draw(st.lists(event, max_size=25))
    # Ties that the declared order does not break may come out either way: equal rows only.
    unique = {(e["k"], e["k2"], e["et"], max(e["et"], e["av"]), e["id"]): e for e in events}
    return list(unique.values()), draw(st.lists(row, max_size=10))


@given(worlds(), st.booleans(), st.integers(0, 25))
@settings(max_examples=300, deadline=None)
def test_every_operation_window_and_type_equals_the_oracle(world, inclusive, cut):
    events, rows = world
    frame = pl.DataFrame(events, schema=EVENTS, strict=False)
    chunked = pl.concat([frame[:cut], frame[cut:]], rechunk=False)
    aggregations = every_aggregation()
    got, _ = ours(chunked, pl.DataFrame(rows, schema=ROWS), aggregations, inclusive)
    assert got.height == len(rows)
    assert_equal(got, naive(events, rows, aggregations, inclusive), aggregations, events)


@given(worlds(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_neither_the_order_of_events_nor_that_of_rows_changes_a_value(world, random):
    events, rows = world
    aggregations = [
        each for each in every_aggregation() if not (each[1] == "f" and each[2] in ("sum", "average"))
    ]
    frame, asked = pl.DataFrame(events, schema=EVENTS, strict=False), pl.DataFrame(rows, schema=ROWS)
    shuffled, order = list(range(len(events))), list(range(len(rows)))
    random.shuffle(shuffled)
    random.shuffle(order)
    straight, _ = ours(frame, asked, aggregations)
    mixed, _ = ours(frame[shuffled], asked[order], aggregations)
    assert mixed.rows() == [straight.row(i) for i in order]


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_what_happens_at_or_after_the_question_changes_nothing(world):
    events, rows = world
    aggregations = every_aggregation()
    for row in rows[:3]:
        before = [e for e in events if max(e["et"], e["av"]) < row["t"]]
        schema = pl.DataFrame([row], schema=ROWS)
        with_future, _ = ours(pl.DataFrame(events, schema=EVENTS, strict=False), schema, aggregations)
        without, _ = ours(pl.DataFrame(before, schema=EVENTS, strict=False), schema, aggregations)
        assert_equal(with_future, [list(without.row(0))], aggregations, events)


def one(events: list[dict[str, Any]], t: int, *aggregations: Spec) -> tuple[Any, ...]:
    filled = [{"k": 1, "k2": "a", "av": e["et"], "id": 0, "i": 1, "f": 1.0, "s": "x"} | e for e in events]
    rows = pl.DataFrame([{"k": 1, "k2": "a", "t": t}], schema=ROWS)
    return ours(pl.DataFrame(filled, schema=EVENTS, strict=False), rows, list(aggregations))[0].row(0)


def test_the_start_of_a_window_is_inside_and_t_is_outside():
    count = ("n", "i", "count", "sliding", 10, 0)
    assert one([{"et": 0}], 10, count) == (1,)
    assert one([{"et": -1}], 10, count) == (0,)
    assert one([{"et": 10}], 10, count) == (0,)


def test_an_event_counts_once_it_is_known():
    count = ("n", "i", "count", "unbounded", 0, 0)
    late = [{"et": 0, "av": 50}]
    assert one(late, 50, count) == (0,)
    assert one(late, 51, count) == (1,)


def test_a_sum_that_does_not_fit_is_null_and_counted_but_one_that_fits_on_the_way_is_kept():
    events = [{"et": i, "i": v} for i, v in enumerate([2**62, 2**62, -(2**62)])]
    total = ("s", "i", "sum", "unbounded", 0, 0)
    assert one(events, 9, total) == (2**62,)
    assert one(events[:2], 9, total) == (None,)
    rows = pl.DataFrame([{"k": 1, "k2": "a", "t": 9}], schema=ROWS)
    filled = [{"k": 1, "k2": "a", "av": 0, "id": 0, "f": None, "s": None} | e for e in events[:2]]
    _, report = ours(pl.DataFrame(filled, schema=EVENTS, strict=False), rows, [total])
    assert report == {"non_finite": {}, "overflow": {"s": 1}, "matched_rows": 1}


def test_nan_and_infinities_are_skipped_and_counted():
    filled = [
        {"k": 1, "k2": "a", "et": 0, "av": 0, "id": i, "i": 0, "f": f, "s": ""}
        for i, f in enumerate([math.nan, math.inf, 2.0])
    ]
    rows = pl.DataFrame([{"k": 1, "k2": "a", "t": 9}], schema=ROWS)
    got, report = ours(pl.DataFrame(filled, schema=EVENTS), rows, [("m", "f", "max", "unbounded", 0, 0)])
    assert got.row(0) == (2.0,)
    assert report["non_finite"] == {"f": 2}


def test_types_come_back_as_they_went_in():
    events = pl.DataFrame({"k": ["a"], "et": [0], "b": [True], "at": [5], "c": ["x"]}).with_columns(
        pl.col("at").cast(pl.Datetime("us", "UTC")),
        pl.col("c").cast(pl.Categorical),
        pl.col("k").cast(pl.Categorical),
    )
    rows = pl.DataFrame({"k": ["a", "zz"], "t": [1, 1]})
    last = [(name, name, "last", "unbounded", 0, 0) for name in ("b", "at", "c")]
    table, _ = temporal_join(
        events,
        rows,
        keys=["k"],
        event_time="et",
        available_at=None,
        timestamp="t",
        tie_break=[],
        aggregations=specs(last),
    )
    frame = pl.DataFrame(table)
    assert frame.schema == {"b": pl.Boolean, "at": pl.Datetime("us", "UTC"), "c": pl.String}
    assert frame.rows() == [(True, events["at"][0], "x"), (None, None, None)]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"keys": ["kk"]}, "the events have no column 'kk'; they have: k, et, x"),
    ({"timestamp": "tt"}, "the rows have no column 'tt'; they have: k, t"),
    ({"tie_break": ["nope"]}, "the events have no column 'nope'"),
    ({"aggregations": [spec("n", "x", "middle", "sliding", 1)]}, "no operation is called 'middle'; there are: count"),
    ({"aggregations": [spec("n", "x", "sum", "hopping", 1, 0)]}, "the window kind 'hopping' is unknown"),
    ({"aggregations": [spec("n", "x", "sum", "sawtooth", 5, 0)]}, "length 5 µs and hop 0 µs; both must be positive"),
    ({"aggregations": [spec("n", "x", "sum", "unbounded", 0, 0)]}, "'sum' of column 'x', which is .*it adds"),
    ({"event_time": "x"}, "column 'x' of the events is .*expected a timestamp"),
    ({"keys": ["k"], "rows": {"k": ["1"], "t": [3]}}, "key 'k' is Int64 in the events and .* in the rows"),
    ({"rows": {"k": [1, 1], "t": [3, None]}}, "column 't' of the rows is null in row 1"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BAD, ids=[m[:40] for _, m in BAD])
def test_bad_input_is_refused_with_what_was_seen_and_expected(change, message):
    given_rows = change.get("rows", {"k": [1], "t": [3]})
    asked: dict[str, Any] = {"keys": ["k"], "event_time": "et", "available_at": None, "timestamp": "t", "tie_break": [],
                             "aggregations": [spec("n", "x", "count", "unbounded")]}  # fmt: skip
    asked |= {name: given for name, given in change.items() if name != "rows"}
    with pytest.raises(ValueError, match=message):
        temporal_join(pl.DataFrame({"k": [1], "et": [0], "x": ["y"]}), pl.DataFrame(given_rows), **asked)


def test_no_events_no_rows_and_no_keys():
    count = [spec("n", "x", "count", "unbounded")]
    events, rows = pl.DataFrame({"et": [0, 1], "x": [1, 2]}), pl.DataFrame({"t": [1, 5]})
    asked: dict[str, Any] = {
        "keys": [],
        "event_time": "et",
        "available_at": None,
        "timestamp": "t",
        "tie_break": [],
        "aggregations": count,
    }
    assert pl.DataFrame(temporal_join(events, rows, **asked)[0])["n"].to_list() == [1, 2]
    assert pl.DataFrame(temporal_join(events.clear(), rows, **asked)[0])["n"].to_list() == [0, 0]
    assert pl.DataFrame(temporal_join(events, rows.clear(), **asked)[0]).height == 0
