"""Backfills compute what lacks and no more; days of another definition are refused, never mixed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import EventTimeError, SchemaError, StaleRowsError
from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.row_definition import RowDefinition, row_definition
from bighead.pipeline_lib.point_in_time import SourceRows, StoreRows, backfill
from bighead.pipeline_lib.point_in_time.backfill import Committed
from bighead.resources.offline_store import DeltaOfflineStore

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(20)]
END = T0 + timedelta(days=20)
SOURCE = EventSource(
    table="stays",
    event_time="ts",
    event_id="id",
    start_date="2013-03-01",
    where="nights > 0",
    select={"price": "nights * 10", "guests": "nights + 1"},
)
STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=SOURCE,
    aggregations=[Aggregation("nights", "sum", ["1d"]), Aggregation("price", "max", ["2d"])],
)


class Counting(dict[str, pl.DataFrame]):
    """Tables in memory that count how often each row is read."""

    def __init__(self, **tables: pl.DataFrame) -> None:
        super().__init__(tables)
        self.read: list[datetime] = []

    def scan(self, table: str) -> pl.LazyFrame:
        def seen(frame: pl.DataFrame) -> pl.DataFrame:
            self.read += frame["ts"].to_list()
            return frame

        frame = self[table]
        return frame.lazy().map_batches(seen, schema=frame.schema)

    def fingerprint(self, table: str) -> str:
        return str(self[table].hash_rows().sum())


class Recording(DeltaOfflineStore):
    """A store that remembers which days were written in which commit."""

    def __init__(self, root) -> None:
        super().__init__(root)
        self.commits: list[list[date]] = []

    def write_days(self, set_name, days, frame, definition=None, seconds=0.0) -> None:
        super().write_days(set_name, days, frame, definition, seconds)
        self.commits.append(list(days))


def stays(each: int = 3) -> pl.DataFrame:
    times = [T0 + timedelta(days=n // each, hours=n % each) for n in range(20 * each)]
    return pl.DataFrame(
        {
            "id": [*range(len(times))],
            "home": ["a", "b"] * (len(times) // 2),
            "ts": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
            "nights": [n % 5 for n in range(len(times))],
        }
    )


@pytest.fixture
def tables():
    return Counting(stays=stays())


@pytest.fixture
def store(tmp_path):
    return Recording(tmp_path)


def written(store: Recording) -> list[date]:
    """The days written since the last time this was asked."""
    days = sorted(day for commit in store.commits for day in commit)
    store.commits.clear()
    return days


def changed(**source) -> FeatureSet:
    return replace(STAYS, source=replace(SOURCE, **source))


def with_inputs(*columns: str) -> FeatureSet:
    return replace(STAYS, aggregations=[Aggregation(column, "sum", ["1d"]) for column in columns])


def test_only_missing_days_are_computed_and_force_computes_them_again(tables, store):
    backfill(STAYS, DAYS[:8], tables, store)
    assert written(store) == DAYS[:8]
    counts = backfill(STAYS, DAYS[5:12], tables, store)
    assert written(store) == DAYS[8:12]
    assert counts == {
        day: 2 if set(range(3 * n, 3 * n + 3)) & {15, 20, 25, 30, 35} else 3
        for n, day in enumerate(DAYS)
        if 5 <= n < 12
    }
    tables.read.clear()
    assert backfill(STAYS, DAYS[:12], tables, store) == backfill(STAYS, DAYS[:12], Counting(), store)
    assert (written(store), tables.read) == ([], [])
    tables["stays"] = stays().with_columns(pl.col("nights") + 1)
    late = backfill(STAYS, DAYS[2:4], tables, store, force=True)
    assert written(store) == DAYS[2:4]
    assert late == {DAYS[2]: 3, DAYS[3]: 3}


@pytest.mark.parametrize(
    "unchanged",
    [
        replace(STAYS, aggregations=[*STAYS.aggregations, Aggregation("nights", "max", ["7d"])]),
        replace(STAYS, boundary="inclusive", owner="team:other", tags=["x"], docs={"nights": "how long"}),
        with_inputs("nights"),
        changed(stream="stays"),
        changed(start_date="2013-03-05"),
        changed(lateness="9d"),
        changed(select={"price": "nights * 10", "guests": "nights - 1"}),
    ],
    ids=["aggregation", "boundary and words", "fewer", "stream", "start", "lateness", "unused select"],
)
def test_what_no_row_depends_on_needs_no_recomputation(unchanged, tables, store):
    backfill(STAYS, DAYS, tables, store)
    written(store)
    tables.read.clear()
    backfill(unchanged, DAYS, tables, store)
    assert (written(store), tables.read) == ([], [])
    assert stored(store, unchanged).equals(oracle(unchanged, tables))


def test_a_new_input_column_recomputes_the_days_that_lack_it(tables, store):
    wider = with_inputs("nights", "price", "guests")
    backfill(wider, DAYS[:5], tables, store)
    backfill(STAYS, DAYS[5:], tables, store)
    written(store)
    tables.read.clear()
    with pytest.raises(StaleRowsError, match=r"15 days of features/stays, .*: without guests"):
        StoreRows(store).rows(wider, T0, END)
    backfill(wider, DAYS, tables, store)
    assert written(store) == DAYS[5:]
    assert stored(store, wider).equals(oracle(wider, tables))
    assert stored(store, STAYS).equals(oracle(STAYS, tables)), "columns nobody asks for do not show"


def test_an_earlier_start_computes_the_new_days_only(tables, store):
    late = changed(start_date="2013-03-11")
    backfill(late, DAYS[10:], tables, store)
    written(store)
    backfill(STAYS, DAYS, tables, store)
    assert written(store) == DAYS[:10]


CHANGES = {
    "where": (changed(where="nights > 1"), 'source.where was "nights > 0", is "nights > 1"'),
    "select": (changed(select={"price": "nights * 11"}), r"select.price was nights \* 10, is nights \* 11"),
    "known": (changed(delay="1h"), 'source.delay was –, is "1h"'),
    "version": (replace(STAYS, version=2), "version was 1, is 2"),
    "keys": (replace(STAYS, keys=["id"]), r'keys was \["home"\], is \["id"\]'),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_meaning_is_refused_until_every_day_is_computed_again(name, tables, store):
    now, words = CHANGES[name]
    backfill(STAYS, DAYS, tables, store)
    reader = StoreRows(store)
    with pytest.raises(StaleRowsError, match=words) as caught:
        reader.rows(now, T0, END)
    assert "bighead backfill stays" in str(caught.value)
    assert reader.lacking(now, T0, END) == DAYS
    written(store)
    backfill(now, DAYS[:10], tables, store)
    with pytest.raises(StaleRowsError, match="10 days of features/stays, 2013-03-11 to 2013-03-20"):
        reader.rows(now, T0, END)
    assert reader.rows(now, T0, T0 + timedelta(days=10)).height == oracle(now, tables, DAYS[9]).height
    backfill(now, DAYS, tables, store)
    assert written(store) == DAYS
    assert stored(store, now).equals(oracle(now, tables))


def test_a_changed_meaning_may_change_a_type_and_an_unchanged_one_may_not(tables, store):
    backfill(STAYS, DAYS, tables, store)
    halves = changed(select={"price": "nights * 10.5"})
    backfill(halves, DAYS[3:7], tables, store)
    assert store.days("stays") == set(DAYS[3:7]), "one table holds a column in one type"
    assert store.scan("stays", T0, END, version=0).collect().height == oracle(STAYS, tables).height
    backfill(halves, DAYS, tables, store)
    assert stored(store, halves).equals(oracle(halves, tables))
    tables["stays"] = tables["stays"].cast({"nights": pl.Float32})
    with pytest.raises(SchemaError, match="raise the set's version"):
        backfill(halves, DAYS[:1], tables, store, force=True)
    assert store.days("stays") == set(DAYS)


def test_an_entitys_stale_snapshots_are_left_out_and_newer_ones_refused(store):
    homes = pl.DataFrame({"ds": DAYS * 2, "home": ["a"] * 20 + ["b"] * 20, "beds": [*range(40)]})
    hosts = FeatureSet(name="hosts", owner="t", keys=["home"], source=EntitySource("homes"), columns=["beds"])
    now = replace(hosts, source=EntitySource("homes", where="beds > 3"))
    read = Counting(homes=homes.with_columns(ts=pl.col("ds").cast(pl.Datetime("us", "UTC"))))
    backfill(hosts, DAYS, read, store)
    backfill(now, DAYS[4:10], read, store)
    middle = T0 + timedelta(days=8)
    seen = StoreRows(store).rows(now, middle, middle + timedelta(hours=1))
    assert seen["event_time"].min() == T0 + timedelta(days=4), "the stale snapshots before are left out"
    with pytest.raises(StaleRowsError, match="2013-03-11 to 2013-03-16"):
        StoreRows(store).rows(now, T0 + timedelta(days=15), T0 + timedelta(days=15, hours=1))


def test_days_of_an_older_store_are_read_with_a_warning_unless_they_lack_a_column(tables, store, caplog):
    old = SourceRows(tables).rows(with_inputs("nights"), T0, T0 + timedelta(days=10))
    store.write_days("stays", DAYS[:10], old)
    backfill(with_inputs("nights"), DAYS, tables, store)
    assert written(store) == sorted(DAYS[:10] + DAYS[10:])
    assert stored(store, with_inputs("nights")).equals(oracle(with_inputs("nights"), tables))
    assert "10 days of features/stays, 2013-03-01 to 2013-03-10, do not say" in caplog.text
    with pytest.raises(StaleRowsError, match="unknown, without price"):
        StoreRows(store).rows(STAYS, T0, T0 + timedelta(days=5))
    backfill(with_inputs("nights"), DAYS, tables, store, force=True)
    assert all(each.definition for each in store.stored_days("stays").values())


def test_chunks_hold_so_many_rows_and_each_is_a_commit_that_is_told(tables, store):
    told: list[Committed] = []
    backfill(STAYS, DAYS, tables, store, tell=told.append, rows_a_commit=12)
    assert store.commits == [DAYS[n : n + 4] for n in range(0, 20, 4)]
    assert [(each.days, each.whole) for each in told] == [(4, 20), (8, 20), (12, 20), (16, 20), (20, 20)]
    assert (told[1].first, told[1].last) == (DAYS[4], DAYS[7])
    assert sum(each.rows for each in told) == oracle(STAYS, tables).height
    assert store.version("stays") == 4


def test_a_day_larger_than_a_commit_may_be_is_one_commit(tables, store):
    backfill(STAYS, DAYS[:3], tables, store, rows_a_commit=1)
    assert store.commits == [[day] for day in DAYS[:3]]


def test_times_whose_days_nobody_can_count_go_a_month_a_commit(store):
    texts = stays(each=1).with_columns(day=pl.col("ts").dt.strftime("%Y-%m-%d %H:%M:%S"))
    parsed = changed(event_time="at", select={"at": "STRPTIME(day, '%Y-%m-%d %H:%M:%S')"}, timezone="UTC")
    many = [DAYS[0] + timedelta(days=n) for n in range(70)]
    backfill(with_source(parsed), many, Counting(stays=texts), store)
    assert [len(each) for each in store.commits] == [31, 31, 8]
    assert StoreRows(store).rows(with_source(parsed), T0, END).height == 16


def with_source(feature_set: FeatureSet) -> FeatureSet:
    return replace(feature_set, aggregations=[Aggregation("nights", "sum", ["1d"])])


def test_what_earlier_backfills_took_is_recorded(tables, store):
    assert store.spent("stays").days == 0
    backfill(STAYS, DAYS, tables, store, rows_a_commit=30)
    spent = store.spent("stays")
    assert (spent.days, spent.rows) == (20, oracle(STAYS, tables).height)
    assert spent.seconds > 0


def test_a_definition_reads_back_equal():
    now = row_definition(STAYS)
    again = RowDefinition.from_json(now.to_json())
    assert (again.hash, again.covers(now), dict(again.inputs)) == (
        now.hash,
        True,
        {"nights": "", "price": "nights * 10"},
    )


def test_a_time_that_is_null_is_refused_wherever_it_stands(store):
    rows = stays().with_columns(ts=pl.when(pl.col("id") != 30).then(pl.col("ts")), nights=pl.lit(1))
    with pytest.raises(EventTimeError, match=r"'ts' .* is null in 1"):
        backfill(STAYS, DAYS[:2], Counting(stays=rows), store)


def oracle(feature_set: FeatureSet, tables: Counting, last: date = DAYS[-1]) -> pl.DataFrame:
    """What the source says; Delta keeps no order of days."""
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return SourceRows(tables).rows(feature_set, T0, end).sort("event_id")


def stored(store: Recording, feature_set: FeatureSet) -> pl.DataFrame:
    return StoreRows(store).rows(feature_set, T0, END).sort("event_id")
