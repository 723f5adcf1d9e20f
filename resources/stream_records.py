"""What a stream's log holds: one record for each event or message, whatever became of it.

A message of a topic stands in the log with its partition and offset, also when it was a duplicate or dead. So
one fsync keeps the event and how far the topic was read, and the ledger is a count of the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from bighead.pipeline_lib.errors import CorruptLogError
from bighead.resources.online_store import Consumed

Event = dict[str, Any]
Cleaned = Mapping[str, pl.DataFrame]
"""The cleaned rows of events, by definition."""
HTTP = -1


class Record(msgspec.Struct, array_like=True, frozen=True):
    """One record: `arrived` in UTC µs; `partition` and `offset` of a message, HTTP and 0 of a posted event.

    An `event` was applied. Without one it was a duplicate, or dead if there is a `reason`; then `key` and
    `value` are the message's bytes.
    """

    arrived: int
    event: Event | None = None
    partition: int = HTTP
    offset: int = 0
    reason: str = ""
    key: bytes | None = None
    value: bytes | None = None


@dataclass(frozen=True)
class DeadLetter:
    """A message that no feature set could take, at `position` of its stream's log; `arrived` in UTC µs."""

    position: int
    partition: int
    offset: int
    reason: str
    key: bytes | None
    value: bytes | None
    arrived: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """Return a record's bytes."""
    return _encoder.encode(record)


def decode(data: bytes) -> Record:
    """Return the record that `encode` wrote.

    Raises:
        CorruptLogError: another program wrote it.
    """
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise CorruptLogError(
            f"a stream's log holds a record of another form: {error}.",
            cure="Another version of Bighead wrote it: move the folder of the stream's log away.",
        ) from error


def dead_letter(position: int, record: Record) -> DeadLetter | None:
    """Return a dead message's letter; None of any other record."""
    if not record.reason:
        return None
    where = (position, record.partition, record.offset)
    return DeadLetter(*where, record.reason, record.key, record.value, record.arrived)


def count_consumed(before: Mapping[int, Consumed], records: Iterable[Record]) -> dict[int, Consumed]:
    """Return what became of each partition's messages after some more records.

    >>> count_consumed({0: Consumed(4, 4)}, [Record(0, {}, 0, 4), Record(0, None, 0, 7), Record(0, {})])
    {0: Consumed(next_offset=8, applied=5, duplicates=1, dead=0)}
    """
    counted = dict(before)
    for record in records:
        if record.partition != HTTP:
            old, fresh = counted.get(record.partition, Consumed(0)), record.event is not None
            counted[record.partition] = Consumed(
                record.offset + 1,
                old.applied + fresh,
                old.duplicates + (not fresh and not record.reason),
                old.dead + bool(record.reason),
            )
    return counted
