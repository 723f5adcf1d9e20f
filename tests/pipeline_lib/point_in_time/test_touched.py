"""What changed since a day was stored is found, listed, planned and computed again; the rest is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.planning import plan_project
from bighead.pipeline_lib.point_in_time import (
    SourceRows,
    StoreRows,
    backfill,
    clean,
    days_touched,
    touched_days,
)
from bighead.pipeline_lib.point_in_time.chained import cleaned_near
from bighead.pipeline_lib.project import Project
from bighead.resources.offline_store import DeltaOfflineStore

T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(6)]
END = T0 + timedelta(days=6)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "id": pl.Int64,
    "k": pl.String,
    "ts": TIME,
    "x": pl.Float64,
    "changed": TIME,
    "op": pl.String,
    "n": pl.Int64,
}
ORDERS = FeatureSet(
    name="orders",
    owner="t",
    keys=["k"],
    source=EventSource(
        "log",
        "ts",
        event_id="id",
        mutations=Mutations("changed", operation="op", sequence="n"),
        start_date="2013-03-01",
    ),
    aggregations=[Aggregation("x", "max", ["3d"])],
)


class Tables(dict[str, pl.DataFrame]):
    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return ""


def day(n: float | None) -> datetime | None:
    return None if n is None else T0 + timedelta(days=n)


def log(*rows: tuple, first: int = 0) -> pl.DataFrame:
    made = [
        (id, k, day(ts), x, day(changed), op, first + n) for n, (id, k, ts, x, changed, op) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


OLD = log(*[(n, "ab"[n % 2], n + 0.5, float(n), n + 0.6, "c") for n in range(6)])
BATCHES = {
    "an update": ([(1, "b", 1.5, 9.0, 5.5, "u")], [1]),
    "a delete, which says no more than the id": ([(2, None, None, None, 5.5, "d")], [2]),
    "an update that moves a row": ([(1, "a", 4.5, 1.0, 5.5, "u")], [1, 4]),
    "an insert": ([(7, "a", 3.5, 1.0, 5.5, "c")], [3]),
    "an insert and its delete at once": ([(7, "a", 3.5, 1.0, 5.5, "c"), (7, None, None, None, 5.5, "d")], []),
    "a copy": ([(3, "b", 3.5, 3.0, 3.6, "c")], []),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_touches_the_days_of_old_and_new_versions(name, tmp_path):
    rows, expected = BATCHES[name]
    batch = log(*rows, first=100)
    if name == "a copy":
        batch = batch.with_columns(pl.lit(3, dtype=pl.Int64).alias("n"))
    wanted = [DAYS[n] for n in expected]
    assert days_touched(ORDERS, OLD, batch) == wanted
    tables, store = Tables(log=OLD), DeltaOfflineStore(tmp_path)
    backfill(ORDERS, DAYS, tables, store)
    assert touched_days(ORDERS, DAYS, tables, store) == []
    tables["log"] = pl.concat([OLD, batch])
    assert touched_days(ORDERS, DAYS, tables, store) == wanted
    assert touched_days(ORDERS, DAYS[:2], tables, store) == [each for each in wanted if each in DAYS[:2]]
    project = Project("shop", Path(), Catalog([ORDERS], []), {})
    [plan] = plan_project(project, store, END, tables=tables).sets
    assert (list(plan.touched), list(plan.days), plan.status) == (wanted, wanted, "unchanged")
    if wanted:
        assert f"{len(wanted)} touched since" in str(plan_project(project, store, END, tables=tables))
    told: list = []
    version = store.version("orders")
    backfill(ORDERS, DAYS, tables, store, tell=told.append)
    assert sum(each.whole for each in told[:1]) == len(wanted)
    assert (store.version("orders") > version) == bool(wanted)
    same(tables, store)


def test_a_run_reads_the_days_of_what_was_mutated_since_and_all_where_that_is_not_known(
    tmp_path, monkeypatch, caplog
):
    tables, store = Tables(log=OLD), DeltaOfflineStore(tmp_path)
    read: list[date] = []

    def recorded(feature_set, tables, upstream, start, end, *rest):
        read.extend(each for each in DAYS if start.date() <= each < end.date())
        return cleaned_near(feature_set, tables, upstream, start, end, *rest)

    monkeypatch.setattr("bighead.pipeline_lib.point_in_time.touched.cleaned_near", recorded)

    def touched(made: FeatureSet = ORDERS) -> tuple[list[date], list[date]]:
        read.clear()
        return touched_days(made, DAYS, tables, store), list(read)

    backfill(ORDERS, DAYS, tables, store)
    # Only what is mutated no more than its lateness before the newest may be new.
    assert touched() == ([], DAYS[3:])
    tables["log"] = pl.concat([OLD, log((1, "b", 1.5, 9.0, 5.7, "u"), first=100)])
    assert touched() == ([DAYS[1]], [DAYS[1], *DAYS[3:]])
    backfill(ORDERS, [DAYS[5]], tables, store)
    assert touched()[0] == []
    # Beyond lateness: counted, and nothing is taken for granted.
    tables["log"] = pl.concat([tables["log"], log((0, "a", 0.5, 7.0, 0.7, "u"), first=200)])
    assert touched() == ([DAYS[0]], DAYS)
    assert "1 mutations arrived late since the last run, beyond its lateness" in caplog.text
    backfill(ORDERS, [DAYS[5]], tables, store)
    assert touched() == ([], [DAYS[1], *DAYS[4:]])
    # Another definition's note tells nothing of this one.
    assert touched(replace(ORDERS, keys=["k"], version=2))[1] == DAYS
    same(tables, store)


def same(tables: Tables, store: DeltaOfflineStore) -> None:
    """What is stored is what the source says."""
    held = StoreRows(store).rows(ORDERS, T0, END).sort("event_id", "available_at")
    assert held.equals(SourceRows(tables).rows(ORDERS, T0, END).sort("event_id", "available_at"))


moments = st.integers(0, 23).map(lambda n: n / 4)
changes = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from("ab"), moments, st.sampled_from([1.0, 2.0, None]), moments,
        st.sampled_from("cud"),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(changes, changes)
def test_backfilled_again_the_days_are_what_the_whole_log_says(tmp_path_factory, before, after):
    tables, store = Tables(log=log(*before)), DeltaOfflineStore(tmp_path_factory.mktemp("store"))
    backfill(ORDERS, DAYS, tables, store, rows_a_commit=4)
    tables["log"] = pl.concat([log(*before), log(*after, first=len(before))])
    backfill(ORDERS, DAYS, tables, store, rows_a_commit=4)
    same(tables, store)


def test_a_run_of_any_day_leaves_no_touched_day_behind(tmp_path):
    tables, store = Tables(log=OLD), DeltaOfflineStore(tmp_path)
    backfill(ORDERS, DAYS[:5], tables, store)
    tables["log"] = pl.concat([OLD, log((1, "b", 1.5, 9.0, 5.5, "u"), first=100)])
    told: list = []
    assert backfill(ORDERS, DAYS[5:], tables, store, tell=told.append) == {DAYS[5]: 1}
    assert [(each.first, each.last, each.days) for each in told] == [(DAYS[1], DAYS[5], 2)]
    same(tables, store)


PLAIN = FeatureSet(
    name="visits",
    owner="t",
    keys=["k"],
    source=EventSource("visits", "ts", event_id="id", start_date="2013-03-01"),
    aggregations=[Aggregation("x", "max", ["3d"])],
)
seen = st.lists(st.tuples(st.sampled_from("ab"), moments, st.sampled_from([1.0, 2.0, None])), max_size=12)


@settings(max_examples=15, deadline=None)
@given(seen, seen, st.sets(st.integers(0, 11)))
def test_what_came_late_was_changed_or_is_gone_is_found_where_asked_for(tmp_path_factory, early, late, gone):
    before = [(n, k, day(ts), x) for n, (k, ts, x) in enumerate(early)]
    after = [row for row in before if row[0] not in gone]
    after += [(20 + n, k, day(ts), x) for n, (k, ts, x) in enumerate(late)]
    schema = {name: SCHEMA[name] for name in ("id", "k", "ts", "x")}
    tables = Tables(visits=pl.DataFrame(before, schema=schema, orient="row"))
    store = DeltaOfflineStore(tmp_path_factory.mktemp("store"))
    backfill(PLAIN, DAYS, tables, store)
    tables["visits"] = pl.DataFrame(after, schema=schema, orient="row")
    assert touched_days(PLAIN, DAYS, tables, store) == []
    found = touched_days(PLAIN, DAYS, tables, store, rows_at_once=4, late=True)
    assert found == sorted({row[2].date() for row in set(before) ^ set(after)})
    backfill(PLAIN, found, tables, store, force=True)
    assert touched_days(PLAIN, DAYS, tables, store, late=True) == []
    held = StoreRows(store).rows(PLAIN, T0, END).sort("event_id")
    assert held.equals(SourceRows(tables).rows(PLAIN, T0, END).sort("event_id"))


def test_sources_that_never_change_a_row_are_not_read():
    plain = replace(ORDERS, source=EventSource("log", "ts", event_id="id"))
    assert touched_days(plain, DAYS, Tables(), DeltaOfflineStore(Path("nowhere"))) == []


def test_the_definition_of_rows_knows_their_mutations():
    other = replace(ORDERS.source, mutations=Mutations("changed", operation="op"))
    changed = row_definition(ORDERS).changes(row_definition(replace(ORDERS, source=other)))
    assert [each.field for each in changed] == ["source.mutations"]


HOSTS = FeatureSet(
    name="hosts",
    owner="t",
    keys=["k"],
    source=EntitySource("hosts", valid_from="since", valid_to="until", start_date="2013-03-01"),
    columns=["rank"],
)


def test_intervals_are_stored_by_their_beginning_and_found_when_closed(tmp_path):
    rows = [("a", day(0.5), None, 1), ("b", day(1.5), day(2.5), 2)]
    schema = {"k": pl.String, "since": TIME, "until": TIME, "rank": pl.Int64}
    tables, store = Tables(hosts=pl.DataFrame(rows, schema=schema, orient="row")), DeltaOfflineStore(tmp_path)
    backfill(HOSTS, DAYS[:4], tables, store)
    reader = StoreRows(store)
    assert reader.rows(HOSTS, day(3), day(3.5)).height == 2
    assert reader.lacking(HOSTS, day(3), day(3.5)) == []
    assert reader.lacking(HOSTS, day(3), day(4.5)) == [DAYS[4]]
    without = replace(HOSTS, source=replace(HOSTS.source, start_date=None))
    with pytest.raises(DataError, match="Give its source a start_date"):
        reader.require(without, day(3), day(3.5))
    closed = [("a", day(0.5), day(4.5), 1), *rows[1:], ("a", day(4.5), None, 3)]
    tables["hosts"] = pl.DataFrame(closed, schema=schema, orient="row")
    assert touched_days(HOSTS, DAYS[:4], tables, store) == [DAYS[0]]
    tables["hosts"] = pl.DataFrame([*closed, ("a", day(3.2), None, 4)], schema=schema, orient="row")
    with pytest.raises(DataError, match="overlap"):
        backfill(HOSTS, [DAYS[3]], tables, store, force=True)


def test_of_a_cumulative_table_the_newest_partition_is_read_and_no_event_counts_twice():
    source = EventSource("all", "ts", cumulative="ds", available_at="known")
    feature_set = replace(ORDERS, source=source, aggregations=[Aggregation("x", "sum", ["9d"])])
    once = pl.DataFrame({"k": ["a", "a", "b"], "ts": [day(0), day(1), day(2)], "x": [1.0, 2.0, 4.0]})
    once = once.with_columns(pl.col("ts").cast(TIME), pl.col("ts").cast(TIME).alias("known"))
    parts = [once[: n + 1].with_columns(pl.lit(f"2013-03-0{n + 2}").alias("ds")) for n in range(3)]
    tables = Tables(all=pl.concat(parts[::-1]))
    rows = SourceRows(tables).rows(feature_set, None, END)
    assert rows.sort("event_time").equals(clean(once, feature_set))
    tables["all"] = pl.concat(parts[:2]).with_columns(pl.col("ds").str.to_date())
    assert SourceRows(tables).rows(feature_set, None, END).height == 2
    tables["all"] = tables["all"].clear()
    assert SourceRows(tables).rows(feature_set, None, END).height == 0
    with pytest.raises(SchemaError, match="lacks the column 'ds'"):
        SourceRows(Tables(all=once)).rows(feature_set, None, END)
