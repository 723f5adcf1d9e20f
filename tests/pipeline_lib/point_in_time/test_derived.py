"""Derived features: what naive Python makes of the features they read, alike in every way to answers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_sets import frame_of, left_of, questions, rows_of, sets

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    EntitySource,
    EventSource,
    FeatureSet,
)
from bighead.pipeline_lib.point_in_time import answers_at, clean, trace, values_at
from bighead.pipeline_lib.point_in_time.derived import result_types
from bighead.pipeline_lib.point_in_time.status import STATUSES, immature_before

T = datetime(2013, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def both(work):
    return lambda a, b: None if a is None or b is None else work(a, b)


OPERATORS = {
    "+": both(lambda a, b: a + b),
    "-": both(lambda a, b: a - b),
    "*": both(lambda a, b: a * b),
    "/": both(lambda a, b: a / b if b else None),
}


@st.composite
def expressions(draw, names, depth=2):
    """An expression as SQL and as a function of a row; division by zero is null, a condition of null is not met."""
    if depth == 0 or draw(st.booleans()):
        name = draw(st.sampled_from(names))
        return name, lambda row: row[name]
    (a, of_a), (b, of_b) = (draw(expressions(names, depth - 1)) for _ in range(2))
    kind = draw(st.sampled_from([*OPERATORS, "case", "coalesce"]))
    if kind == "case":

        def chosen(row):
            left, right = of_a(row), of_b(row)
            return left if left is not None and right is not None and left > right else right

        return f"CASE WHEN {a} > {b} THEN {a} ELSE {b} END", chosen
    if kind == "coalesce":
        return f"COALESCE({a}, {b}, 7)", lambda row: next(
            v for v in (of_a(row), of_b(row), 7) if v is not None
        )
    return f"({a} {kind} {b})", lambda row: OPERATORS[kind](of_a(row), of_b(row))


def same(ours, theirs) -> bool:
    if theirs is not None and not math.isfinite(theirs):
        theirs = None
    return (ours is None) == (theirs is None) and (ours is None or ours == theirs)


@settings(max_examples=80, deadline=None)
@given(sets(), rows_of, questions, st.sampled_from([None, "2h", "30d"]), st.data())
def test_derived_values_are_what_python_makes_of_the_features_they_read(
    feature_set, listed, asked, age, data
):
    feature_set = replace(feature_set, max_age=age)
    rows, left = clean(frame_of(listed), feature_set), left_of(asked)
    plain = answers_at(left, feature_set.on(), rows, "t")
    names = [n.removeprefix("f_") for n, dtype in plain.values.schema.items() if dtype.is_numeric()]
    if not names:
        return
    made = {}
    for name in ("p", "q", "r"):
        # The later ones may read the earlier ones.
        made[name] = data.draw(expressions([*names, *made]))
    derived = replace(feature_set, derivations={name: sql for name, (sql, _) in made.items()})
    found = answers_at(left, derived.on(), rows, "t")
    drops = age is not None
    for place, row in enumerate(plain.values.iter_rows(named=True)):
        read = {name.removeprefix("f_"): value for name, value in row.items()}
        for name, (_, of) in made.items():
            value = of(read)
            read[name] = value if value is None or math.isfinite(value) else None
            status = found.statuses[f"f_{name}"][place]
            hidden = status == "null_key" or (drops and status == "stale")
            assert same(found.values[f"f_{name}"][place], None if hidden else read[name]), (
                name,
                made[name][0],
            )
    assert found.values.select(plain.values.columns).equals(plain.values)
    holds_every_way(derived, rows, left, found)


def holds_every_way(derived, rows, left, found):
    """Types, single features, prefixes, statuses and values without statuses tell the same."""
    assert dict(found.values.schema) == result_types(derived.on(), rows.schema)
    assert values_at(left, derived.on(), rows, "t")[0].equals(found.values)
    for name in ("p", "q", "r"):
        one = answers_at(left, derived.on(prefix="x").pick(f"f_{name}"), rows, "t")
        assert one.values.columns == [f"x_f_{name}"]
        assert one.values.to_series().equals(found.values[f"f_{name}"])
        assert one.statuses.to_series().cast(pl.String).equals(found.statuses[f"f_{name}"].cast(pl.String))
    for feature in derived.features:
        if feature.derivation is not None:
            inputs = [f"f_{root}" for root in feature.derivation.roots]
            for told, *read in found.statuses.select(feature.name, *inputs).iter_rows():
                assert STATUSES.index(told) == max(STATUSES.index(each) for each in read)


def flights(**derivations) -> FeatureSet:
    return FeatureSet(
        name="fl",
        owner="t",
        keys=["k"],
        source=EventSource("t", "ts", event_id="id", start_date="2013-01-05"),
        aggregations=[
            Aggregation("x", "sum", ["7d"]),
            Aggregation("x", "count", ["7d", "1d"]),
            Aggregation("x", "last_k", ["7d"], k=2),
        ],
        derivations=derivations,
    )


ROWS = pl.DataFrame(
    {
        "k": ["a", "a", "b", "a"],
        "ts": [T - n * DAY for n in (1, 2, 9, 0)],
        "id": [1, 2, 3, 4],
        "x": [1.0, 4.0, 3.0, 9.0],
    }
)


def test_a_trace_has_the_rows_of_all_that_a_derived_feature_reads():
    made = flights(mean="x_sum_7d / x_count_7d", again="mean * 2")
    rows = clean(ROWS, made)
    assert trace(made, "again", {"k": "a"}, T, rows)["event_id"].to_list() == [2, 1]
    assert trace(made, "fl_mean", {"k": "b"}, T, rows).height == 0


def test_what_is_derived_is_as_immature_as_what_it_reads():
    made = flights(mean="x_sum_7d / x_count_1d")
    since = immature_before(made.on(prefix="p"))
    assert since["p_fl_mean"] == since["p_fl_x_sum_7d"] > since["p_fl_x_count_1d"]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("x_sum_7d / (x_count_7d - 2)", None),
        ("x_count_7d // (x_count_7d - 2)", None),
        ("x_count_7d % (x_count_7d - 2)", None),
        ("LN(x_sum_7d - 5)", None),
        ("SQRT(-x_sum_7d)", None),
        ("EXP(x_sum_7d * 1000)", None),
        ("-(x_sum_7d - 5)", 0.0),
        ("(x_sum_7d - 5) * -1", 0.0),
        ("x_sum_7d > 4", True),
        ("CAST(x_sum_7d AS VARCHAR)", "5.0"),
        ("ARRAY_LENGTH(x_last2_7d)", 2),
        ("CASE WHEN x_count_1d > 1 THEN 'busy' ELSE 'quiet' END", "quiet"),
    ],
)
def test_values_at_the_edges(sql, value):
    made = flights(it=sql)
    left = pl.DataFrame({"k": ["a"], "t": [T]})
    found = values_at(left, made.on().pick("it"), clean(ROWS, made), "t")[0].item()
    assert found == value
    assert type(found) is type(value)
    assert value != 0.0 or math.copysign(1, found) == 1


def test_facts_and_the_calendar_can_be_derived_from():
    host = FeatureSet(
        name="host", owner="t", keys=["k"], source=EntitySource("t", "ds"), columns=["beds", "guests"],
        derivations={"each": "guests / beds"},
    )  # fmt: skip
    told = {"k": ["a", "b"], "ds": [T.date()] * 2, "beds": [2, 0], "guests": [5, 5]}
    rows = clean(pl.DataFrame(told), host)
    left = pl.DataFrame({"k": ["a", "b", "c", None], "t": [T + 3 * DAY] * 4})
    found = answers_at(left, host.on().pick("each"), rows, "t")
    assert found.values.to_series().to_list() == [2.5, None, None, None]
    assert found.statuses.to_series().to_list() == ["present", "present", "empty", "null_key"]
    clock = FeatureSet(
        name="clock", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour", "weekday"]),
        derivations={"weekend": "weekday > 5"},
    )  # fmt: skip
    at = pl.DataFrame({"t": [datetime(2013, 1, 5, tzinfo=UTC), datetime(2013, 1, 7, tzinfo=UTC)]})
    values = values_at(at, clock.on().pick("weekend"), pl.DataFrame(), "t")[0]
    assert values.to_series().to_list() == [True, False]


def test_an_expression_that_does_not_fit_its_inputs_is_refused_with_their_types():
    made = flights(it="UPPER(x_sum_7d)")
    left = pl.DataFrame({"k": ["a"], "t": [T]})
    with pytest.raises(SchemaError, match=r"'it' of 'fl'.*x_sum_7d is Float64") as refused:
        values_at(left, made.on(), clean(ROWS, made), "t")
    assert "CAST" in refused.value.cure
