"""Declared inputs and derivations of training rows: types as declared, values as plain Python computes them."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import (
    Aggregation,
    EventSource,
    FeatureSet,
    Input,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import Memory, SourceRows, build_training_set, training_rows
from bighead.pipeline_lib.point_in_time.join import JoinReport
from bighead.pipeline_lib.point_in_time.row_columns import with_declared
from bighead.pipeline_lib.point_in_time.training import features_at

T0 = datetime(2013, 3, 10, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


class Tables(dict[str, pl.DataFrame]):
    """Tables in memory."""

    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return str(self[table].hash_rows().sum())


def stays(name: str, operation: str) -> FeatureSet:
    return FeatureSet(
        name=name,
        owner="t",
        keys=["k"],
        source=EventSource(table="stays", event_time="ts", event_id="id"),
        aggregations=[Aggregation("x", operation, ["3d"])],
    )


SEARCHES = TrainingSet(
    name="searches",
    left=LeftTable("left", known={"k": "0s"}),
    timestamp="t",
    row_id="row",
    features=[stays("one", "sum"), stays("other", "count").on(prefix="o")],
    label=Label("y", horizon="1d"),
    inputs=[
        Input("price", "float64", known="0s"),
        Input("n", "int64", known="0s"),
        Input("v", "string", known="0s"),
    ],
    derivations={
        "rate": "one_x_sum_3d / o_other_x_count_3d",
        "dear": "price > rate",
        "each": "price / n",
        "place": "CASE WHEN v = 'a' THEN n ELSE o_other_x_count_3d END",
        "day": "EXTRACT(DAY FROM t)",
    },
)
numbers = st.none() | st.sampled_from([0.0, -0.0, 1.5, -3.0, 1e308, math.nan, math.inf, 2.0**60])
lefts = st.lists(
    st.tuples(
        st.sampled_from(["p", "q", None]),
        st.integers(-4000, 4000),
        numbers,
        st.none() | st.integers(-3, 3) | st.just(2**62),
        st.sampled_from(["a", "b", None]),
    ),
    min_size=1,
    max_size=12,
)
events = st.lists(
    st.tuples(st.sampled_from(["p", "q"]), st.integers(-9000, 4000), st.integers(-9, 9)), max_size=12
)


def tables(asked, happened) -> Tables:
    left = [(i, k, T0 + timedelta(minutes=at), *more, i % 2) for i, (k, at, *more) in enumerate(asked)]
    names = {"row": pl.Int64, "k": pl.String, "t": TIME, "price": pl.Float64, "n": pl.Int64, "v": pl.String}
    rows = [(i, k, T0 + timedelta(minutes=at), x) for i, (k, at, x) in enumerate(happened)]
    return Tables(
        left=pl.DataFrame(left, schema={**names, "y": pl.Int64}, orient="row"),
        stays=pl.DataFrame(
            rows, schema={"id": pl.Int64, "k": pl.String, "ts": TIME, "x": pl.Int64}, orient="row"
        ),
    )


def divided(one, other):
    if one is None or other is None or other == 0:
        return None
    return one / other if math.isfinite(one / other) else None


def naive(row) -> dict:
    """What the derivations say, in plain Python over one row."""
    rate, price = divided(row["one_x_sum_3d"], row["o_other_x_count_3d"]), row["price"]
    return {
        "rate": rate,
        "dear": None if price is None or rate is None else price > rate,
        "each": divided(price, row["n"]),
        "place": row["n"] if row["v"] == "a" else row["o_other_x_count_3d"],
        "day": row["t"].day,
    }


@settings(max_examples=60, deadline=None)
@given(lefts, events)
def test_rows_are_derived_as_plain_python_does_and_alike_however_they_are_joined(asked, happened):
    read = tables(asked, happened)
    reader = SourceRows(read)
    frame = build_training_set(SEARCHES, read["left"], reader).frame
    assert frame.columns[-5:] == ["day", "dear", "each", "place", "rate"]
    for row in frame.to_dicts():
        assert row["price"] is None or math.isfinite(row["price"])
        expected = naive(row)
        assert {name: row[name] for name in expected} == expected
    bare = replace(SEARCHES, derivations={})
    assert build_training_set(bare, read["left"], reader).frame.equals(frame.drop(list(SEARCHES.derivations)))


def test_spilled_rows_are_derived_as_well(tmp_path):
    many = [("pq"[i % 2], i % 4000, float(i), i % 3, "a") for i in range(4000)]
    read = tables(many, [("pq"[i % 2], i % 3000 - 1500, i % 7) for i in range(4000)])
    reader = SourceRows(read)
    frame = build_training_set(SEARCHES, read["left"], reader).frame
    with training_rows(SEARCHES, read["left"], reader, Memory(1 << 16, tmp_path)) as rows:
        assert rows.collect().equals(frame)
    with training_rows(SEARCHES, read["left"], reader, Memory(1 << 40, tmp_path)) as rows:
        assert rows.collect().equals(frame)


class Elsewhere:
    """A JoinEngine that joins here, and hands its rows over lazily as one elsewhere does."""

    @contextmanager
    def joined(self, left, refs, reader, timestamp, columns):
        features, _ = features_at(left, tuple(refs), reader, timestamp)
        yield (
            pl.concat([left.select(columns), features], how="horizontal").lazy(),
            [JoinReport() for _ in refs],
        )


def test_rows_that_an_engine_joins_are_derived_as_well(tmp_path):
    read = tables([("p", 0, 1.5, 2, "a"), (None, 5, None, 0, "b")], [("p", -9, 3), ("q", -5, 4)])
    reader = SourceRows(read)
    frame = build_training_set(SEARCHES, read["left"], reader).frame
    with training_rows(SEARCHES, read["left"], reader, Memory(1 << 40, tmp_path), Elsewhere()) as rows:
        assert rows.collect().equals(frame)


def test_what_does_not_fit_the_types_is_told_with_the_types():
    read = tables([("p", 0, 1.0, 1, "a")], [])
    wrong = replace(SEARCHES, derivations={"a": "price + v || 'x'", "b": "n * 2"})
    with pytest.raises(SchemaError, match=r"'a' of 'searches'.*price is Float64, v is String"):
        build_training_set(wrong, read["left"], SourceRows(read))


@pytest.mark.parametrize(
    ("dtype", "given_", "expected"),
    [
        ("float64", pl.Series([1, None], dtype=pl.UInt8), [1.0, None]),
        ("float64", pl.Series([Decimal("1.5"), None]), [1.5, None]),
        ("float64", pl.Series([math.nan, -math.inf, -0.0], dtype=pl.Float32), [None, None, 0.0]),
        ("int64", pl.Series([2**62], dtype=pl.UInt64), [2**62]),
        ("int64", pl.Series([None], dtype=pl.Null), [None]),
        ("string", pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
        ("bool", pl.Series([True, None]), [True, None]),
        ("datetime", pl.Series([T0], dtype=pl.Datetime("ms", "Europe/Paris")), [T0]),
    ],
)
def test_a_column_becomes_the_type_that_requests_give(dtype, given_, expected):
    frame = pl.DataFrame({"c": given_})
    made = with_declared(frame, {"c": Input("c", dtype)}, "the left table")["c"]
    assert made.to_list() == expected
    assert all(math.copysign(1, each) == 1 for each in made if each == 0.0 and dtype == "float64")


@pytest.mark.parametrize(
    ("wanted", "given_", "error", "told"),
    [
        (Input("c", "int64"), pl.Series([1.0]), SchemaError, "Float64, and is declared as int64"),
        (Input("c", "float64"), pl.Series(["1"]), SchemaError, "String, and is declared as float64"),
        (Input("c", "bool"), pl.Series([1]), SchemaError, "declared as bool"),
        (Input("c", "string"), pl.Series([1]), SchemaError, "declared as string"),
        (Input("c", "datetime"), pl.Series([1]), SchemaError, "declared as datetime"),
        (Input("c", "datetime"), pl.Series([datetime(2013, 1, 1)]), EventTimeError, "naive"),
        (Input("c", "int64"), pl.Series([2**63], dtype=pl.UInt64), DataError, "beyond 64 bits"),
        (Input("c", "int64", nullable=False), pl.Series([1, None]), DataError, "missing in 1 of 2 rows"),
        (Input("c", "float64", nullable=False), pl.Series([math.nan]), DataError, "missing in 1 of 1 rows"),
    ],
)
def test_a_column_of_another_kind_is_refused_with_what_was_seen(wanted, given_, error, told):
    with pytest.raises(error, match=told):
        with_declared(pl.DataFrame({"c": given_}), {"c": wanted}, "the left table")
