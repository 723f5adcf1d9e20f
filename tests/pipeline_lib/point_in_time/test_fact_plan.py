"""Facts read from a generation are those that a join gives, values and statuses alike."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.features import CalendarSource, EntitySource, FeatureSet
from bighead.pipeline_lib.features.source import CALENDAR_FIELDS
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.pipeline_lib.point_in_time.calendar_plan import CalendarPlan
from bighead.pipeline_lib.point_in_time.fact_plan import fact_plan
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.serving.feature_fetchers import online
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

UTC_US = pl.Datetime("us", "UTC")
B = datetime(2013, 3, 10, tzinfo=UTC)
SCHEMA = {
    "k": pl.Int64,
    "ds": pl.Date,
    "beds": pl.Int32,
    "name": pl.String,
    "open": pl.Boolean,
    "since": pl.Date,
}


def hosts(**more) -> FeatureSet:
    source = EntitySource("hosts", "ds", landing=more.pop("landing", "0h"))
    columns = ["beds", "name", "open", "since"]
    return FeatureSet(name="host", owner="t", keys=["k"], source=source, columns=columns, **more)


rows_of = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 6),
        st.none() | st.integers(-5, 5),
        st.none() | st.sampled_from(["", "é"]),
        st.none() | st.booleans(),
        st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    ),
    max_size=12,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=80, deadline=None)
@given(
    rows_of,
    st.sampled_from(["0h", "2h", "3d"]),
    st.sampled_from([{}, {"max_age": "1d"}, {"max_age": "2d", "on_stale": "keep"}]),
    st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), min_size=1, max_size=3),
)
def test_facts_of_a_generation_are_those_of_the_join(given_rows, landing, aged, lates):
    feature_set = hosts(landing=landing, **aged)
    listed = [(key, B.date() - timedelta(days=1 + ago), *rest) for key, ago, *rest in given_rows]
    rows = clean(pl.DataFrame(listed, schema=SCHEMA, orient="row"), feature_set)
    keys = [1, 2, None, 3, 9, 1]
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder))
        store.put_generation(feature_set, B, rows, {})
        fetcher = OnlineFetcher(store, SimpleNamespace(), tail_buffer=10**18)  # type: ignore[arg-type]
        for ref in (feature_set.on(), feature_set.on(prefix="p", k="who").pick("name")):
            column = ref.key_columns[0]
            # The very instants at which snapshots land tell where the boundary is.
            edges = {at for at in rows["available_at"] if at >= B}
            for at in sorted({B + late for late in lates} | {B} | edges)[:5]:
                left = pl.DataFrame({column: keys, AT: [at] * 6}, schema={column: pl.Int64, AT: UTC_US})
                expected = answers_at(left, ref, rows, AT)
                with patch.object(
                    online, "answers_at", side_effect=AssertionError("a plan was made for this")
                ):
                    found = fetcher.fetch([ref], [{column: key} for key in keys], microseconds(at))
                assert found.features == expected.values.to_dicts()
                told = expected.statuses.to_dicts()
                assert found.statuses == [{n: s for n, s in e.items() if s != "present"} for e in told]
        store.close()


def test_what_a_plan_does_not_take_is_left_to_the_join():
    lists = clean(pl.DataFrame({"k": [1], "ds": [B.date()], "tags": [["a"]]}), one := FeatureSet(
        name="h", owner="t", keys=["k"], source=EntitySource("h", "ds"), columns=["tags"]
    ))  # fmt: skip
    assert fact_plan(one.on(), lists) is None
    derived = hosts(derivations={"twice": "beds * 2"})
    rows = clean(pl.DataFrame([(1, B.date(), 2, "a", True, None)], schema=SCHEMA, orient="row"), derived)
    assert fact_plan(derived.on(), rows) is None
    assert fact_plan(derived.on().pick("twice"), rows) is None
    assert fact_plan(derived.on().pick("beds"), rows) is not None


def test_two_rows_of_a_key_in_one_snapshot_are_refused():
    feature_set = hosts()
    rows = clean(pl.DataFrame([(1, B.date(), 2, "a", True, None)], schema=SCHEMA, orient="row"), feature_set)
    plan = fact_plan(feature_set.on(), pl.concat([rows, rows]))
    assert plan is not None
    asked = {"at": microseconds(B + timedelta(days=3)), "midnight": 0, "stale": False}
    with pytest.raises(ValueError, match="two rows"):
        plan.answer(
            [bytes(8) + (2).to_bytes(8, "little")], [], [], [0], **asked, features=[{}], statuses=[{}]
        )


ZONES = [
    *("UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"),
    *("Europe/Dublin", "Pacific/Apia", "America/St_Johns"),
]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1850, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["0h", "-3h", "90m"]),
)
@example("America/New_York", datetime(2013, 11, 3, 5, 59, 59, 999_999), "0h")
@example("America/New_York", datetime(2013, 11, 3, 6), "0h")
@example("Australia/Lord_Howe", datetime(2013, 4, 6, 15), "0h")
@example("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 29), "0h")
@example("Pacific/Apia", datetime(2011, 12, 30, 9, 59, 59), "0h")
@example("UTC", datetime(1969, 12, 31, 23, 59, 59, 999_999), "0h")
def test_the_calendar_of_an_instant_is_that_of_a_table(zone, naive, shift):
    source = CalendarSource(zone, shift=shift, fields=CALENDAR_FIELDS)
    ref = FeatureSet(name="now", owner="t", keys=[], source=source).on(prefix="p")
    at = naive.replace(tzinfo=UTC)
    left = pl.DataFrame({AT: [at]}, schema={AT: UTC_US})
    found = CalendarPlan(ref, source).values(microseconds(at))
    if found is None:
        # Clocks are moved within the hour: the table answers.
        hour = [
            at.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=m) for m in (-91, 0, 60, 151)
        ]
        local = pl.Series(hour, dtype=UTC_US).dt.convert_time_zone(zone).dt.replace_time_zone(None)
        assert len(set((local.cast(pl.Int64) - pl.Series(hour, dtype=UTC_US).cast(pl.Int64)).to_list())) > 1
        return
    assert found == answers_at(left, ref, pl.DataFrame(), AT).values.row(0, named=True)


def test_years_beyond_all_calendars_are_left_to_the_table():
    source = CalendarSource("UTC")
    ref = FeatureSet(name="now", owner="t", keys=[], source=source).on()
    assert CalendarPlan(ref, source).values(2**62) is None
    assert CalendarPlan(ref, source).values(-(2**62)) is None
