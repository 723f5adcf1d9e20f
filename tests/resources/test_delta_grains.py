"""A table of features whose set changes its grain: what is stored stays, stands once, and is not computed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY, Grain
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.resources.offline_store import DeltaOfflineStore

D = datetime(2024, 1, 5, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
SCHEMA: dict[str, Any] = {"user": pl.String, "event_time": TIME, "available_at": TIME, "n": pl.Int64}
CLICKS = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource("clicks", "ts"),
    aggregations=[Aggregation("n", "sum", ["1d"])],
)
NOW = row_definition(CLICKS)
OTHER = row_definition(replace(CLICKS, version=2))
HOURS = HOURLY.between(D, D + timedelta(days=2))
DAYS = [date(2024, 1, 5), date(2024, 1, 6)]
END = D + timedelta(days=9)


def rows(*at: float, n: int = 1) -> pl.DataFrame:
    """Rows at so many hours after midnight."""
    times = [D + timedelta(hours=each) for each in at]
    return pl.DataFrame([("ann", each, each, n) for each in times], schema=SCHEMA, orient="row")


def stored(store: DeltaOfflineStore) -> pl.DataFrame:
    return store.scan("clicks", D, END).collect().sort("event_time", "n")


@pytest.fixture
def store(tmp_path):
    return DeltaOfflineStore(tmp_path)


def test_hours_are_partitions_whose_keys_are_dagsters(store):
    store.write_days("clicks", HOURS[:3], rows(0, 1.5), NOW)
    assert store.partitions("features", "clicks") == [
        "2024-01-05-00:00",
        "2024-01-05-01:00",
        "2024-01-05-02:00",
    ]
    assert {h: each.rows for h, each in store.stored_days("clicks", HOURLY).items()} == {
        HOURS[0]: 1,
        HOURS[1]: 1,
        HOURS[2]: 0,
    }
    assert store.stored_days("clicks") == {}, "no day is whole"
    with pytest.raises(DataError, match="outside the hours 2024-01-05-03:00 to 2024-01-05-04:00"):
        store.write_days("clicks", HOURS[3:5], rows(5), NOW)
    assert store.scan("clicks", D + timedelta(minutes=30), D + timedelta(hours=1.6)).collect().height == 1


def test_a_day_that_was_stored_whole_is_its_hours_and_needs_no_second_computation(store):
    store.write_days("clicks", DAYS, rows(0, 0.5, 13, 23.9, 30), NOW)
    found = store.stored_days("clicks", HOURLY)
    assert sorted(found) == HOURS
    assert {h.isoformat()[:13]: each.rows for h, each in found.items() if each.rows} == {
        "2024-01-05T00": 2,
        "2024-01-05T13": 1,
        "2024-01-05T23": 1,
        "2024-01-06T06": 1,
    }
    assert {each.definition for each in found.values()} == {NOW}


def test_an_hour_written_into_a_whole_day_cuts_it_and_keeps_the_others(store):
    store.write_days("clicks", DAYS, rows(0, 0.5, 13, 23.9, 30), OTHER)
    before = stored(store)
    store.write_days("clicks", HOURS[13:15], rows(13.25, n=7), NOW)
    assert_frame_equal(
        stored(store),
        pl.concat([before.filter(pl.col("event_time") != D + timedelta(hours=13)), rows(13.25, n=7)]).sort(
            "event_time", "n"
        ),
    )
    found = store.stored_days("clicks", HOURLY)
    assert len(store.partitions("features", "clicks")) == 24 + 1
    assert {h for h, each in found.items() if each.definition == NOW} == set(HOURS[13:15])
    assert {each.definition for h, each in found.items() if h not in HOURS[13:15]} == {OTHER}
    assert set(store.stored_days("clicks")) == {DAYS[1]}, "the first day is of two definitions now"


def test_a_day_written_over_hours_takes_their_place(store):
    store.write_days("clicks", HOURS, rows(0, 13, 30), NOW)
    assert set(store.stored_days("clicks")) == set(DAYS)
    assert store.stored_days("clicks")[DAYS[0]].rows == 2
    store.write_days("clicks", DAYS[:1], rows(5, n=9), NOW)
    assert_frame_equal(stored(store), pl.concat([rows(5, n=9), rows(30)]))
    assert store.partitions("features", "clicks")[:2] == ["2024-01-05", "2024-01-06-00:00"]


def test_an_empty_day_is_cut_into_empty_hours(store):
    store.write_days("clicks", DAYS[:1], rows(), NOW)
    store.write_days("clicks", HOURS[:1], rows(0.5), NOW)
    found = store.stored_days("clicks", HOURLY)
    assert len(found) == 24
    assert sum(each.rows for each in found.values()) == 1
    assert {each.definition for each in found.values()} == {NOW}
    assert stored(store).height == 1


def test_what_backfills_took_is_told_in_partitions_of_the_asked_grain(store):
    store.write_days("clicks", DAYS, rows(0, 13), NOW, seconds=4.8)
    store.write_days("clicks", HOURS[:24], rows(1), NOW, seconds=2.4)
    assert store.spent("clicks").days == 3
    assert store.spent("clicks", HOURLY).days == 72
    assert store.spent("clicks").rows == 3


def test_two_writers_into_one_whole_day_lose_nothing(store, monkeypatch):
    """The second reads the day before the first has cut it: its commit fails, and it reads again."""
    from bighead.resources import delta_commit

    store.write_days("clicks", DAYS[:1], rows(0, 13), NOW)
    cut, first = delta_commit.with_cut, []

    def slow(*arguments):
        found = cut(*arguments)
        if not first:
            first.append(1)
            DeltaOfflineStore(store.root).write_days("clicks", HOURS[13:14], rows(13.5, n=5), NOW)
        return found

    monkeypatch.setattr(delta_commit, "with_cut", slow)
    store.write_days("clicks", HOURS[:1], rows(0.25, n=4), NOW)
    assert_frame_equal(stored(store), pl.concat([rows(0.25, n=4), rows(13.5, n=5)]))


writes = st.lists(
    st.tuples(
        st.sampled_from([DAILY, HOURLY]),
        st.integers(0, 47),
        st.integers(1, 30),
        st.lists(st.integers(0, 2879), max_size=6),
    ),
    min_size=1,
    max_size=5,
)


@given(writes)
@settings(max_examples=15)
def test_after_any_writes_of_days_and_hours_each_row_stands_once(tmp_path_factory, some):
    """The oracle keeps rows in a dict by hour, and knows nothing of partitions."""
    store = DeltaOfflineStore(tmp_path_factory.mktemp("grains"))
    held: dict[date, list[datetime]] = {}
    for grain, place, length, minutes in some:
        parts = partitions(grain, place, length)
        start, end = grain.start(parts[0]), grain.end(parts[-1])
        times = [t for t in (D + timedelta(minutes=m) for m in sorted(set(minutes))) if start <= t < end]
        frame = pl.DataFrame([("ann", t, t, 1) for t in times], schema=SCHEMA, orient="row")
        store.write_days("clicks", parts, frame, NOW)
        for hour in HOURLY.between(start, end):
            held[hour] = [t for t in times if HOURLY.holding(t) == hour]
    assert stored(store)["event_time"].to_list() == sorted(t for each in held.values() for t in each)
    assert {h: each.rows for h, each in store.stored_days("clicks", HOURLY).items()} == {
        hour: len(each) for hour, each in held.items()
    }
    whole = {d for d in DAYS if all(h in held for h in HOURLY.between(DAILY.start(d), DAILY.end(d)))}
    assert set(store.stored_days("clicks")) == whole


def partitions(grain: Grain, place: int, length: int) -> list[date]:
    return DAYS[place // 24 :] if grain is DAILY else HOURS[place : place + length]
