"""Conditions, buckets, lists, maps and empty windows, case by case, and what does not fit the columns."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from random_sets import T0, TIME, left_of, plain

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import answers_at, bucket_maps, clean, values_at


def stays(*made: Aggregation, **source) -> FeatureSet:
    source = {"table": "t", "event_time": "ts", "available_at": "known", "event_id": "id"} | source
    return FeatureSet(name="s", owner="t", keys=["k"], source=EventSource(**source), aggregations=made)


def some(**columns) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    times = [T0 - timedelta(minutes=size - n) for n in range(size)]
    return pl.DataFrame({"id": range(size), "k": ["a"] * size, "ts": times, "known": times, **columns})


def one(feature_set: FeatureSet, raw: pl.DataFrame, key: str | None = "a") -> list:
    left = pl.DataFrame({"k": [key], "t": [T0]}, schema={"k": pl.String, "t": TIME})
    return [plain(v) for v in values_at(left, feature_set.on(), clean(raw, feature_set), "t")[0].row(0)]


def test_a_count_with_a_condition_counts_rows_where_it_holds_and_the_input_is_there():
    raw = some(x=[1, None, 3, 4], ok=[True, True, None, False])
    made = [Aggregation("x", "count", where="ok", name="fine"), Aggregation("x", "count")]
    assert one(stays(*made), raw) == [1, 3]
    assert clean(raw, stays(*made))["fine"].to_list() == [1, None, None, None]


def test_a_condition_reads_the_source_and_its_select_even_what_it_does_not_keep():
    raw = some(x=[1, 2, 3], y=[1, 5, 9])
    made = Aggregation("x", "sum", where="twice > 4 AND y < 9", name="some")
    feature_set = stays(made, select={"twice": "y * 2"})
    assert one(feature_set, raw) == [2]
    assert clean(raw, feature_set).columns == ["k", "event_time", "available_at", "event_id", "some"]


def test_buckets_are_texts_in_order_and_none_are_mistaken():
    raw = some(x=[1, 2, 4, 8, 16], p=["a|b", "a", "é", None, "a"], q=["c", "b|c", "z", "q", None])
    assert one(stays(Aggregation("x", "sum", buckets=["p", "q"])), raw) == [
        [{"key": "a\\|b|c", "value": 1}, {"key": "a|b\\|c", "value": 2}, {"key": "é|z", "value": 4}]
    ]
    times = some(x=[1, 2], at=[T0, T0 + timedelta(microseconds=1)])
    found = one(stays(Aggregation("x", "count", buckets="at")), times)
    assert [e["key"] for e in found[0]] == ["2013-03-01T12:00:00.000001Z", "2013-03-01T12:00:00Z"]


def test_many_buckets_are_asked_about_in_portions(monkeypatch):
    raw = some(x=list(range(40)), city=[f"c{n % 7}" for n in range(40)])
    feature_set = stays(
        Aggregation("x", "sum", ["7d"], buckets="city"), Aggregation("x", "last_2", buckets="city")
    )
    left = left_of([(k, timedelta(minutes=-n)) for n in range(20) for k in ("a", None, "c")])
    cleaned, ref = clean(raw, feature_set), feature_set.on()
    whole = answers_at(left, ref, cleaned, "t")
    monkeypatch.setattr(bucket_maps, "AT_ONCE", 10)
    parts = answers_at(left, ref, cleaned, "t")
    assert parts.values.equals(whole.values)
    assert parts.statuses.equals(whole.statuses)
    assert parts.report == whole.report
    assert parts.report.matched_rows == 20


def test_elements_of_a_list_come_in_its_order_and_nulls_are_none():
    raw = some(xs=[[1, None, 2], [], None, [3]])
    made = [Aggregation("xs", op) for op in ("last_3", "count", "average", "first")]
    assert one(stays(*made), raw) == [[3, 2, 1], 3, 2.0, 1]
    assert one(stays(*made, event_id=None), raw) == [[3, 2, 1], 3, 2.0, 1]
    fixed = raw.with_columns(xs=pl.Series([[1, 2]] * 4, dtype=pl.Array(pl.Int8, 2)))
    assert one(stays(*made), fixed) == [[2, 1, 2], 8, 1.5, 1]


def test_without_an_id_lists_that_tie_are_told_apart_by_their_values():
    raw = some(xs=[[1, 5], [2], [1, 4]]).with_columns(
        ts=pl.lit(T0 - timedelta(1)), known=pl.lit(T0 - timedelta(1))
    )
    feature_set = stays(Aggregation("xs", "last_2"), event_id=None)
    assert one(feature_set, raw) == one(feature_set, raw.reverse()) == [[2, 5]]


def test_an_empty_window_gives_what_the_definition_says_and_is_still_called_empty():
    made = [
        Aggregation("x", "sum", ["7d"], empty=0),
        Aggregation("x", "last_2", ["7d"], empty=[]),
        Aggregation("d", "last", ["7d"], empty="2013-01-01"),
        Aggregation("x", "sum", ["7d"], buckets="d", empty={"none": 1}),
        Aggregation("x", "lag_1", ["7d"], empty=-1),
    ]
    feature_set = stays(*made)
    raw = some(x=[5, -5], d=[T0.date()] * 2).with_columns(k=pl.Series(["a", "b"]))
    assert one(feature_set, raw)[0:2] == [5, [5]]
    # There is a value, though none before the latest: that window is not empty.
    assert one(feature_set, raw)[4] is None
    filled = [0, [], datetime(2013, 1, 1).date(), [{"key": "none", "value": 1}], -1]
    assert one(feature_set, raw, "nobody") == filled
    assert one(feature_set, raw, None) == [None] * 5
    left = left_of([("nobody", timedelta()), (None, timedelta())])
    statuses = answers_at(left, feature_set.on(), clean(raw, feature_set), "t").statuses
    assert statuses.row(0) == ("empty",) * 5
    assert statuses.row(1) == ("null_key",) * 5


@pytest.mark.parametrize(
    ("made", "columns", "words"),
    [
        (Aggregation("x", "sum"), {"x": ["a"]}, "input 'x' of sum is String"),
        (Aggregation("x", "sum"), {"x": [b"a"]}, "numbers, durations or truths"),
        (Aggregation("x", "last"), {"x": [[[1]]]}, "cannot be aggregated"),
        (Aggregation("x", "sum", empty=1.5), {"x": [1]}, "empty=1.5, and its values are Int64"),
        (Aggregation("x", "min", empty="soon"), {"x": [T0]}, "empty='soon'"),
        (Aggregation("x", "min", empty=True), {"x": [1]}, "empty=True"),
        (Aggregation("x", "min", empty={"a": 1}), {"x": [1]}, "empty="),
        (Aggregation("x", "sum", buckets="y"), {"x": [1], "y": [1.5]}, "the bucket 'y' is Float64"),
        (Aggregation("x", "sum", buckets="y"), {"x": [{"a": 1}], "y": ["b"]}, "says its keys itself"),
        (Aggregation("x", "sum"), {"x": [{"a": 1, "b": "c"}]}, "fields of one type"),
        (Aggregation("x", "sum", where="z > 1", name="n"), {"x": [1]}, "lacks the column 'z'"),
        (Aggregation("x", "sum", where="x + 1", name="n"), {"x": [1]}, "cannot be read"),
    ],
)
def test_what_does_not_fit_the_columns_is_refused(made, columns, words):
    feature_set = stays(made)
    with pytest.raises(SchemaError, match=words):
        one(feature_set, some(**columns), "nobody")
    with pytest.raises(SchemaError, match=words):
        one(feature_set, some(**columns))


def test_a_condition_that_is_no_sql_is_refused():
    with pytest.raises(DefinitionError, match="no SQL expression"):
        one(stays(Aggregation("x", "sum", where="x >", name="n")), some(x=[1]))
