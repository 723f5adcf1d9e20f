"""How many mutations a fetch reads: those of the rows that a window may hold, not all that there ever were."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from orders import HOUR, B, frame, orders, record, sent, upload

from bighead.pipeline_lib.features import Aggregation
from bighead.pipeline_lib.point_in_time import answers_at, clean
from bighead.resources import (
    lmdb_online_store,
    redis_online_store,
    stream,
    stream_groups,
    stream_index,
    stream_messages,
)
from bighead.resources.changing_rows import rows_now
from bighead.resources.online_rows import microseconds
from bighead.resources.online_stores import open_online_store
from bighead.resources.redis_online_store import RedisOnlineStore
from bighead.resources.stream import Streams
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_messages import Message
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

DAY = replace(orders, aggregations=[Aggregation("x", op, ["sliding:12h"]) for op in ("count", "sum")])
LIVE, CHANGES = 20, 30


def log() -> list[dict]:
    """Rows of the key a that change often, that lie far back, that moved to b, that are gone."""
    rows = [
        record(n, "a", -3, (n + each) % 7, -40 + each, 0, "u") for n in range(LIVE) for each in range(CHANGES)
    ]
    rows += [record(100 + n, "a", -60, 1, -50, 0, "c") for n in range(40)]
    rows += [record(200 + n, "ab"[each], -3, 1, -30 + each, 0, "u") for n in range(40) for each in (0, 1)]
    return rows + [
        record(300 + n, "a", -3, 1, -30 + each, 0, "cd"[each]) for n in range(40) for each in (0, 1)
    ]


@pytest.fixture(params=["lmdb", "redis"])
def world(request, tmp_path, monkeypatch):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    store = open_online_store(tmp_path / "online", url)
    streams = Streams(tmp_path / "streams", store)
    read = []

    def counted(feature_set, mutations, keys):
        read.append(sum(each.height for each in mutations))
        return rows_now(feature_set, mutations, keys)

    for module in (lmdb_online_store, redis_online_store):
        monkeypatch.setattr(module, "rows_now", counted)
    yield store, streams, read
    streams.close()
    store.close()


def check(store, streams, records, hours) -> None:
    """What is fetched is what the table says of the same mutations."""
    fetcher = OnlineFetcher(store, streams)
    for hour in hours:
        at = B + hour * HOUR
        found = fetcher.fetch([DAY.on()], [{"k": "a"}, {"k": "b"}], microseconds(at)).features
        left = pl.DataFrame({"k": ["a", "b"], AT: [at] * 2}, schema_overrides={AT: pl.Datetime("us", "UTC")})
        assert found == answers_at(left, DAY.on(), clean(frame(records), DAY), AT).values.to_dicts()


def test_a_fetch_reads_the_rows_of_its_window(world):
    store, streams, read = world
    upload(store, DAY, log(), B)
    check(store, streams, log(), (0, 1, 8, 30))
    assert read == [LIVE + 40] * 4, "those of a, and those that moved to b"
    store.fetch(DAY, [("a",)], microseconds(B))
    assert read[-1] == LIVE


def test_what_is_overtaken_leaves_the_tail_with_the_next_uploads(world):
    store, streams, read = world
    upload(store, DAY, [], B - 60 * HOUR)
    streams.ingest("orders", [sent(each) for each in log()])
    for midnight in (B - 48 * HOUR, B):
        upload(store, DAY, log(), midnight)
    fresh = [record(n, "a", 1, 2, 2 + n % 3, n % 2, "u") for n in range(3)]
    late = [record(n, "a", 1, 3, -45, 50, "u") for n in range(4, 6)]
    streams.ingest("orders", [sent(each) for each in [*fresh, *late]])
    check(store, streams, [*log(), *fresh, *late], (0, 3, 6, 14))
    upload(store, DAY, log(), B + HOUR)
    check(store, streams, [*log(), *fresh, *late], (0, 3, 6, 14))
    del read[:]
    store.fetch(DAY, [("a",)], microseconds(B + 6 * HOUR))
    # In LMDB what is overtaken before it is known does not come in.
    assert read == [LIVE + len(fresh) + len(late) * isinstance(store, RedisOnlineStore)]


def test_of_a_row_that_changes_all_the_time_lmdb_reads_the_last(world):
    store, streams, read = world
    upload(store, DAY, [], B - 40 * HOUR)
    often = [record(1, "a", -25, n % 7, -24 + n / 10, 0, "u") for n in range(200)]
    # Every third comes late, and some are told again.
    sending = [each for n, each in enumerate(often) if n % 3] + often[::3] + often[::20]
    for start in range(0, len(sending), 40):
        streams.ingest("orders", [sent(each) for each in sending[start : start + 40]])
    hours = (-24, -23.9, -20.05, -16, -13.5, -8)
    check(store, streams, often, hours)
    if not isinstance(store, RedisOnlineStore):
        assert max(read) <= 2, "the last, and one that becomes known at the instant of the question"


def test_a_mutation_is_cleaned_once_whichever_way_it_comes(world, monkeypatch):
    store, streams, _ = world
    upload(store, DAY, [], B - 48 * HOUR)
    cleaned = []

    def counted(feed, events):
        cleaned.append(len(events))
        return clean_events(feed, events)

    for module in (stream, stream_groups, stream_index, stream_messages):
        monkeypatch.setattr(module, "clean_events", counted)
    records = [record(n % 7, "a", -3, n % 5, -40 + n, n % 3, "u") for n in range(30)]
    told = [sent(each) for each in records]
    assert streams.ingest("orders", [*told[:10], *told[:3]]).accepted == 10
    assert cleaned == [13]
    assert streams.offer("orders", [*told[5:20], *told[19:20]]).accepted == 10
    assert cleaned == [13, 16]
    sending = [Message(0, n, None, json.dumps(each).encode()) for n, each in enumerate(told[15:])]
    counts = streams.take("orders", sending)
    assert (counts[0].applied, counts[0].duplicates) == (10, 5)
    assert cleaned == [13, 16, 15]
    check(store, streams, records, (-30, -12, 0))
    # One that no set can take is found by halving, and the others keep their places.
    bad = [{**told[0], "x": 6}, {**told[1], "op": "remove"}, {**told[2], "x": 4}, {**told[3], "x": 5}]
    assert streams.offer("orders", bad).accepted == 3
    fixed = [{**records[n], "x": each["x"]} for n, each in ((0, bad[0]), (2, bad[2]), (3, bad[3]))]
    check(store, streams, [*records, *fixed], (-40, -30, 0))
    store.forget_streams()
    streams.catch_up_all()
    check(store, streams, [*records, *fixed], (-40, -30, 0))
