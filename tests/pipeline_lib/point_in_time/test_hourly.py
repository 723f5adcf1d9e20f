"""No value depends on the grain: the same rows under days and under hours, from sources, from the store, uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hourly_clicks import HOUR, MINUTE, TIME, D, Tables, clicks, frame_of
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bighead.pipeline_lib.errors import EventTimeError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.batch_grain import HOURLY
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.planning import plan_project
from bighead.pipeline_lib.point_in_time import (
    SourceRows,
    StoreRows,
    backfill,
    days_touched,
    touched_days,
    values_at,
)
from bighead.pipeline_lib.project import Project
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_rows import microseconds


def questions(minutes: Sequence[int]) -> pl.DataFrame:
    rows = [(user, D + minute * MINUTE) for minute in minutes for user in ("ann", "bob", None)]
    return pl.DataFrame(rows, schema={"user": pl.String, "t": TIME}, orient="row")


# Hours and midnights themselves are asked for as often as what lies between.
moments = st.one_of(st.integers(0, 71).map(lambda hour: hour * 60), st.integers(0, 72 * 60 - 1))
events = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        moments,
        st.one_of(st.just(0), st.integers(0, 300)),
        st.one_of(st.none(), st.integers(-9, 9)),
    ),
    max_size=30,
)


@given(events, st.lists(moments, min_size=1, max_size=6), st.sampled_from(["exclusive", "inclusive"]))
@settings(max_examples=12)
def test_values_are_the_same_under_days_and_hours(tmp_path_factory, some, asked, boundary):
    tables, left, answers = Tables(clicks=frame_of(some)), questions(asked), []
    end = D + timedelta(days=3)
    for batch in ("1d", "1h"):
        made = clicks(batch, boundary)
        folder = tmp_path_factory.mktemp("grain")
        store = DeltaOfflineStore(folder)
        parts = made.grain.between(D, end)
        counts = backfill(made, parts, tables, store)
        assert sum(counts.values()) == len(some)
        assert StoreRows(store).lacking(made, D, end) == []
        for reader in (SourceRows(tables), StoreRows(store)):
            answers.append(values_at(left, made.on(), reader.rows(made, D, end), "t")[0])
        answers.append(uploaded(made, StoreRows(store), left, folder))
    for each in answers[1:]:
        assert_frame_equal(each, answers[0])


def uploaded(feature_set: FeatureSet, reader: StoreRows, left: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Each question answered from the generation of the partition before the first midnight that comes after it."""
    store = LmdbOnlineStore(folder / "online")
    try:
        end = D + timedelta(days=3)
        for part in feature_set.grain.between(end - 2 * feature_set.grain.length, end):
            cut = feature_set.grain.end(part)
            store.put_generation(feature_set, cut, reader.rows(feature_set, D, cut), {"clicks": "0"})
        keys = [["ann"], ["bob"]]
        frame = store.fetch(feature_set, keys, microseconds(end)).frame
        return values_at(left, feature_set.on(), frame, "t")[0]
    finally:
        store.close()


@given(events, st.integers(1, 71))
@settings(max_examples=12)
def test_a_generation_of_an_hour_is_what_the_source_says_of_the_rows_before_it(tmp_path_factory, some, hours):
    made, tables, cut = clicks("1h"), Tables(clicks=frame_of(some)), D + hours * HOUR
    folder = tmp_path_factory.mktemp("hour")
    store, online = DeltaOfflineStore(folder), LmdbOnlineStore(folder / "online")
    try:
        backfill(made, HOURLY.between(D, cut), tables, store)
        StoreRows(store).require(made, D, cut)
        online.put_generation(made, cut, StoreRows(store).rows(made, D, cut), {})
        rows = online.fetch(made, [["ann"], ["bob"]], microseconds(cut)).frame
        left = questions([hours * 60])
        truth = values_at(left, made.on(), SourceRows(tables).rows(made, D, cut), "t")[0]
        assert_frame_equal(values_at(left, made.on(), rows, "t")[0], truth)
    finally:
        online.close()


@pytest.mark.parametrize("batch", ["1d", "1h"])
def test_a_change_of_grain_computes_nothing_again(tmp_path, batch):
    tables, store = (
        Tables(clicks=frame_of([("ann", m, 5, 1) for m in range(0, 4000, 7)])),
        DeltaOfflineStore(tmp_path),
    )
    end = D + timedelta(days=2)
    before = clicks(batch)
    now = clicks("1h" if batch == "1d" else "1d")
    backfill(before, before.grain.between(D, end), tables, store)
    version = store.version("clicks")
    counts = backfill(now, now.grain.between(D, end), tables, store)
    assert store.version("clicks") == version
    assert counts == backfill(now, now.grain.between(D, end), tables, store, force=True)
    assert store.version("clicks") == version + 1
    project = Project("p", tmp_path, Catalog([now], []), {})
    assert "nothing to compute" in str(plan_project(project, store, end, None, (), tables))


