"""Every Arrow type that the temporal join takes as a key, a time, a value or a tie break, and what comes out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from aggregation_specs import spec
from bighead_kernels import temporal_join

MIDNIGHT = datetime(1969, 12, 31, tzinfo=UTC)


def one(values: Any, operation: str, *, keys: Any = (1, 1, 1), asked: Any = (1,), **changes: Any) -> Any:
    """Aggregate three events, at 10, 20 and 30 µs, as seen by rows at 100 µs over an unbounded window."""
    events = pa.table({"k": keys, "et": [10, 20, 30], "x": values})
    rows = pa.table({"k": asked, "t": [100] * len(asked)})
    given = {
        "keys": ["k"],
        "event_time": "et",
        "available_at": None,
        "timestamp": "t",
        "tie_break": [],
    } | changes
    table, report = temporal_join(
        events, rows, aggregations=[spec("out", "x", operation, "unbounded")], **given
    )
    return pa.table(table)["out"], report


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]


@pytest.mark.parametrize("kind", INTEGERS, ids=str)
def test_integers_come_out_as_int64(kind):
    values = pa.array([7, None, 5], kind)
    seen = {op: one(values, op)[0] for op in ("count", "sum", "min", "max", "first", "last")}
    assert {op: column.to_pylist() for op, column in seen.items()} == {
        "count": [2], "sum": [12], "min": [5], "max": [7], "first": [7], "last": [5],
    }  # fmt: skip
    assert {column.type for column in seen.values()} == {pa.int64()}
    assert one(values, "average")[0].to_pylist() == [6.0]


def test_an_unsigned_integer_beyond_int64_is_refused():
    with pytest.raises(ValueError, match="column 'x' of the events is beyond 64 bits in row 2"):
        one(pa.array([1, 2, 2**63], pa.uint64()), "sum")


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()], ids=str)
def test_floats_come_out_as_float64(kind):
    column, report = one(pa.array([1.5, float("inf"), -0.0], kind), "last")
    assert (str(column.to_pylist()[0]), column.type, report["non_finite"]) == ("0.0", pa.float64(), {"x": 1})


def test_truth_values_add_up_and_stay_truth_values():
    values = pa.array([True, False, None])
    assert one(values, "sum")[0].to_pylist() == [1]
    assert one(values, "average")[0].to_pylist() == [0.5]
    assert one(values, "max")[0].to_pylist() == [True]
    assert one(values, "last")[0].to_pylist() == [False]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([MIDNIGHT, None, MIDNIGHT], pa.timestamp("us", "UTC")),
        pa.array([MIDNIGHT, None, MIDNIGHT], pa.timestamp("ms", "Europe/Oslo")),
        pa.array([date(1969, 1, 1), None, date(2020, 1, 1)]),
    ],
    ids=lambda values: str(values.type),
)
def test_times_keep_their_type_and_do_not_add(values):
    column, _ = one(values, "min")
    assert (column.to_pylist()[0], column.type) == (values[0].as_py(), values.type)
    with pytest.raises(
        ValueError,
        match=f"'sum' of column 'x', which is .*{'Date' if 'date' in str(values.type) else 'Timestamp'}",
    ):
        one(values, "sum")


TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())]


@pytest.mark.parametrize("kind", TEXTS, ids=str)
@pytest.mark.parametrize("other", TEXTS, ids=str)
def test_text_of_any_layout_serves_as_key_and_value(kind, other):
    if pa.types.is_dictionary(kind):
        texts, keys = (
            pa.array(["b", None, "å"]).dictionary_encode(),
            pa.array(["x", "y", "x"]).dictionary_encode(),
        )
    else:
        texts, keys = pa.array(["b", None, "å"], kind), pa.array(["x", "y", "x"], kind)
    asked = pa.array(["x", "z", "y", None])
    asked = asked.dictionary_encode() if pa.types.is_dictionary(other) else asked.cast(other)
    assert one(texts, "max", keys=keys, asked=asked)[0].to_pylist() == ["å", None, None, None]
    assert one(texts, "count", keys=keys, asked=asked)[0].to_pylist() == [2, 0, 0, None]


@pytest.mark.parametrize(
    ("events", "rows"),
    [
        (pa.array([1, 2, 1], pa.int8()), pa.array([1, 9], pa.int64())),
        (pa.array([2**62, -5, 2**62]), pa.array([2**62, 9])),
        (pa.array([2**64 - 1, 5, 2**64 - 1], pa.uint64()), pa.array([2**64 - 1, 4], pa.uint64())),
        (pa.array([True, None, True]), pa.array([True, False])),
        (
            pa.array([date(1960, 1, 1), None, date(1960, 1, 1)]),
            pa.array([date(1960, 1, 1), date(1961, 1, 1)]),
        ),
    ],
    ids=["int8 and int64", "far apart", "uint64", "bool", "date"],
)
def test_keys_of_other_types(events, rows):
    assert one([1, 2, 4], "sum", keys=events, asked=rows)[0].to_pylist() == [5, None]


def test_keys_of_two_kinds_are_refused():
    with pytest.raises(ValueError, match="key 'k' is Int64 in the events and Utf8 in the rows"):
        one([1, 2, 3], "sum", asked=["1"])
    with pytest.raises(ValueError, match="column 'k' of the rows is Float64; expected integers, text"):
        one([1, 2, 3], "sum", asked=[1.0])


def test_no_key_at_all_joins_everything():
    events, rows = pl.DataFrame({"et": [1, 2], "x": [3, 4]}), pl.DataFrame({"t": [2, 3]})
    table, _ = temporal_join(
        events, rows, keys=[], event_time="et", available_at=None, timestamp="t", tie_break=[],
        aggregations=[spec("s", "x", "sum", "unbounded")],
    )  # fmt: skip
    assert pl.DataFrame(table)["s"].to_list() == [3, 7]


def test_times_of_other_units_are_read_as_microseconds_and_finer_ones_floored():
    nanoseconds = pa.array([-1, 999, 1000], pa.timestamp("ns"))
    events = pa.table({"k": [1, 1, 1], "et": nanoseconds, "x": [1, 2, 4]})
    for unit, at, expected in (("us", 0, 1), ("us", 1, 3), ("ms", 1, 7), ("s", 1, 7)):
        rows = pa.table({"k": [1], "t": pa.array([at], pa.timestamp(unit))})
        table, _ = temporal_join(
            events, rows, keys=["k"], event_time="et", available_at=None, timestamp="t", tie_break=[],
            aggregations=[spec("s", "x", "sum", "unbounded")],
        )  # fmt: skip
        assert pa.table(table)["s"].to_pylist() == [expected], (unit, at)


@pytest.mark.parametrize(
    "ties",
    [
        pl.Series([3, None, 1]), pl.Series(["c", None, "a"]), pl.Series([3.0, None, -0.5]),
        pl.Series([True, None, False]),
        pl.Series([2**64 - 1, None, 1], dtype=pl.UInt64), pl.Series(["c", None, "a"], dtype=pl.Categorical),
    ],
    ids=lambda series: str(series.dtype),
)  # fmt: skip
def test_ties_are_broken_by_value_with_nulls_first(ties):
    events = pl.DataFrame({"k": [1, 1, 1], "et": [5, 5, 5], "x": [10, 20, 30], "tie": ties})
    rows = pl.DataFrame({"k": [1], "t": [6]})
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        table, _ = temporal_join(
            events[order], rows, keys=["k"], event_time="et", available_at=None, timestamp="t", tie_break=["tie"],
            aggregations=[spec("a", "x", "first", "unbounded"), spec("z", "x", "last", "unbounded")],
        )  # fmt: skip
        assert pl.DataFrame(table).row(0) == (20, 10)
