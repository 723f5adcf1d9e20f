"""The index is deleted under load and rebuilt from the log: nobody ever reads what never was."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import polars as pl
import pytest
import redis
from arrivals import B, carrier, event, schema, upload

from bighead.pipeline_lib.errors import BigheadError, RequestError, StoreError
from bighead.resources.online_rows import microseconds
from bighead.resources.online_stores import open_online_store
from bighead.resources.redis_online_store import RedisOnlineStore
from bighead.resources.stream import Streams

LATER = microseconds(B.replace(day=3))


@pytest.fixture(params=["lmdb", "redis"])
def store(request, tmp_path):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    opened = open_online_store(tmp_path / "online", url)
    yield opened
    opened.close()


class Readers:
    """Threads that fetch all the while, and remember (position, ids) and every error."""

    def __init__(self, store, count=2):
        self.seen, self.errors, self._stop = [], [], threading.Event()
        self.threads = [threading.Thread(target=self._read, args=(store,)) for _ in range(count)]

    def _read(self, store):
        while not self._stop.is_set():
            try:
                found = store.fetch(carrier, [("UA",)], LATER)
            except BigheadError as error:
                self.errors.append(error)
                continue
            self.seen.append((found.position, sorted(found.frame["event_id"])))
            time.sleep(0.001)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self.threads:
            thread.join()


def test_readers_see_a_prefix_of_the_log_while_streams_are_forgotten_and_rebuilt(store, tmp_path):
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    logged = 0
    with Readers(store) as readers:
        for turn in range(12):
            # A third of them are repeats: also an index that has just been emptied must not count it again.
            sent = [event(max(0, logged + n - 5)) for n in range(15)]
            if turn % 3 == 1:
                store.forget_streams()
            logged += streams.ingest("arrivals", sent).accepted
            if turn % 3 == 2:
                store.forget_streams()
                assert streams.catch_up("arrivals") == logged
        time.sleep(0.05)
    assert logged == 120 == streams.position("arrivals")
    assert not readers.errors
    assert max(position for position, _ in readers.seen) == 120
    assert len({position for position, _ in readers.seen}) > 3
    for position, ids in readers.seen:
        assert ids == sorted(f"f{n}" for n in range(position))
    streams.close()


def test_two_processes_that_rebuild_at_once_leave_one_whole_index(store, tmp_path):
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    streams.ingest("arrivals", [event(n) for n in range(200)])
    others = [Streams(tmp_path / "streams", store) for _ in range(3)]
    failures = []

    def rebuild(which):
        try:
            for _ in range(10):
                store.forget_streams()
                which.catch_up("arrivals")
        except BigheadError as error:
            failures.append(error)

    threads = [threading.Thread(target=rebuild, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    streams.catch_up("arrivals")
    found = store.fetch(carrier, [("UA",)], LATER)
    assert (found.position, found.frame.height, found.frame["event_id"].n_unique()) == (200, 200, 200)
    streams.close()


def test_a_definition_uploaded_while_events_arrive_gets_all_of_them(store, tmp_path):
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    streams.ingest("arrivals", [event(n) for n in range(10)])
    later = replace(carrier, name="later")
    store.put_generation(later, B, pl.DataFrame(schema=schema("carrier")), {})
    streams.ingest("arrivals", [event(n) for n in range(5, 15)])
    assert store.fetch(later, [("UA",)], LATER).frame.height == 15
    streams.close()


def test_an_index_ahead_of_its_log_is_refused(store, tmp_path):
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    streams.ingest("arrivals", [event(n) for n in range(3)])
    streams.close()
    moved = Streams(tmp_path / "elsewhere", store)
    with pytest.raises(StoreError, match=r"up to 3, its log .* ends at 0"):
        moved.ingest("arrivals", [event(9)])
    assert store.fetch(carrier, [("UA",)], LATER).frame.height == 3
    moved.close()


def test_a_flushed_redis_refuses_until_the_next_upload_and_then_has_everything(redis_url, tmp_path):
    store = RedisOnlineStore(redis_url)
    upload(store)
    streams = Streams(tmp_path / "streams", store)
    streams.ingest("arrivals", [event(n) for n in range(8)])
    with Readers(store) as readers:
        time.sleep(0.05)
        client = redis.Redis.from_url(redis_url)
        client.flushall()
        with pytest.raises(RequestError, match="no uploaded feature set"):
            streams.ingest("arrivals", [event(8)])
        upload(store)
        assert streams.ingest("arrivals", [event(7), event(8)]).accepted == 1
        time.sleep(0.05)
    assert {type(error) for error in readers.errors} <= {RequestError}
    assert all("holds nothing of 'carrier'" in error.message for error in readers.errors)
    for position, ids in readers.seen:
        assert ids == sorted(f"f{n}" for n in range(position))
    assert readers.seen[-1][0] == 9
    client.close()
    streams.close()
    store.close()


def test_a_redis_that_may_evict_keys_is_refused(redis_url):
    client = redis.Redis.from_url(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(StoreError, match="allkeys-lru"):
            RedisOnlineStore(redis_url)
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.close()


def test_a_generation_whose_rows_were_deleted_is_an_error_and_no_empty_answer(redis_url):
    store = RedisOnlineStore(redis_url)
    upload(store)
    client = redis.Redis.from_url(redis_url)
    for key in client.scan_iter(match="bighead:rows:*"):
        client.delete(key)
    with pytest.raises(StoreError, match="Redis lost the rows"):
        store.fetch(carrier, [("UA",)], LATER)
    client.close()
    store.close()


def test_nobody_at_the_address_is_told_without_the_password():
    with pytest.raises(StoreError, match=r"Redis at 127.0.0.1:1/0 failed") as refused:
        RedisOnlineStore("redis://:secret@127.0.0.1:1/0")
    assert "secret" not in str(refused.value)