def test_a_local_clock_is_cut_by_the_hours_of_utc_where_its_own_come_twice_or_never(tmp_path):
    """Paris, 2013: 01:00Z on 27 October ends the hour that comes twice; 01:00Z on 31 March skips one."""
    paris = ZoneInfo("Europe/Paris")
    utc = [datetime(2013, 10, 26, 21, tzinfo=UTC) + n * 20 * MINUTE for n in range(24)]
    local = [each.astimezone(paris) for each in utc]
    clear = [n for n, each in enumerate(local) if not (each.date() == date(2013, 10, 27) and each.hour == 2)]
    frame = pl.DataFrame(
        {"id": clear, "user": ["ann"] * len(clear), "ts": [local[n].replace(tzinfo=None) for n in clear]},
        schema_overrides={"ts": pl.Datetime("us")},
    ).with_columns(n=pl.lit(1))
    tables = Tables(clicks=frame)
    source = EventSource("clicks", "ts", event_id="id", timezone="Europe/Paris", start_date="2013-10-26")
    made = replace(clicks("1h"), source=source)
    store = DeltaOfflineStore(tmp_path)
    parts = HOURLY.between(utc[0], utc[-1])
    counts = backfill(made, parts, tables, store)
    truth = {part: sum(HOURLY.holding(utc[n]) == part for n in clear) for part in parts}
    assert counts == truth
    # 02:00 to 03:00 in Paris stands for 00:00Z to 02:00Z: no row of these hours says which.
    assert counts[datetime(2013, 10, 27, 0, tzinfo=UTC)] == 0
    assert counts[datetime(2013, 10, 27, 2, tzinfo=UTC)] == 3
    stored = StoreRows(store).rows(made, utc[0], utc[-1] + MINUTE)
    assert stored["event_time"].sort().to_list() == [utc[n] for n in clear]
    doubled = frame.with_columns(ts=pl.lit(datetime(2013, 10, 27, 2, 30)))
    with pytest.raises(EventTimeError, match="ambiguous"):
        backfill(made, parts, Tables(clicks=doubled), store, force=True)
    first = replace(made, source=replace(source, fold="earliest"))
    assert (
        backfill(first, parts, Tables(clicks=doubled.head(1)), store, force=True)[
            datetime(2013, 10, 27, 0, tzinfo=UTC)
        ]
        == 1
    )


def test_mutations_touch_the_hours_of_old_and_new_versions(tmp_path):
    source = EventSource(
        "log",
        "ts",
        event_id="id",
        mutations=Mutations("changed", operation="op", sequence="seq"),
        start_date="2013-11-01",
    )
    made = FeatureSet(
        name="orders",
        owner="t",
        keys=["user"],
        source=source,
        aggregations=[Aggregation("n", "sum", ["1d"])],
        batch="1h",
    )
    log = pl.DataFrame(
        [
            (1, "ann", D + 5 * MINUTE, 3, D + 6 * MINUTE, "insert", 1),
            (2, "bob", D + 3 * HOUR, 4, D + 4 * HOUR, "insert", 2),
        ],
        schema=["id", "user", "ts", "n", "changed", "op", "seq"],
        orient="row",
    ).with_columns(pl.col("ts", "changed").cast(TIME))
    moved = pl.DataFrame(
        [(2, "bob", D + 7 * HOUR, 4, D + 9 * HOUR, "update", 3)], schema=log.schema, orient="row"
    )
    tables, store = Tables(log=log), DeltaOfflineStore(tmp_path)
    hours = HOURLY.between(D, D + 12 * HOUR)
    backfill(made, hours, tables, store)
    assert touched_days(made, hours, tables, store) == []
    assert days_touched(made, log, moved) == [D + 3 * HOUR, D + 7 * HOUR]
    tables["log"] = pl.concat([log, moved])
    assert touched_days(made, hours, tables, store) == [D + 3 * HOUR, D + 7 * HOUR]
    plan = plan_project(
        Project("p", tmp_path, Catalog([made], []), {}), store, D + 12 * HOUR, None, (), tables
    )
    assert "2 hours to compute, 2013-11-01-03:00 to 2013-11-01-07:00 (0 missing, 0 stale, 2 touched" in str(
        plan
    )
    assert (plan.days, plan.hours) == (0, 2)
    version = store.version("orders")
    backfill(made, hours[:1], tables, store)
    assert store.version("orders") == version + 1, "no stored hour stays behind"
    assert touched_days(made, hours, tables, store) == []
