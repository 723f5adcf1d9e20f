"""Rows that change, from the log of mutations to an answer: previews, training sets, stored days and online agree."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.assets.online import upload
from bighead.pipeline_lib.clock import ReplayClock
from bighead.pipeline_lib.features import (
    Aggregation,
    EntitySource,
    EventSource,
    FeatureSet,
    Label,
    LeftTable,
    Mutations,
    TrainingSet,
)
from bighead.pipeline_lib.point_in_time import answers_at, backfill, clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher
from bighead.session import Session

B = datetime(2013, 3, 6, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(5)]
HOUR = timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
LOG = {
    "id": pl.Int64,
    "k": pl.String,
    "ts": TIME,
    "x": pl.Int64,
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
        where="x < 9",
    ),
    aggregations=[
        Aggregation("x", operation, ["12h", "4d", "tumbling:1d"])
        for operation in (
            "count",
            "sum",
            "min",
            "max",
            "last_2",
            "median",
            "histogram",
            "approx_unique_count",
        )
    ],
    max_age="3d",
)
HOSTS = FeatureSet(
    name="hosts",
    owner="t",
    keys=["k"],
    source=EntitySource("hosts", valid_from="since", valid_to="until", start_date="2013-03-01"),
    columns=["rank"],
)
changes = st.lists(
    st.tuples(
        st.integers(0, 4), st.sampled_from("ab"), st.integers(0, 119), st.integers(0, 9), st.integers(0, 119),
        st.sampled_from("cuud"),
    ),
    max_size=20,
)  # fmt: skip


def log_of(rows: list[tuple]) -> pl.DataFrame:
    first = B - 120 * HOUR
    made = [
        (id, k, first + ts * HOUR, x, first + changed * HOUR, op, n)
        for n, (id, k, ts, x, changed, op) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=LOG, orient="row")


def hosts_of(edges: list[int]) -> pl.DataFrame:
    first, ends = B - 120 * HOUR, [*edges[1:], None]
    made = [
        (k, first + low * HOUR, None if high is None else first + high * HOUR, low)
        for k in "ab"
        for low, high in zip(edges, ends, strict=True)
    ]
    return pl.DataFrame(
        made, schema={"k": pl.String, "since": TIME, "until": TIME, "rank": pl.Int64}, orient="row"
    )


@settings(max_examples=25, deadline=None)
@given(
    changes,
    st.lists(st.integers(0, 119), min_size=1, max_size=4, unique=True).map(sorted),
    st.lists(st.integers(0, 40), min_size=1, max_size=3),
)
def test_what_is_stored_and_uploaded_answers_as_the_log_does(rows, edges, hours):
    log, hosts = log_of(rows), hosts_of(edges)
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder)
        session = world_of(world, log, hosts)
        online = LmdbOnlineStore(world / "online")
        streams = Streams(world / "streams", online)
        refs = [ORDERS.on(), HOSTS.on()]
        for feature_set in (ORDERS, HOSTS):
            backfill(feature_set, DAYS, session.tables, session.store)
            upload(feature_set, "2013-03-05", session.store, online)
            assert "available_to" in online.schema(feature_set)
        fetcher, asked = OnlineFetcher(online, streams), [{"k": "a"}, {"k": "b"}, {"k": None}, {"k": "z"}]
        for hour in hours:
            at = B + hour * HOUR
            left = pl.DataFrame(
                {"k": [each["k"] for each in asked], AT: [at] * 4}, schema={"k": pl.String, AT: TIME}
            )
            fetched = fetcher.fetch(refs, asked, microseconds(at))
            offline = [
                answers_at(left, ref, clean(raw, ref.set), AT)
                for ref, raw in zip(refs, (log, hosts), strict=True)
            ]
            expected = pl.concat([each.values for each in offline], how="horizontal")
            assert [dict(each) for each in fetched.features] == expected.to_dicts()
            told = pl.concat([each.statuses for each in offline], how="horizontal").to_dicts()
            assert fetched.statuses == [{n: s for n, s in each.items() if s != "present"} for each in told]
        streams.close()
        online.close()


def test_a_generation_of_a_stream_of_mutations_is_read_from_the_table(session):
    streamed = replace(ORDERS, source=replace(ORDERS.source, stream="log"))
    backfill(streamed, DAYS, session.tables, session.store)
    online = LmdbOnlineStore(session.settings.online)
    made = upload(streamed, "2013-03-05", session.store, online, session.tables)
    assert made["dagster/partition_row_count"] == 3, "one mutation of each row"
    log = session.tables.scan("log").collect()
    left = pl.DataFrame({"k": ["a", "b"], AT: [B] * 2}, schema={"k": pl.String, AT: TIME})
    fetcher = OnlineFetcher(online, Streams(session.settings.online / "streams", online))
    found = fetcher.fetch([streamed.on()], [{"k": "a"}, {"k": "b"}], microseconds(B)).features
    assert found == answers_at(left, streamed.on(), clean(log, streamed), AT).values.to_dicts()
    online.close()


def world_of(folder: Path, log: pl.DataFrame, hosts: pl.DataFrame) -> Session:
    from bighead.resources.settings import Settings

    settings = Settings(home=folder / "home")
    settings.warehouse.mkdir(parents=True)
    log.write_parquet(settings.warehouse / "log.parquet")
    hosts.write_parquet(settings.warehouse / "hosts.parquet")
    return Session(settings, clock=ReplayClock(B))


@pytest.fixture
def session(tmp_path):
    log = log_of([
        (1, "a", 60, 5, 61, "c"), (2, "a", 70, 7, 71, "c"), (3, "b", 80, 3, 81, "c"),
        (1, "a", 60, 8, 90, "u"), (2, "a", 70, 7, 95, "d"), (3, "a", 80, 3, 100, "u"),
    ])  # fmt: skip
    with world_of(tmp_path, log, hosts_of([10, 80])) as opened:
        left = {
            "row": [1, 2, 3],
            "k": ["a", "a", "b"],
            "t": [B - h * HOUR for h in (35, 20, 10)],
            "y": [0, 1, 0],
        }
        pl.DataFrame(left).write_parquet(opened.settings.warehouse / "views.parquet")
        yield opened


def test_previews_traces_and_training_sets_see_what_was_true_then(session):
    picked = ORDERS.on().pick("x_max_4d", "x_count_4d")
    views = TrainingSet(
        name="views",
        left=LeftTable("views", known={"k": "0s"}),
        timestamp="t",
        row_id="row",
        features=[picked, HOSTS],
        label=Label("y", "1h"),
    )
    then = ORDERS.preview(at=B - 35 * HOUR).select("k", "orders_x_max_4d")
    assert then.rows() == [("a", 7), ("b", 3)]
    assert ORDERS.preview().select("k", "orders_x_max_4d", "orders_x_count_4d").rows() == [("a", 8, 2)]
    assert HOSTS.preview(at=B - 41 * HOUR).rows() == [("a", 10), ("b", 10)]
    assert HOSTS.preview().rows() == [("a", 80), ("b", 80)]
    first = ORDERS.trace("x_max_4d", {"k": "a"}, at=B - 35 * HOUR)
    assert first.select("event_id", "x").rows() == [(2, 7)]
    assert ORDERS.trace("x_count_4d", {"k": "a"}, at=B)["event_id"].to_list() == [1, 3]
    direct = views.collect("2013-03-01", "2013-03-06")
    assert direct.select("orders_x_max_4d", "orders_x_count_4d", "hosts_rank").rows() == [
        (7, 2, 80), (8, 1, 80), (None, 0, 80)
    ]  # fmt: skip
    for feature_set in (ORDERS, HOSTS):
        backfill(feature_set, DAYS, session.tables, session.store)
    assert views.collect("2013-03-01", "2013-03-06").equals(direct)
    assert session.used["orders"] == session.used["hosts"] == "offline store"
