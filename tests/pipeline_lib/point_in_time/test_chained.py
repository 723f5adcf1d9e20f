"""Sets built on sets give what two steps in plain Python give, from sources and from stored days, and nothing leaks."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from feature_oracle import Reading, values_of
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_orders import BUYERS, END, LEFT, ORDERS, RATINGS, SELLERS, T0, Tables, ask, tables

from bighead.pipeline_lib.errors import NameCollisionError, SchemaError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    ChainedSource,
    EntitySource,
    FeatureSet,
    Label,
    LeftTable,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import (
    SourceRows,
    clean,
    trace,
)


def two_steps(rated: list[dict[str, Any]], sold: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of BUYERS: each order asks the oracle for its seller's features, then Python does select and where."""
    made = []
    for row in sold:
        carried = values_of(SELLERS, rated, (row["sold_by"],), row["ts"], Reading({}))
        total, count = carried["sellers_stars_sum_2d"], carried["sellers_stars_count_1d"]
        if row["price"] is None or not row["price"] > 0 or count is None or not count < 9:
            continue
        worth = None if total is None else row["price"] * total
        made.append({**row, **carried, "worth": worth})
    return made


READING = Reading({"sellers_stars_sum_2d >= 2": lambda row: (row["sellers_stars_sum_2d"] or 0) >= 2})
# The oracle wants a column for each.
FLAT = replace(BUYERS, source=replace(LEFT, available_at="ts"))

moments = st.sampled_from([0, 1, 3_600, 86_399, 86_400, 172_800, 259_200]).flatmap(
    lambda second: st.integers(0, 2).map(lambda n: T0 + timedelta(days=n, seconds=second))
)
rated_rows = st.lists(
    st.fixed_dictionaries(
        {
            "seller": st.sampled_from(["s", "t", None]),
            "at": moments,
            "late": st.sampled_from([0, 0, 1, 86_400]),
            "stars": st.none() | st.integers(-4, 5).map(float),
        }
    ),
    max_size=12,
).map(
    lambda rows: [
        {
            "n": n,
            "seller": r["seller"],
            "at": r["at"],
            "known": r["at"] + timedelta(seconds=r["late"]),
            "stars": r["stars"],
        }
        for n, r in enumerate(rows)
    ]
)
sold_rows = st.lists(
    st.fixed_dictionaries(
        {
            "buyer": st.sampled_from(["a", "b", None]),
            "sold_by": st.sampled_from(["s", "t", "nobody", None]),
            "ts": moments,
            "price": st.none() | st.integers(-1, 4),
        }
    ),
    max_size=10,
).map(lambda rows: [{"id": n, **row} for n, row in enumerate(rows)])
asked_rows = st.lists(st.tuples(st.sampled_from(["a", "b", "nobody", None]), moments), min_size=1, max_size=6)


@given(rated_rows, sold_rows, asked_rows)
@settings(max_examples=80, deadline=None)
def test_it_is_two_steps_of_plain_python(rated, sold, asked):
    rows = SourceRows(tables(rated, sold)).rows(BUYERS, None, T0 + timedelta(days=30))
    got = ask(BUYERS, rows, asked)
    steps = two_steps(rated, sold)
    for (key, at), row in zip(asked, got, strict=True):
        wanted = values_of(FLAT, steps, (key,), at, READING)
        assert row.keys() == wanted.keys()
        for name, value in wanted.items():
            assert row[name] == value or math.isclose(row[name], value, abs_tol=1e-9), (name, key, at)


@given(rated_rows, sold_rows, asked_rows, st.integers(0, 5), rated_rows)
@settings(max_examples=60, deadline=None)
def test_what_becomes_known_below_at_or_after_t_changes_nothing_up_to_t(rated, sold, asked, day, more):
    cut = T0 + timedelta(days=day)
    before = [row for row in rated if row["known"] < cut]
    after = before + [
        {**row, "n": 100 + n, "known": max(row["known"], cut)}
        for n, row in enumerate([*rated, *more])
        if row not in before
    ]
    asked = [(key, min(at, cut)) for key, at in asked]
    end = T0 + timedelta(days=30)
    one, other = (SourceRows(tables(side, sold)).rows(BUYERS, None, end) for side in (before, after))
    up_to = pl.col("event_time") <= cut
    assert one.filter(up_to).equals(other.filter(up_to))
    assert ask(BUYERS, one, asked) == ask(BUYERS, other, asked)


def test_facts_and_the_calendar_may_stand_below():
    profiles = FeatureSet(
        name="profile", owner="t", keys=["sold_by"], source=EntitySource("profiles"), columns=["tier"]
    )
    hours = FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour"]))
    made = FeatureSet(
        name="tiers",
        owner="t",
        keys=["buyer"],
        source=ChainedSource(LEFT, [profiles, hours.on()]),
        aggregations=[
            Aggregation("profile_tier", "last", ["unbounded"]),
            Aggregation("clock_hour", "max", ["1d"]),
        ],
    )
    facts = pl.DataFrame({"ds": [date(2013, 2, 28)], "sold_by": ["s"], "tier": [7]})
    rows = SourceRows(Tables(tables([], ORDERS), profiles=facts)).rows(made, None, END)
    told = {row["event_id"]: (row["profile_tier"], row["clock_hour"]) for row in rows.to_dicts()}
    assert told == {row["id"]: (7 if row["sold_by"] == "s" else None, row["ts"].hour) for row in ORDERS}


def test_three_storeys_and_a_training_set_below():
    asked = TrainingSet(
        name="asked",
        left=LeftTable("orders", known={"sold_by": "0s", "price": "0s", "buyer": "0s"}),
        timestamp="ts",
        row_id="id",
        features=[SELLERS.on(seller="sold_by")],
        label=Label("returned", "30d"),
    )
    given = tables(RATINGS, ORDERS)
    on_it = replace(BUYERS, source=replace(BUYERS.source, left=asked, features=[]))
    assert SourceRows(given).rows(on_it, None, END).equals(SourceRows(given).rows(BUYERS, None, END))
    third = FeatureSet(
        name="third",
        owner="t",
        keys=["sold_by"],
        source=ChainedSource(LEFT, [on_it]),
        aggregations=[Aggregation("buyers_worth_last_3d", "last", ["unbounded"])],
    )
    got = SourceRows(given).rows(third, None, END).sort("event_id")["buyers_worth_last_3d"].to_list()
    below = SourceRows(given).rows(BUYERS, None, END)
    wanted = [ask(BUYERS, below, [(row["buyer"], row["ts"])])[0]["buyers_worth_last_3d"] for row in ORDERS]
    assert got == wanted
    assert any(each is not None for each in got)


def test_a_trace_shows_the_rows_with_what_they_carried():
    rows = SourceRows(tables(RATINGS, ORDERS)).rows(BUYERS, None, END)
    made = trace(BUYERS, "worth_sum_3d", {"buyer": "a"}, END, rows)
    [value] = ask(BUYERS, rows, [("a", END)])
    assert made["worth"].sum() == value["buyers_worth_sum_3d"]


def test_a_feature_called_like_a_column_is_refused():
    given = tables(RATINGS, ORDERS)
    given["orders"] = given["orders"].with_columns(pl.lit(1).alias("sellers_stars_sum_2d"))
    with pytest.raises(NameCollisionError, match="features of that name"):
        SourceRows(given).rows(BUYERS, None, END)
    with pytest.raises(SchemaError, match="event_time"):
        clean(given["orders"], BUYERS)
