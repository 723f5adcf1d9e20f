"""Topics of a real broker as streams: exactly once, whatever dies, and nothing holds up the rest."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import msgspec
import pytest
from arrivals import B, carrier, event, fed_streams, upload
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from bighead.resources import kafka_source
from bighead.resources.kafka_source import KafkaSource
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.online_store import Consumed
from bighead.resources.stream import Streams

LATER = microseconds(B.replace(day=3))


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Topic:
    """The topic of the stream `arrivals`."""

    def __init__(self, server, partitions):
        self.server, self.admin = server, AdminClient({"bootstrap.servers": server})
        self.admin.create_topics([NewTopic("arrivals", partitions, 1)])["arrivals"].result(20)
        until(lambda: "arrivals" in self.admin.list_topics(timeout=10).topics)
        self.producer = Producer({"bootstrap.servers": server})

    def send(self, *values, partition=0):
        for value in values:
            data = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
            self.producer.produce("arrivals", data, key=b"k", partition=partition)
        assert self.producer.flush(20) == 0

    def delete(self):
        self.admin.delete_topics(["arrivals"])["arrivals"].result(20)
        until(lambda: "arrivals" not in self.admin.list_topics(timeout=10).topics)


@pytest.fixture
def topic(kafka_server):
    made = Topic(kafka_server, 2)
    yield made
    made.delete()


@pytest.fixture
def opened(tmp_path):
    yield from fed_streams(tmp_path)


@contextmanager
def reading(topic, streams):
    source = KafkaSource(topic.server, streams)
    source.start()
    try:
        yield source
    finally:
        source.stop()


def ids(store):
    return sorted(store.fetch(carrier, [("UA",)], LATER).frame["event_id"])


def total(streams):
    return sum(each.total for each in streams.consumed("arrivals").values())


def test_messages_in_json_and_messagepack_become_rows_with_their_offsets(topic, opened):
    streams, store = opened
    topic.send(event(0), event(1))
    topic.send(msgspec.msgpack.encode(event(2)), event(0), partition=1)
    with reading(topic, streams):
        until(lambda: total(streams) == 4)
        topic.send(event(3))
        until(lambda: total(streams) == 5)
    assert ids(store) == ["f0", "f1", "f2", "f3"]
    counts = streams.consumed("arrivals")
    assert (counts[0].next_offset, counts[1].next_offset) == (3, 2)
    assert sum(each.applied for each in counts.values()) == 4
    assert sum(each.duplicates for each in counts.values()) == 1


def test_a_posted_event_and_its_message_count_once(topic, opened):
    streams, store = opened
    streams.ingest("arrivals", [event(0)])
    topic.send(event(0), event(1))
    with reading(topic, streams):
        until(lambda: total(streams) == 2)
        assert streams.ingest("arrivals", [event(1), event(2)]).accepted == 1
    assert ids(store) == ["f0", "f1", "f2"]
    assert streams.consumed("arrivals") == {0: Consumed(2, 1, 1, 0)}


POISON = {
    b"\xff\x00": "neither JSON nor whole MessagePack",
    b"{": "broken JSON",
    b'{"delay": NaN}': "broken JSON",
    b"[1, 2]": "an object with columns was expected",
    b"": "broken JSON",
    None: "no value",
    json.dumps(event(1, delay="late")).encode(): "'delay' is str",
    json.dumps(event(2, flight=None)).encode(): "'flight' is null",
    json.dumps(event(3, flight=["f"])).encode(): "'flight' is list",
    json.dumps(event(4, landed="9999-12-31T00:00:00Z")).encode(): "1678 to 2261",
    json.dumps(event(5, landed=10**30)).encode(): "no instant",
    json.dumps(event(6, carrier=None, dest=None)).encode(): "key is null in every feature set",
    # A schema that changed in mid-stream: a column renamed, another of a new type.
    json.dumps({("delay_min" if k == "delay" else k): v for k, v in event(7).items()}).encode(): (
        "lacks the column 'delay'"
    ),
    # A record is no status that `where` could compare with 'ok'.
    json.dumps(event(8, status={"a": 1})).encode(): "status = 'ok'",
}


def test_poison_becomes_dead_letters_with_reasons_and_the_rest_goes_on(topic, opened):
    streams, store = opened
    sent = []
    for number, bad in enumerate(POISON):
        sent += [bad, event(100 + number)]
    topic.send(*sent, event(500, dest=None), event(501, surplus={"a": 1}))
    with reading(topic, streams):
        until(lambda: total(streams) == len(sent) + 2)
    letters = streams.dead_letters("arrivals")
    assert [(letter.offset, letter.value) for letter in letters] == [
        (2 * number, bad) for number, bad in enumerate(POISON)
    ]
    assert {letter.key for letter in letters} == {b"k"}
    for letter, reason in zip(letters, POISON.values(), strict=True):
        assert letter.reason
        assert reason in letter.reason
    assert ids(store) == sorted(f"f{n}" for n in [*range(100, 100 + len(POISON)), 500, 501])
    counts = streams.consumed("arrivals")[0]
    assert counts == Consumed(len(sent) + 2, len(POISON) + 2, 0, len(POISON))
    store.forget_streams()
    streams.catch_up("arrivals")
    assert streams.consumed("arrivals")[0] == counts


READER = """
import sys, time
from pathlib import Path
from bighead.resources import kafka_source
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.stream import Streams
kafka_source._BATCH = 40
home = Path(sys.argv[2])
source = kafka_source.KafkaSource(sys.argv[1], Streams(home / "streams", LmdbOnlineStore(home / "online")))
source.start()
time.sleep(300)
"""


def test_a_reader_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(topic, tmp_path):
    store = LmdbOnlineStore(tmp_path / "online")
    upload(store)
    store.close()
    count, poison = 1200, 60
    for part in range(2):
        numbers = range(part, count, 2)
        topic.send(*(event(n) if n % 20 else b"poison" for n in numbers), partition=part)
        topic.send(*(event(n) for n in list(numbers)[1::4]), partition=part)
    repeats = sum(1 for part in range(2) for n in list(range(part, count, 2))[1::4] if n % 20)
    first_seen = sum(1 for part in range(2) for n in list(range(part, count, 2))[1::4] if not n % 20)
    sent = count + repeats + first_seen
    streams_folder = tmp_path / "streams"
    for killed_after in (1.2, 1.4, 1.6, 2.2, None):
        child = subprocess.Popen([sys.executable, "-c", READER, topic.server, str(tmp_path)])
        if killed_after is None:
            reader = LmdbOnlineStore(tmp_path / "online")
            until(lambda reader=reader: sum(c.total for c in reader.consumed("arrivals")[1].values()) == sent)
            reader.close()
        else:
            time.sleep(killed_after)
        child.send_signal(signal.SIGKILL)
        child.wait()
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(streams_folder, store)
    streams.catch_up("arrivals")
    counts = streams.consumed("arrivals")
    assert sum(each.total for each in counts.values()) == sent
    assert sum(each.dead for each in counts.values()) == poison == len(streams.dead_letters("arrivals"))
    assert sum(each.duplicates for each in counts.values()) == repeats
    wanted = sorted(f"f{n}" for n in range(count) if n % 20 or n % 8 in (2, 3))
    assert sum(each.applied for each in counts.values()) == len(wanted)
    assert sorted(each["flight"] for _, each in streams.read("arrivals")) == wanted
    assert ids(store) == wanted
    streams.close()
    store.close()


def test_what_the_topic_dropped_unread_is_told_and_counted(topic, opened):
    streams, store = opened
    topic.send(*(event(n) for n in range(6)))
    with reading(topic, streams):
        until(lambda: total(streams) == 6)
    topic.send(*(event(n) for n in range(6, 10)))
    topic.admin.delete_records([TopicPartition("arrivals", 0, 8)])
    until(lambda: _low(topic) == 8)
    with reading(topic, streams):
        until(lambda: streams.consumed("arrivals")[0].next_offset == 10)
    (letter,) = streams.dead_letters("arrivals")
    assert "dropped the offsets 6 to 7" in letter.reason
    assert ids(store) == ["f0", "f1", "f2", "f3", "f4", "f5", "f8", "f9"]


def _low(topic):
    from confluent_kafka import Consumer

    consumer = Consumer({"bootstrap.servers": topic.server, "group.id": "looking"})
    low, _ = consumer.get_watermark_offsets(TopicPartition("arrivals", 0), timeout=10)
    consumer.close()
    return low


def test_a_topic_that_was_made_anew_is_left_alone(topic, opened, monkeypatch):
    streams, store = opened
    said = []
    monkeypatch.setattr(
        kafka_source._log, "error", lambda name, **told: said.append((name, told)), raising=False
    )
    topic.send(*(event(n) for n in range(3)))
    with reading(topic, streams):
        until(lambda: total(streams) == 3)
    topic.delete()
    again = Topic(topic.server, 1)
    again.send(event(50))
    with reading(again, streams):
        until(lambda: said)
    assert said[0][0] == "kafka_topic_left_out"
    assert "made anew" in said[0][1]["error"]
    assert ids(store) == ["f0", "f1", "f2"]


def test_a_broker_that_is_away_does_not_end_the_reader(opened, monkeypatch):
    monkeypatch.setattr(kafka_source, "_PATIENCE_SECONDS", 0.5)
    streams, _ = opened
    source = KafkaSource("127.0.0.1:1", streams)
    try:
        source.start()
        time.sleep(1)
        assert source._thread is not None
        assert source._thread.is_alive()
    finally:
        source.stop()
