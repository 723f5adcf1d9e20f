"""Snapshots of hours give what a loop over them gives, and hours are built on days of which they see nothing new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hourly_clicks import HOUR, MINUTE, TIME, D, Tables, clicks, frame_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, DefinitionError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    ChainedSource,
    EntitySource,
    EventSource,
    FeatureSet,
)
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
from bighead.pipeline_lib.features.codec import from_json, from_yaml, to_json, to_yaml
from bighead.pipeline_lib.features.settled import is_settled, seen_until
from bighead.pipeline_lib.point_in_time import SourceRows, StoreRows, backfill, touched_days, values_at
from bighead.pipeline_lib.point_in_time.generation_cut import with_last_snapshot
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_rows import microseconds

PRICES = FeatureSet(
    name="prices",
    owner="t",
    keys=["user"],
    source=EntitySource("prices", snapshot="hour", every="1h"),
    columns=["price"],
    batch="1h",
)
LANDINGS = {"0s": timedelta(), "20m": 20 * MINUTE, "90m": 90 * MINUTE}
told = st.dictionaries(st.tuples(st.integers(0, 30), st.sampled_from("ab")), st.integers(0, 9), max_size=20)
asked = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40 * 60)), min_size=1, max_size=8)


def table_of(rows: dict[tuple[int, str], int]) -> pl.DataFrame:
    listed = [(D + hour * HOUR, user, price) for (hour, user), price in rows.items()]
    return pl.DataFrame(listed, schema={"hour": TIME, "user": pl.String, "price": pl.Int64}, orient="row")


def by_hand(rows: dict[tuple[int, str], int], landing: timedelta, user: str, t: datetime) -> int | None:
    known = [hour for hour, _ in rows if D + (hour + 1) * HOUR + landing <= t]
    return rows.get((max(known), user)) if known else None


@given(told, asked, st.sampled_from(sorted(LANDINGS)))
@settings(max_examples=15, deadline=None)
def test_the_newest_whole_hour_counts(tmp_path_factory, told, asked, landing):
    moments = [(user, D + minute * MINUTE) for user, minute in asked]
    left = pl.DataFrame(moments, schema={"user": pl.String, "t": TIME}, orient="row")
    wanted = [by_hand(told, LANDINGS[landing], user, at) for user, at in moments]
    tables, end = Tables(prices=table_of(told)), D + timedelta(days=2)
    for batch in ("1h", "1d"):
        made = replace(PRICES, batch=batch, source=replace(PRICES.source, landing=landing))
        folder = tmp_path_factory.mktemp("facts")
        store = DeltaOfflineStore(folder)
        counts = backfill(made, made.grain.between(D, end), tables, store)
        assert sum(counts.values()) == len(told)
        for reader in (SourceRows(tables), StoreRows(store)):
            found = values_at(left, made.on(), reader.rows(made, None, end), "t")[0]
            assert found["prices_price"].to_list() == wanted
        part = made.grain.holding(D + timedelta(hours=30))
        cut = made.grain.end(part)
        online = LmdbOnlineStore(folder / "online")
        try:
            rows = with_last_snapshot(StoreRows(store).rows(made, None, cut), made, tables, cut)
            online.put_generation(made, cut, rows, {"prices": "0"})
            frame = online.fetch(made, [["a"], ["b"]], microseconds(cut)).frame
        finally:
            online.close()
        now = left.with_columns(pl.lit(cut).cast(TIME).alias("t"))
        found = values_at(now, made.on(), frame, "t")[0]["prices_price"].to_list()
        assert found == [by_hand(told, LANDINGS[landing], user, cut) for user, _ in moments]


def test_an_hour_is_a_timestamp_in_any_zone_or_a_key():
    rows = {(0, "a"): 1, (5, "a"): 2, (30, "b"): 3}
    plain = table_of(rows)
    truth = SourceRows(Tables(prices=plain)).rows(PRICES, None, D + timedelta(days=3))
    tokyo = plain.with_columns(pl.col("hour").dt.convert_time_zone("Asia/Tokyo"))
    keys = plain.with_columns(pl.col("hour").dt.strftime("%Y-%m-%d-%H:%M"))
    naive = tokyo.with_columns(pl.col("hour").dt.replace_time_zone(None))
    local = replace(PRICES, source=replace(PRICES.source, timezone="Asia/Tokyo"))
    for table, made in ((tokyo, PRICES), (keys, PRICES), (naive, local)):
        assert SourceRows(Tables(prices=table)).rows(made, None, D + timedelta(days=3)).equals(truth)
    assert truth["event_time"].to_list() == [D + HOUR, D + 6 * HOUR, D + 31 * HOUR]


@pytest.mark.parametrize(
    ("hour", "error", "told"),
    [
        (D + 30 * MINUTE, SchemaError, "not whole hours throughout"),
        (date(2013, 11, 1), SchemaError, "not whole hours throughout"),
        ("2013-11-01", SchemaError, "whole hours"),
        (datetime(2013, 11, 1), EventTimeError, "zone"),
        # An offset of half an hour: its hours are not UTC's.
        (datetime(2013, 11, 1, 5, tzinfo=ZoneInfo("Asia/Kolkata")), SchemaError, "whole hours"),
    ],
    ids=str,
)
def test_what_is_no_hour_is_refused(hour, error, told):
    table = pl.DataFrame({"hour": [hour], "user": ["a"], "price": [1]})
    with pytest.raises(error, match=told):
        SourceRows(Tables(prices=table)).rows(PRICES, None, D + timedelta(days=3))


def test_definitions_say_of_what_a_snapshot_is():
    assert from_yaml(to_yaml(PRICES)) == from_json(to_json(PRICES)) == PRICES
    daily = replace(PRICES, batch="1d", source=replace(PRICES.source, every="1d"))
    assert PRICES.hash != daily.hash
    assert "every" not in to_json(daily)
    assert replace(PRICES, batch="1d").hash == PRICES.hash
    with pytest.raises(DefinitionError, match="Expected '1d' or '1h'"):
        replace(PRICES.source, every="2h")
    with pytest.raises(DefinitionError, match="are of snapshots"):
        EntitySource("x", valid_from="a", valid_to="b", every="1h")
    calendar = FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource("UTC"), batch="1h")
    assert calendar.hash == replace(calendar, batch="1d").hash


BELOW = {
    "a delay": replace(clicks("1d"), source=EventSource("clicks", "ts", delay="1d", start_date="2013-11-01")),
    "midnights": replace(
        clicks("1d"), aggregations=[Aggregation("n", "sum", ["snapshot:1d", "tumbling:2d"])]
    ),
    "landing": FeatureSet(
        name="clicks", owner="t", keys=["user"], source=EntitySource("facts", landing="1d"), columns=["n"]
    ),
}
EVENTS = frame_of([("ab"[n % 2], 97 * n, 0, n) for n in range(60)])
ORDERS = pl.DataFrame(
    [(n, "ab"[n % 3 % 2], D + 131 * n * MINUTE) for n in range(44)],
    schema={"order": pl.Int64, "user": pl.String, "ts": TIME},
    orient="row",
)
FACTS = pl.DataFrame(
    [
        {"ds": date(2013, 10, 30) + timedelta(days=n), "user": user, "n": 10 * n}
        for n in range(6)
        for user in "ab"
    ]
)
TABLES = Tables(clicks=EVENTS, orders=ORDERS, facts=FACTS)


def above(below: FeatureSet) -> FeatureSet:
    carried = below.on().columns()
    return FeatureSet(
        name="above",
        owner="t",
        keys=["user"],
        source=ChainedSource(EventSource("orders", "ts", event_id="order", start_date="2013-11-01"), [below]),
        aggregations=[Aggregation(name, "last", ["unbounded"]) for name in carried],
        batch="1h",
    )


@pytest.mark.parametrize("below", BELOW.values(), ids=list(BELOW))
def test_hours_are_built_on_the_days_that_are_over(below, tmp_path):
    made, store = above(below), DeltaOfflineStore(tmp_path)
    first = D - timedelta(days=1) if isinstance(below.source, EntitySource) else D
    today = D + timedelta(days=2)
    backfill(below, DAILY.between(first, today), TABLES, store)
    hours = HOURLY.between(D, today + timedelta(days=1))
    backfill(made, hours, TABLES, store)
    span = (D, today + timedelta(days=1))
    truth = SourceRows(TABLES).rows(made, *span).sort("event_id")
    assert StoreRows(store).rows(made, *span).sort("event_id").equals(truth)
    assert truth[made.inputs[0]].drop_nulls().len() > 10
    with pytest.raises(DataError, match="features/clicks lacks 1 days, 2013-11-03 to 2013-11-03"):
        backfill(made, HOURLY.between(span[1], span[1] + HOUR), TABLES, store)
    # Today's day comes after its hours, and changes none of them.
    backfill(below, DAILY.between(today, span[1]), TABLES, store)
    assert touched_days(made, hours, TABLES, store) == []
    backfill(below, DAILY.between(D, D + HOUR), TABLES, store, force=True)
    assert min(touched_days(made, hours, TABLES, store)) == D + timedelta(days=1)


def test_what_sees_its_own_day_is_not_settled():
    assert all(map(is_settled, BELOW.values()))
    assert is_settled(FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource("UTC")))
    for window in ("1d", "tumbling:36h", "tumbling:1h", "calendar:-1mo@UTC", "unbounded"):
        assert not is_settled(replace(clicks("1d"), aggregations=[Aggregation("n", "sum", [window])])), window
    late = BELOW["a delay"]
    assert not is_settled(replace(late, source=replace(late.source, delay="23h")))


@given(
    st.sampled_from(["1h", "snapshot:1d+2h", "tumbling:1d", "tumbling:1w"]),
    st.sampled_from([None, "3h", "1d"]),
    st.sampled_from(["exclusive", "inclusive"]),
    st.lists(st.integers(0, 3 * 24 * 4).map(lambda n: 15 * n), min_size=1, max_size=30),
    st.integers(0, 3 * 24 * 4).map(lambda n: 15 * n),
)
@settings(max_examples=150, deadline=None)
def test_no_row_from_seen_until_on_counts(window, delay, boundary, minutes, at):
    made = replace(
        clicks("1d", boundary),
        source=EventSource("clicks", "ts", delay=delay),
        aggregations=[Aggregation("n", "count", [window])],
    )
    rows = SourceRows(Tables(clicks=frame_of([("a", minute, 0, 1) for minute in minutes]))).rows(
        made, None, D + timedelta(days=9)
    )
    t = D + at * MINUTE
    left = pl.DataFrame({"user": ["a"], "t": [t]}, schema_overrides={"t": TIME})
    bound = seen_until(made, microseconds(t))
    seen = rows.filter(pl.col("event_time").dt.epoch("us") < bound)
    values = [values_at(left, made.on(), each, "t")[0] for each in (rows, seen)]
    assert values[0].equals(values[1])
