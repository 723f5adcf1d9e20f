"""Tensors are one value each, whole wherever they go, and categories are words of their vocabulary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_views import seen

from bighead.pipeline_lib.errors import (
    DataError,
    DefinitionError,
    SchemaError,
)
from bighead.pipeline_lib.features import (
    Aggregation,
    Categorical,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
    Mutations,
    Tensor,
)
from bighead.pipeline_lib.features.declared_types import WHOLE
from bighead.pipeline_lib.features.operations import OPERATIONS
from bighead.pipeline_lib.point_in_time import clean, values_at

T0 = datetime(2024, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")


def table(values: Sequence[Any], dtype: Any = None, name: str = "emb") -> pl.DataFrame:
    count = len(values)
    times = [T0 + timedelta(minutes=n) for n in range(count)]
    frame = pl.DataFrame({"id": list(range(count)), "user": ["a"] * count, "ts": times})
    return frame.with_columns(pl.Series(name, values, dtype=dtype))


def asked(made: FeatureSet, rows: pl.DataFrame, minutes: Sequence[float]) -> pl.DataFrame:
    times = [T0 + timedelta(minutes=each) for each in minutes]
    left = pl.DataFrame({"user": ["a"] * len(times), "t": times}, schema_overrides={"t": TIME})
    return values_at(left, made.on(), rows, "t")[0]


def aggregation(operation: str, column: str) -> Aggregation:
    needs = OPERATIONS[operation].needs
    return Aggregation(
        column,
        operation,
        ["1d"],
        k=2 if needs == "k" else None,
        quantiles=[0.5] if needs == "quantiles" else None,
        half_life="1h" if needs == "half_life" else None,
    )


DOCUMENTED = {
    "value": pl.List(pl.List(pl.Float64)),
    "values": pl.List(pl.List(pl.List(pl.Float64))),
    "integer": pl.Int64(),
    "float": pl.Float64(),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_takes_tensors_whole_or_not_at_all(operation):
    made, types = aggregation(operation, "emb"), {"emb": Tensor([1, 2], "float32")}
    if operation not in WHOLE:
        with pytest.raises(DefinitionError, match="apart"):
            seen(made, **types)
        return
    typed = seen(made, **types)
    rows = clean(table([[[1, 2]], None, [[3, 4]], [[1, 2]]]), typed)
    found = asked(typed, rows, [9]).to_series()
    assert found.dtype == DOCUMENTED[OPERATIONS[operation].gives] == typed.features[0].dtype_of(pl.Binary())
    wanted = {
        "count": 3, "unique_count": 2, "bounded_unique_count": 2, "approx_unique_count": 2,
        "first": [[1.0, 2.0]], "last": [[1.0, 2.0]], "lag": [[1.0, 2.0]],
        "first_k": [[[1.0, 2.0]], [[3.0, 4.0]]], "last_k": [[[1.0, 2.0]], [[3.0, 4.0]]],
        "rate": 3 / (86_400 + 540), "time_since_first": 540.0, "time_since_last": 360.0,
    }  # fmt: skip
    # The day began on a whole hour, nine minutes before it had to.
    assert found.to_list() == [wanted[operation]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_does_with_categories_as_with_text(operation):
    made, types = aggregation(operation, "status"), {"status": Categorical(["ok", "late"], unknown="null")}
    typed, plain = seen(made, **types), replace(seen(made, **types), types={})
    words = ["late", None, "ok", "gone", "ok"]
    if OPERATIONS[operation].adds:
        with pytest.raises(SchemaError, match="can be added"):
            asked(typed, clean(table(words, name="status"), typed), [9])
        return
    rows = clean(table([None if each == "gone" else each for each in words], name="status"), plain)
    wanted = asked(plain, rows, [9])
    for dtype in (pl.String(), pl.Categorical(), pl.Enum(["gone", "late", "ok"])):
        assert asked(typed, clean(table(words, dtype, "status"), typed), [9]).equals(wanted)


numbers = st.floats(-1e6, 1e6, width=32) | st.integers(-9, 9).map(float)
tensors = st.lists(st.none() | st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=12)


@given(tensors, st.integers(1, 4), st.sampled_from(["float32", "float64"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whole_values_are_those_of_plain_python(values, k, dtype, as_arrays):
    made = seen(
        *(Aggregation("emb", each, ["5m"]) for each in ("last", "first", "count")),
        Aggregation("emb", "last_k", ["unbounded"], k=k),
        Aggregation("emb", "unique_count", ["unbounded"]),
        emb=Tensor([3], dtype),
    )
    given_as = pl.Array(pl.Float64, 3) if as_arrays else pl.List(pl.Float64)
    rows = clean(table(values, given_as), made)
    assert rows.schema["emb"] == pl.Binary
    minutes = [n + 0.5 for n in range(len(values) + 7)]
    got = asked(made, rows, minutes)
    for minute, row in zip(minutes, got.rows(), strict=True):
        told = [(n, [each + 0.0 for each in v]) for n, v in enumerate(values) if v is not None and n < minute]
        # Windows of five minutes start at whole seconds.
        near = [value for n, value in told if n >= minute - 5]
        newest = [value for _, value in told][::-1][:k]
        distinct = len({tuple(value) for _, value in told})
        assert row == (
            near[-1] if near else None,
            near[0] if near else None,
            len(near),
            newest or None,
            distinct,
        )


@pytest.mark.parametrize(
    ("values", "dtype", "told"),
    [
        ([[1.0, 2.0], [1.0], None, [1.0, 2.0, 3.0]], None, "has 4 values, 2 that are not 2 numbers"),
        ([[1.0, 2.0], [1.0, None]], None, "1 that are not 2 numbers"),
        ([[math.nan, 2.0], [1.0, math.inf], [1.0]], None, "1 that are not 2 numbers and 2 that hold NaN"),
        ([[]], pl.List(pl.Float64), "1 that are not 2 numbers"),
        ([b"x" * 16, b"x"], None, "1 that are no 2 numbers"),
    ],
)
def test_what_is_no_tensor_is_counted_by_the_reason_or_becomes_null(values, dtype, told):
    with pytest.raises(DataError, match=told):
        clean(table(values, dtype), seen())
    lenient = seen(emb=Tensor([2], invalid="null"))
    rows = clean(table(values, dtype), lenient)
    bad = [
        v is None or len(v) not in (2, 16) or (len(v) == 2 and not all(map(_is_finite, v))) for v in values
    ]
    assert rows["emb"].is_null().to_list() == bad


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def test_too_large_for_what_is_stored_is_not_finite_and_zeros_are_one():
    with pytest.raises(DataError, match="1 that hold NaN or infinite numbers"):
        clean(table([[1e300, 0.0]]), seen(emb=Tensor([2], "float32")))
    rows = clean(table([[-0.0, 1.0], [0.0, 1.0]]), seen())
    assert rows["emb"].n_unique() == 1
    whole = clean(table([[2**62 + 1, -(2**63)]]), seen(emb=Tensor([2], "int64")))
    assert asked(seen(emb=Tensor([2], "int64")), whole, [1]).row(0) == ([2**62 + 1, -(2**63)],)
    with pytest.raises(DataError, match="are not 2 numbers"):
        clean(table([[2**63, 0]], pl.List(pl.UInt64)), seen(emb=Tensor([2], "int64")))


@pytest.mark.parametrize(
    ("values", "declared"),
    [
        ([1.0], Tensor([2])),
        ([["1"]], Tensor([1])),
        ([[[1.0]]], Tensor([1])),
        ([[1.5]], Tensor([1], "int64")),
        ([3], Categorical(["3"])),
        ([[["a"]]], Categorical(["a"])),
    ],
)
def test_columns_of_another_kind_are_refused(values, declared):
    made = seen(Aggregation("emb", "last", ["1d"]), emb=declared)
    with pytest.raises(SchemaError, match="declared as a"):
        clean(table(values), made)


def test_unknown_words_are_refused_with_their_count_or_become_what_is_declared():
    words = ["ok", "gone", None, "gone", "lost"]
    made = seen(Aggregation("status", "last", ["1d"]), status=Categorical(["ok", "rest"]))
    with pytest.raises(DataError, match="5 values, 3 that are not in its vocabulary, as 'gone', 'lost'"):
        clean(table(words, name="status"), made)
    # What lies outside the span is nobody's business.
    assert clean(table(words, name="status"), made, None, T0 + timedelta(minutes=1)).height == 1
    for policy, wanted in (("null", None), ("rest", "rest")):
        lenient = replace(made, types={"status": Categorical(["ok", "rest"], unknown=policy)})
        found = clean(table(words, name="status"), lenient)["status"].to_list()
        assert found == ["ok", wanted, None, wanted, wanted]


def test_a_condition_reads_what_the_source_says_and_a_filtered_input_is_typed():
    made = seen(
        Aggregation("emb", "last", ["1d"], where="status = 'ok'", name="good"),
        Aggregation("emb", "last", ["1d"]),
    )
    frame = table([[1.0, 2.0], [3.0, 4.0]]).with_columns(status=pl.Series(["ok", "no"]))
    assert asked(made, clean(frame, made), [5]).row(0) == ([1.0, 2.0], [3.0, 4.0])


def test_facts_versions_and_chained_rows_carry_tensors():
    facts = FeatureSet(
        name="items",
        owner="t",
        keys=["user"],
        source=EntitySource("items"),
        columns=["emb"],
        types={"emb": Tensor([1, 2])},
    )
    day = pl.DataFrame({"ds": ["2023-12-31"], "user": ["a"], "emb": [[[1.0, 2.0]]]})
    rows = clean(day, facts)
    assert asked(facts, rows, [1]).row(0) == ([[1.0, 2.0]],)
    changing = replace(seen(), source=replace(seen().source, mutations=Mutations("at", operation="op")))
    log = table([[1.0, 2.0], [3.0, 4.0]]).with_columns(
        id=pl.lit(1), op=pl.Series(["c", "u"]), at=pl.col("ts") + pl.duration(minutes=1)
    )
    assert asked(changing, clean(log, changing), [1.5, 9]).rows() == [([1.0, 2.0],), ([3.0, 4.0],)]
    above = FeatureSet(
        name="above",
        owner="t",
        keys=["user"],
        source=ChainedSource(EventSource("orders", "ts", event_id="id"), [facts]),
        aggregations=[Aggregation("items_emb", "last_k", ["1d"], k=2)],
        types={"items_emb": Tensor([1, 2])},
    )
    from hourly_clicks import Tables

    from bighead.pipeline_lib.point_in_time import SourceRows

    tables = Tables(orders=table([0, 0]), items=day)
    carried = SourceRows(tables).rows(above, None, T0 + timedelta(days=1))
    assert asked(above, carried, [9]).row(0) == ([[[1.0, 2.0]], [[1.0, 2.0]]],)
