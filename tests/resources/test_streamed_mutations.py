"""Rows that change by a stream: what is fetched online is what the log says offline, and what plain Python says."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import HOUR, TIME, B, frame, inclusive, orders, record, sent, upload

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.redis_online_store import RedisOnlineStore
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

KEYS = ["a", "b", None, "z"]
# Few ids, hours and values, so that keys change, mutations overtake one another and times are equal.
mutations = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from("ab"),
        st.integers(-9, 9),
        st.integers(0, 9),
        st.integers(-9, 9),
        st.integers(0, 6),
        st.sampled_from(["insert", "c", "update", "u", "d", "delete"]),
    ),
    max_size=12,
)  # fmt: skip


def counted(records: list[dict], feature_set: FeatureSet, key: str, at: datetime) -> int:
    """The unbounded count in plain Python: of each row the last mutation known at t, if it holds and is of the key."""

    def before(moment):
        return moment <= at if feature_set.boundary == "inclusive" else moment < at

    def order(each):
        opens = each["op"] not in ("d", "delete")
        return (each["made"], opens)

    total = 0
    for id in {each["id"] for each in records}:
        known = [r for r in records if r["id"] == id and before(max(r["heard"], r["made"]))]
        last = max((order(each) for each in known), default=None)
        tied = [each for each in known if order(each) == last and last[1]]
        rows = {(r["k"], r["ts"], r["x"]) for r in tied}
        if len(rows) > 1:
            raise Undecided
        for k, ts, x in rows:
            total += k == key and x < 8 and before(ts)
    return total


class Undecided(Exception):
    """Two rows of one moment: their bytes decide, which is not for plain Python."""


def held(fetcher, feature_set, records, at) -> None:
    asked = [{"k": key} for key in KEYS]
    fetched = fetcher.fetch([feature_set.on()], asked, microseconds(at))
    left = pl.DataFrame({"k": KEYS, AT: [at] * 4}, schema={"k": pl.String, AT: TIME})
    offline = answers_at(left, feature_set.on(), clean(frame(records), feature_set), AT)
    assert [dict(each) for each in fetched.features] == offline.values.to_dicts()
    told = offline.statuses.to_dicts()
    assert fetched.statuses == [{n: s for n, s in each.items() if s != "present"} for each in told]
    try:
        naive = [counted(records, feature_set, key, at) for key in KEYS[:2]]
    except Undecided:
        return
    assert [each[f"{feature_set.name}_x_count_unbounded"] for each in fetched.features[:2]] == naive


def replay(store, streams, feature_set, rows, hours, steps) -> None:
    """Stream mutations in batches; between them the index is emptied, or a generation of all so far uploaded."""
    records = [record(*each) for each in rows]
    before = records[: len(records) // 3]
    upload(store, feature_set, before, B - 36 * HOUR)
    upload(store, feature_set, before)
    fetcher = OnlineFetcher(store, streams)
    kept = [each for each in before if max(each["heard"], each["made"]) < B - 12 * HOUR]
    pending = [each for each in records if each not in kept]
    for n, step in enumerate(steps):
        batch = pending[n :: len(steps)]
        if batch:
            streams.ingest("orders", [sent(each) for each in [*batch, *batch[:1]]])
        kept += batch
        if step == "forget":
            store.forget_streams()
        elif step == "upload":
            upload(store, feature_set, kept, B)
        elif step == "twice" and batch:
            assert streams.ingest("orders", [sent(each) for each in batch]).accepted == 0
        for hour in hours:
            held(fetcher, feature_set, kept, B + hour * HOUR)


steps = st.lists(st.sampled_from(["", "forget", "upload", "twice"]), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([orders, inclusive]),
    mutations,
    st.lists(st.integers(0, 16), min_size=1, max_size=3),
    steps,
)
def test_online_is_streaming_is_offline_is_plain_python(feature_set, rows, hours, steps):
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)
        replay(store, streams, feature_set, rows, hours, steps)
        streams.close()
        store.close()


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([orders, inclusive]),
    mutations,
    st.lists(st.integers(0, 16), min_size=1, max_size=2),
    steps,
)
def test_so_it_is_in_redis(redis_server, feature_set, rows, hours, steps):
    with tempfile.TemporaryDirectory() as folder:
        store = RedisOnlineStore(redis_server, f"bighead-{secrets.token_hex(6)}:")
        streams = Streams(Path(folder) / "streams", store)
        replay(store, streams, feature_set, rows, hours, steps)
        streams.close()
        store.close()
