"""No value depends on the grain: the same rows under days and under hours, from sources, from the store, uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bighead.pipeline_lib.errors import DataError, EventTimeError, StaleRowsError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
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
from bighead.pipeline_lib.point_in_time.spans import chunks
from bighead.pipeline_lib.point_in_time.staging import bound_query
from bighead.pipeline_lib.project import Project
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_rows import microseconds

D = datetime(2013, 11, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
UTC_SCHEMA = {"id": pl.Int64, "user": pl.String, "ts": TIME, "heard": TIME, "n": pl.Int64}
WINDOWS = ["30m", "sliding:90m", "3h", "1d", "tumbling:1d", "snapshot:1d+2h"]


class Tables(dict[str, pl.DataFrame]):
    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return str(self[table].hash_rows().sum())


def clicks(batch: str, boundary: str = "exclusive") -> FeatureSet:
    return FeatureSet(
        name="clicks",
        owner="t",
        keys=["user"],
        source=EventSource("clicks", "ts", available_at="heard", event_id="id", start_date="2013-11-01"),
        aggregations=[Aggregation("n", op, WINDOWS) for op in ("count", "sum", "max", "last")],
        boundary=boundary,
        batch=batch,
    )


def frame_of(events: Sequence[tuple[str, int, int, int | None]]) -> pl.DataFrame:
    rows = [
        (number, user, D + minute * MINUTE, D + (minute + late) * MINUTE, n)
        for number, (user, minute, late, n) in enumerate(events)
    ]
    return pl.DataFrame(rows, schema=UTC_SCHEMA, orient="row")


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


def test_a_plan_counts_hours_to_now_and_a_backfill_goes_on_where_it_was_ended(tmp_path):
    made, store = clicks("1h"), DeltaOfflineStore(tmp_path)
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 2000, 9)]))
    project = Project("p", tmp_path, Catalog([made], []), {})
    now = D + 30 * HOUR + 20 * MINUTE
    told = plan_project(project, store, now, None, (), tables)
    assert told.hours == 30
    assert "30 hours to compute, nobody knows how long" in str(told)
    commits = []

    class Ended(Exception):
        pass

    def tell(done):
        commits.append(done)
        if len(commits) == 2:
            raise Ended

    with pytest.raises(Ended):
        backfill(made, HOURLY.whole(D, now), tables, store, tell=tell, rows_a_commit=40)
    assert 0 < commits[0].days < commits[1].days < 30
    left = plan_project(project, store, now, None, (), tables)
    assert left.hours == 30 - commits[-1].days
    assert left.seconds is not None
    assert left.to_plain()["feature_sets"]["clicks"]["first"] == HOURLY.key(D + commits[-1].days * HOUR)
    backfill(made, HOURLY.whole(D, now), tables, store)
    assert "nothing to compute" in str(plan_project(project, store, now, None, (), tables))
    with pytest.raises(DataError, match="lacks 1 hours, 2013-11-02-06:00 to 2013-11-02-06:00"):
        StoreRows(store).require(made, D, D + 31 * HOUR)
    changed = replace(made, version=2)
    with pytest.raises(
        StaleRowsError, match="30 hours of features/clicks, 2013-11-01-00:00 to 2013-11-02-05:00"
    ):
        StoreRows(store).require(changed, D, D + 30 * HOUR)


def test_commits_are_of_many_hours_and_never_of_too_many_files():
    made = clicks("1h")
    year = HOURLY.between(D, D + timedelta(days=365))
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 4000, 9)]))
    sizes = [len(each) for each in chunks(made, year, tables, 1_000_000)]
    assert sum(sizes) == 8760
    assert max(sizes) == 366
    asked = EventSource(
        query="SELECT * FROM clicks", dependencies=["clicks"], event_time="ts", start_date="2013-11-01"
    )
    assert max(len(each) for each in chunks(replace(made, source=asked), year, tables, 1_000_000)) == 366
    days = DAILY.between(D, D + timedelta(days=365))
    assert (
        max(len(each) for each in chunks(replace(clicks("1d"), source=asked), days, tables, 1_000_000)) == 31
    )


def test_a_query_is_bound_to_whole_days_or_to_the_hour(tmp_path):
    sql = "SELECT * FROM clicks WHERE strftime(ts, '%Y-%m-%d') BETWEEN '{{start_date}}' AND '{{end_date}}'"
    exact = "SELECT * FROM clicks WHERE ts >= TIMESTAMP '{{start_time}}' AND ts < TIMESTAMP '{{end_time}}'"
    source = EventSource(
        query=sql,
        dependencies=["clicks"],
        event_time="ts",
        event_id="id",
        start_date="2013-11-01",
        lateness="0s",
    )
    start, end = D + 13 * HOUR, D + 15 * HOUR
    told = bound_query(replace(source, query="{{start_date}} {{latest_date}} {{end_date}}"), "q", start, end)
    assert told == "2013-11-01 2013-11-01 2013-11-02"
    told = bound_query(replace(source, query="{{start_time}}, {{end_time}}"), "q", start, end)
    assert told == "2013-11-01 13:00:00, 2013-11-01 15:00:00"
    tables = Tables(clicks=frame_of([("ann", m, 0, 1) for m in range(0, 1440, 7)]).drop("heard"))
    hours = HOURLY.between(D, D + 24 * HOUR)
    counts = []
    for number, query in enumerate((sql, exact)):
        made = replace(clicks("1h"), source=replace(source, query=query))
        counts.append(backfill(made, hours, tables, DeltaOfflineStore(tmp_path / str(number))))
    assert counts[0] == counts[1]
    assert sum(counts[0].values()) == 206
