"""Kafka topics as streams: each topic feeds the stream of its name, exactly once whatever dies.

How far a topic was read is kept in the stream's own log, in the commit of the events. So Kafka's consumer groups
hold nothing that matters; offsets are committed to the group `bighead` for those who watch the lag.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bighead.pipeline_lib.errors import BigheadError, MissingExtraError, StoreError
from bighead.resources.online_store import Consumed
from bighead.resources.stream import Streams
from bighead.resources.stream_messages import Message

if TYPE_CHECKING:
    from confluent_kafka import Consumer

GROUP = "bighead"
_BATCH = 5_000
_WAIT_SECONDS = 0.2
_LOOK_SECONDS = 10.0
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 2.0
_log = structlog.get_logger()


class KafkaSource:
    """Reads the topics of all streams that any uploaded feature set names.

    Args:
        servers: Brokers, as `host:port,host:port`.
        streams: Keeps what is read; this process must be the one that writes them.

    Raises:
        MissingExtraError: the client is not installed.
    """

    def __init__(self, servers: str, streams: Streams) -> None:
        try:
            import confluent_kafka
        except ImportError as error:
            raise MissingExtraError("the Kafka client", "kafka") from error
        self._kafka, self._servers, self._streams = confluent_kafka, servers, streams
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read in a thread until `stop`; a failure is logged, and reading goes on from the last commit."""
        self._thread = threading.Thread(target=self._keep_running, name="kafka", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; what was read is kept."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def run(self) -> None:
        """Read until `stop`.

        Raises:
            StoreError: a broker refused, or a topic was made anew.
            ConflictError: another process writes a stream.
        """
        consumer = self._kafka.Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "allow.auto.create.topics": False,
            },
            logger=logging.getLogger("bighead.kafka"),
        )
        try:
            self._read(consumer)
        except self._kafka.KafkaException as error:
            raise self._refused(error) from error
        finally:
            consumer.close()

    def _keep_running(self) -> None:
        while not self._stop.is_set():
            try:
                self.run()
            except Exception as error:  # whatever it was, the log knows where to go on
                _log.error("kafka_failed", error=str(error), again_in=_PAUSE_SECONDS)
                self._stop.wait(_PAUSE_SECONDS)

    def _read(self, consumer: Consumer) -> None:
        assigned: dict[tuple[str, int], int] = {}
        looked = -_LOOK_SECONDS
        while not self._stop.is_set():
            if time.monotonic() - looked > _LOOK_SECONDS:
                partitions = self._partitions(consumer)
                starts = assigned if partitions == set(assigned) else self._starts(consumer, partitions)
                if set(starts) != set(assigned):
                    self._assign(consumer, starts)
                    assigned = starts
                looked = time.monotonic()
            if not assigned:
                self._stop.wait(_WAIT_SECONDS)
                continue
            self._take(consumer, consumer.consume(_BATCH, _WAIT_SECONDS))

    def _take(self, consumer: Consumer, delivered: Sequence[Any]) -> None:
        topics: dict[str, list[Message]] = {}
        for each in delivered:
            if each.error() is not None:
                raise self._kafka.KafkaException(each.error())
            stamp = each.timestamp()[1]
            at = stamp * 1000 if stamp > 0 else None
            message = Message(each.partition(), each.offset(), each.key(), each.value(), at)
            topics.setdefault(each.topic(), []).append(message)
        for topic, messages in topics.items():
            self._commit(consumer, topic, self._streams.take(topic, messages))

    def _commit(self, consumer: Consumer, topic: str, stands: Mapping[int, Consumed]) -> None:
        offsets = [
            self._kafka.TopicPartition(topic, partition, each.next_offset)
            for partition, each in stands.items()
        ]
        consumer.commit(offsets=offsets, asynchronous=True)

    def _partitions(self, consumer: Consumer) -> set[tuple[str, int]]:
        listed = consumer.list_topics(timeout=_PATIENCE_SECONDS).topics
        wanted = [listed[name] for name in self._streams.names() if name in listed]
        return {(topic.topic, number) for topic in wanted for number in topic.partitions}

    def _starts(self, consumer: Consumer, partitions: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
        starts = {}
        for topic in sorted({topic for topic, _ in partitions}):
            try:
                stands = self._streams.take(topic, [])
                for number in sorted(number for each, number in partitions if each == topic):
                    starts[topic, number] = self._start(consumer, topic, number, stands)
            except BigheadError as error:
                # The other topics go on; this one is looked at again.
                starts = {each: at for each, at in starts.items() if each[0] != topic}
                _log.error("kafka_topic_left_out", topic=topic, error=str(error))
        return starts

    def _start(self, consumer: Consumer, topic: str, number: int, stands: Mapping[int, Consumed]) -> int:
        partition = self._kafka.TopicPartition(topic, number)
        low, high = consumer.get_watermark_offsets(partition, timeout=_PATIENCE_SECONDS)
        start = stands[number].next_offset if number in stands else low
        if start > high:
            raise StoreError(
                f"the topic {topic!r} ends at offset {high} of partition {number}, and {start} were read: it was"
                " made anew.",
                cure="Feed a topic and stream of another name, or move the stream's log away, empty the online"
                " store and upload again.",
            )
        if start < low:
            self._streams.lose(topic, number, start, low)
            _log.error("kafka_lost", topic=topic, partition=number, offsets=[start, low - 1])
        return max(start, low)

    def _assign(self, consumer: Consumer, starts: Mapping[tuple[str, int], int]) -> None:
        consumer.assign(
            [self._kafka.TopicPartition(topic, number, offset) for (topic, number), offset in starts.items()]
        )
        _log.info(
            "kafka_assigned", starts={f"{topic}/{number}": at for (topic, number), at in starts.items()}
        )

    def _refused(self, error: Exception) -> BigheadError:
        return StoreError(
            f"Kafka at {self._servers} failed: {str(error)[:300]}.",
            cure="Look at the brokers and at BIGHEAD_KAFKA; reading goes on where it stopped.",
        )
