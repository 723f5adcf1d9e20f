"""Derived features online: what training saw, of rows uploaded and streamed, and called wrong where they are."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.monitoring.tolerance import equal
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers import online
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")
CLICKS = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource(table="c", stream="c", event_time="at", event_id="id"),
    aggregations=[
        Aggregation("amount", "sum", ["1h", "1d"]),
        Aggregation("amount", "count", ["1h", "1d"]),
        Aggregation("amount", "last", ["1d"], empty=-1.0),
    ],
    derivations={
        "mean_1d": "amount_sum_1d / amount_count_1d",
        "share": "amount_count_1h / amount_count_1d",
        "level": "CASE WHEN mean_1d > 2 THEN 'high' WHEN mean_1d IS NULL THEN 'none' ELSE 'low' END",
        "after": "COALESCE(amount_last_1d - mean_1d, amount_last_1d)",
    },
    max_age="12h",
)
SCHEMA = {"user": pl.String(), "at": UTC_US, "id": pl.String(), "amount": pl.Float64()}
events = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.integers(-2000, 900), st.none() | st.integers(-9, 9)),
    max_size=20,
)


def frame_of(given_events) -> pl.DataFrame:
    rows = [(user, B + at * MINUTE, f"e{n}", amount) for n, (user, at, amount) in enumerate(given_events)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@settings(max_examples=40, deadline=None)
@given(events, st.lists(st.integers(0, 1000), min_size=1, max_size=3))
def test_derived_values_and_statuses_online_are_those_of_training(given_events, minutes):
    frame = frame_of(given_events)
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)
        store.put_generation(CLICKS, B, clean(frame.filter(pl.col("at") < B), CLICKS), {})
        streamed = frame.filter(pl.col("at") >= B)
        if streamed.height:
            streams.ingest("c", streamed.to_dicts())
        fetcher = OnlineFetcher(store, streams)
        users = ["ann", None, "bob", "nobody"]
        for use in (CLICKS.on(), CLICKS.on(prefix="p").pick("level", "after")):
            for at in (B + minute * MINUTE for minute in minutes):
                left = pl.DataFrame({"user": users, AT: [at] * 4}, schema={"user": pl.String(), AT: UTC_US})
                expected = answers_at(left, use, clean(frame, CLICKS), AT)
                with patch.object(online, "answers_at", wraps=answers_at) as table:
                    fetched = fetcher.fetch([use], [{"user": user} for user in users], microseconds(at))
                assert not table.called
                for served, offline in zip(fetched.features, expected.values.to_dicts(), strict=True):
                    assert list(served) == list(offline)
                    assert all(equal(served[name], offline[name]) for name in offline)
                told = expected.statuses.to_dicts()
                assert fetched.statuses == [{n: s for n, s in e.items() if s != "present"} for e in told]
        streams.close()
        store.close()


@settings(max_examples=30, deadline=None)
@given(events, st.integers(0, 1000), st.sampled_from(["keep", "null"]), st.sampled_from([10, 10_000]))
def test_rows_derive_what_tables_do_of_old_values_and_in_a_store_that_is_late(
    given_events, minute, on_stale, buffer
):
    kept = replace(CLICKS, on_stale=on_stale)
    frame = frame_of(given_events).filter(pl.col("at") < B)
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)
        store.put_generation(kept, B, clean(frame, kept), {})
        keys, at = [{"user": user} for user in ("ann", None, "bob")], microseconds(B + minute * MINUTE)
        by_rows, by_tables = (OnlineFetcher(store, streams, buffer * 60_000_000) for _ in range(2))
        by_tables._finder = None
        one, other = by_rows.fetch([kept.on()], keys, at), by_tables.fetch([kept.on()], keys, at)
        assert one.statuses == other.statuses
        for left, right in zip(one.features, other.features, strict=True):
            assert list(left) == list(right)
            assert all(equal(left[name], right[name]) for name in right)
        streams.close()
        store.close()
