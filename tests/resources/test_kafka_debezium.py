"""Debezium's messages through a real broker, poison and a schema that changes in mid-stream among them."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import polars as pl
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from debezium import captured, change, row
from orders import HOUR, LOG, B, Tables

from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.resources.kafka_source import KafkaSource
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def topic(kafka_server):
    """A function that sends (id, envelope, partition) to the topic `changes`."""
    admin = AdminClient({"bootstrap.servers": kafka_server})
    admin.create_topics([NewTopic("changes", 2, 1)])["changes"].result(20)
    until(lambda: "changes" in admin.list_topics(timeout=10).topics)
    producer = Producer({"bootstrap.servers": kafka_server})

    def send(*messages):
        for id, envelope, partition in messages:
            value = (
                envelope if envelope is None or isinstance(envelope, bytes) else json.dumps(envelope).encode()
            )
            producer.produce("changes", value, key=json.dumps({"id": id}).encode(), partition=partition)
        assert producer.flush(20) == 0

    yield kafka_server, send
    admin.delete_topics(["changes"])["changes"].result(20)


def test_envelopes_tombstones_poison_and_changed_schemas_from_a_broker(topic, tmp_path):
    server, send = topic
    changes = replace(captured, name="changes", source=replace(captured.source, stream="changes"))
    store = LmdbOnlineStore(tmp_path / "online")
    empty = pl.DataFrame(schema={**LOG, "n": pl.Int64})
    store.put_generation(changes, B, mutations_before(changes, Tables(empty), None, B), {})
    streams = Streams(tmp_path / "streams", store)
    first, moved = row(1, "a", 1, 5), row(1, "b", 1, 6)
    send(
        (1, change("c", 2, 10, None, first), 0),
        (2, change("c", 2, 11, None, row(2, "a", 1, 7)), 1),
        (1, b"{poison", 0),
        (1, {"source": {}, "ddl": "ALTER TABLE orders ADD note TEXT", "tableChanges": []}, 0),
        # A column came, then one went, then one is of another type.
        (3, change("c", 3, 12, None, {**row(3, "a", 1, 1), "note": "new"}), 0),
        (4, change("c", 3, 13, None, {"id": 4, "k": "a", "ts": first["ts"]}), 0),
        (5, change("c", 3, 14, None, {**row(5, "a", 1, 1), "x": "many"}), 1),
        (1, change("u", 4, 15, first, moved), 0),
        (2, change("d", 4, 16, None, None), 1),
        (2, None, 1),
        (0, change("t", 5, 17), 0),
    )
    source = KafkaSource(server, streams)
    source.start()
    try:
        until(lambda: sum(each.total for each in streams.consumed("changes").values()) == 11)
        send((3, change("d", 6, 18, {"id": 3, "k": None, "ts": None, "x": None}), 0), (3, None, 0))
        until(lambda: sum(each.total for each in streams.consumed("changes").values()) == 13)
    finally:
        source.stop()
    counts = streams.consumed("changes")
    assert [(each.applied, each.duplicates, each.dead) for each in (counts[0], counts[1])] == [
        (4, 1, 4),
        (2, 1, 1),
    ]
    told = {
        letter.offset: letter.reason for letter in streams.dead_letters("changes") if letter.partition == 0
    }
    parts = {1: "broken JSON", 2: "ALTER TABLE", 4: "lacks the column 'x'", 6: "truncated"}
    assert told.keys() == parts.keys()
    assert all(part in told[offset] for offset, part in parts.items())
    store.forget_streams()
    fetcher = OnlineFetcher(store, streams)

    def totals(hour):
        asked = [{"k": "a"}, {"k": "b"}]
        found = fetcher.fetch([changes.on()], asked, microseconds(B + hour * HOUR)).features
        return [each["changes_x_sum_unbounded"] for each in found]

    assert [totals(hour) for hour in (2, 3, 4, 5, 7)] == [
        [None, None],
        [12, None],
        [13, None],
        [1, 6],
        [None, 6],
    ]
    assert streams.consumed("changes") == counts
    streams.close()
    store.close()
