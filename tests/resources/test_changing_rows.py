"""Rows that change by a stream, one rule at a time: tombstones, keys that change, images, what leaves the tail."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from orders import HOUR, LOG, B, Tables, frame, orders, record, sent, upload

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features import Mutations
from bighead.pipeline_lib.point_in_time import clean
from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.online_stores import open_online_store
from bighead.resources.redis_online_store import RedisOnlineStore
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher


@pytest.fixture(params=["lmdb", "redis"])
def world(request, tmp_path):
    """A store of each kind with an empty generation, its streams and a function from an hour to a key's sum."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    store = open_online_store(tmp_path / "online", url)
    streams = Streams(tmp_path / "streams", store)
    upload(store, orders, [], B)
    fetcher = OnlineFetcher(store, streams)

    def total(key, hour):
        found = fetcher.fetch([orders.on()], [{"k": key}], microseconds(B + hour * HOUR))
        return found.features[0]["orders_x_sum_unbounded"]

    yield store, streams, total
    streams.close()
    store.close()


def test_a_delete_before_its_insert_leaves_a_tombstone(world):
    _, streams, total = world
    assert streams.ingest("orders", [sent(record(1, "a", 1, 5, 4, 0, "d"))]).accepted == 1
    assert streams.ingest("orders", [sent(record(1, "a", 1, 5, 3, 4, "c"))]).accepted == 1
    assert [total("a", hour) for hour in (3, 5, 8)] == [None, None, None]
    streams.ingest("orders", [sent(record(1, "a", 1, 6, 5, 4, "u"))])
    assert total("a", 10) == 6


def test_a_row_moves_to_another_key_and_back_at_any_time_asked(world):
    _, streams, total = world
    moves = [
        record(1, "a", 1, 5, 2, 0, "c"),
        record(1, "b", 1, 5, 4, 0, "u"),
        record(1, "a", 1, 7, 6, 0, "u"),
    ]
    streams.ingest("orders", [sent(moves[2])])
    streams.ingest("orders", [sent(moves[0]), sent(moves[1])])
    assert [total("a", hour) for hour in (2, 3, 5, 7)] == [None, 5, None, 7]
    assert [total("b", hour) for hour in (3, 5, 7)] == [None, 5, None]
    streams.ingest("orders", [{**sent(record(1, "a", 1, 0, 8, 0, "u")), "k": None}])
    assert (total("a", 9), total("b", 9)) == (None, None)


def test_what_a_generation_holds_leaves_the_tail_and_what_it_lacks_stays(world):
    store, streams, total = world
    table = [
        record(1, "a", 1, 5, 2, 0, "c"),
        record(1, "b", 1, 5, 4, 0, "u"),
        record(2, "a", 1, 3, 4, 0, "c"),
    ]
    late = record(2, "b", 1, 4, 5, 0, "u")
    streams.ingest("orders", [sent(each) for each in [*table, late]])
    before = [(total(key, hour)) for key in "ab" for hour in (3, 5, 6, 30)]
    upload(store, orders, table, B + 24 * HOUR)
    upload(store, orders, table, B + 48 * HOUR)
    # Redis, which other processes write meanwhile, keeps all keys of a row that is left.
    held = 3 if isinstance(store, RedisOnlineStore) else 2
    assert left(store) == held, "the late mutation, and the key that it has"
    assert [total("a", 50), total("b", 50)] == [before[3], before[7]] == [None, 9]


def left(store) -> int:
    """How many streamed mutations and pairs of key and row an index holds."""
    if isinstance(store, RedisOnlineStore):
        client = store._connection.client
        tails = sum(client.zcard(key) for key in client.scan_iter(match=b"bighead:tail:*"))
        return tails + sum(client.scard(key) for key in client.scan_iter(match=b"bighead:owners:*"))
    with store._environment.begin() as reading:
        return reading.stat(store._streams._tail)["entries"]


def test_images_are_taken_in_any_order_and_fit_together_at_last(tmp_path):
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(tmp_path / "streams", store)
    images = replace(
        orders, source=replace(orders.source, mutations=Mutations("made", is_before="op", sequence="n"))
    )
    rows = [(1, "a", 5, 2, False), (2, "a", 5, 4, True), (2, "b", 6, 4, False), (3, "b", 6, 6, True)]
    log = [{**record(1, k, 1, x, made, 0, ""), "op": op, "n": n} for n, k, x, made, op in rows]
    types = {**LOG, "op": pl.Boolean, "n": pl.Int64}
    for each in ([], log[:1]):
        raw = pl.DataFrame([[r[name] for name in types] for r in each], schema=types, orient="row")
        store.put_generation(
            images, B, mutations_before(images, Tables(raw), None, B + 48 * HOUR).clear(), {}
        )
    fetcher = OnlineFetcher(store, streams)
    for each in reversed(log):
        streams.ingest("orders", [sent(each)])
        fetcher.fetch([images.on()], [{"k": "a"}], microseconds(B + 9 * HOUR))
    found = [
        fetcher.fetch([images.on()], [{"k": "a"}, {"k": "b"}], microseconds(B + hour * HOUR)).features
        for hour in (3, 5, 7)
    ]
    assert [[row["orders_x_sum_unbounded"] for row in rows] for rows in found] == [
        [5, None],
        [None, 6],
        [None, None],
    ]
    streams.close()
    store.close()


def test_offered_mutations_are_refused_one_by_one_with_the_reason(world):
    _, streams, total = world
    good = sent(record(1, "a", 1, 5, 2, 0, "c"))
    lacking = {name: value for name, value in good.items() if name != "x"}
    receipt = streams.offer("orders", [good, {**good, "op": "remove"}, lacking, {"id": 2, "op": "d"}])
    assert (receipt.accepted, [each.row for each in receipt.refused]) == (1, [1, 2, 3])
    told = [each.reason for each in receipt.refused]
    assert "'remove'" in told[0]
    assert "lacks the column 'x'" in told[1]
    assert "lacks the column 'made'" in told[2] or "lacks the column 'heard'" in told[2]
    assert total("a", 5) == 5
    assert len(streams.dead_letters("orders")) == 3


def test_versions_are_no_generation_of_a_stream_of_mutations(tmp_path):
    store = LmdbOnlineStore(tmp_path)
    with pytest.raises(SchemaError, match="__mutated_at"):
        store.put_generation(orders, B, clean(frame([]), orders), {})
    store.close()
