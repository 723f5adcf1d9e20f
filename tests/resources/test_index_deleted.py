"""The index is a cache: it is deleted while events and questions come, and nothing acknowledged is lost or doubled."""

from __future__ import annotations

import shutil
import threading
import time

import arrivals
import polars as pl
import pytest
import redis
from arrivals import carrier, event
from orders import HOUR, B, orders, record, sent
from orders import upload as upload_orders

from bighead.pipeline_lib.errors import BigheadError
from bighead.resources import run_files
from bighead.resources.online_rows import microseconds
from bighead.resources.online_stores import open_online_store
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher

LATER = microseconds(arrivals.B.replace(day=3))
ORDERS_LATER = microseconds(B + 40 * HOUR)


def upload(store) -> None:
    arrivals.upload(store)
    upload_orders(store, orders, [], B)


class Load:
    """Two threads that post and two that ask, until they are stopped; what was acknowledged is remembered."""

    def __init__(self, streams, store):
        self.streams, self.fetcher = streams, OnlineFetcher(store, streams)
        self.events, self.rows, self.unlooked, self.errors = set(), set(), [], []
        self._stop = threading.Event()
        tasks = (self._post_events, self._post_mutations, self._ask, self._ask)
        self.threads = [threading.Thread(target=self._go_on, args=(each,)) for each in tasks]

    def _go_on(self, task):
        number = 0
        while not self._stop.is_set():
            try:
                task(number)
            except BigheadError as error:
                self.errors.append(error)
                time.sleep(0.002)
                continue
            except Exception as error:
                self.unlooked.append(error)
                raise
            number += 1

    def _post_events(self, number):
        # Half of each request are repeats.
        numbers = range(max(0, 5 * number - 5), 5 * number + 5)
        self.streams.ingest("arrivals", [event(n) for n in numbers])
        self.events |= {f"f{n}" for n in numbers}

    def _post_mutations(self, number):
        made = [record(number, "a", 1, 5, 2, 0, "c"), record(number, "b", 1, 5, 4, 0, "u")]
        self.streams.ingest("orders", [sent(each) for each in (*made, *made)])
        self.rows.add(number)

    def _ask(self, number):
        before = len(self.rows)
        found = self.fetcher.fetch([orders.on()], [{"k": "a"}, {"k": "b"}], ORDERS_LATER).features
        moved = found[1]["orders_x_count_unbounded"]
        assert found[0]["orders_x_count_unbounded"] == 0
        assert before <= moved
        self.fetcher.fetch([carrier.on()], [{"carrier": "UA"}], LATER)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self.threads:
            thread.join()


def whole(store, streams, load) -> None:
    """Every acknowledged event is there, and once; a request that got no answer may be."""
    streams.catch_up_all()
    found = store.fetch(carrier, [("UA",)], LATER).frame["event_id"].to_list()
    assert len(found) == len(set(found))
    assert load.events <= set(found)
    assert sorted(found) == sorted({each["flight"] for _, each in streams.read("arrivals")})
    rows = store.fetch(orders, [("a",), ("b",)], ORDERS_LATER).frame
    moved = rows.filter(pl.col("k") == "b")
    assert moved.height == rows["event_id"].n_unique(), "each row was at a, then at b"
    assert load.rows <= set(moved["event_id"])
    assert len(streams.read("orders")) == 2 * moved.height
    assert not load.unlooked


@pytest.mark.parametrize("large", [1 << 18, 300], ids=["values", "files"])
def test_a_deleted_folder_of_lmdb_loses_nothing(tmp_path, monkeypatch, large):
    monkeypatch.setattr(run_files, "_LARGE", large)
    store = open_online_store(tmp_path / "online", "")
    streams = Streams(tmp_path / "streams", store)
    upload(store)
    with Load(streams, store) as load:
        time.sleep(0.3)
        shutil.rmtree(tmp_path / "online")
        seen = len(load.rows)
        time.sleep(0.3)
    assert len(load.rows) > seen, "a process that has it open goes on"
    assert not load.errors
    whole(store, streams, load)
    streams.close()
    store.close()
    store = open_online_store(tmp_path / "online", "")
    streams = Streams(tmp_path / "streams", store)
    upload(store)
    again = streams.ingest("arrivals", [event(0), event(1)])
    assert (again.accepted, again.duplicates) == (0, 2)
    whole(store, streams, load)
    streams.close()
    store.close()


def test_a_redis_that_is_flushed_again_and_again_loses_nothing(redis_url, tmp_path):
    store = open_online_store(tmp_path / "online", redis_url)
    streams = Streams(tmp_path / "streams", store)
    upload(store)
    client = redis.Redis.from_url(redis_url)
    with Load(streams, store) as load:
        for _ in range(3):
            time.sleep(0.2)
            client.flushall()
            time.sleep(0.05)
            upload(store)
        seen = len(load.rows)
        time.sleep(0.3)
    assert len(load.rows) > seen, "it goes on after the upload"
    assert load.errors, "nobody got an answer from nothing"
    whole(store, streams, load)
    client.close()
    streams.close()
    store.close()
