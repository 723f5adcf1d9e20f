"""Messages that were judged become the records of a stream's log: each an event, a duplicate or a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from bighead.resources.segment_log import SegmentReader
from bighead.resources.stream_messages import Message, Verdict
from bighead.resources.stream_records import Cleaned, Event, Record, decode

# More than what comes between a delete and its tombstone, which are sent together.
_RECENT = 20_000


def taken(
    messages: Sequence[Message],
    verdicts: Sequence[Verdict],
    identity: Callable[[Event], Any],
    known: Collection[Any],
    arrived: int,
) -> list[Record]:
    """Return the record of each message, which has its event unless it came before.

    Args:
        messages: As they were delivered.
        verdicts: What each of them is.
        identity: What tells events apart.
        known: The identities of those that came before.
        arrived: Now, in UTC µs.
    """
    seen = set(known)

    def record(message: Message, verdict: Verdict) -> Record:
        event, place = verdict.event, (message.partition, message.offset)
        if event is None and verdict.reason:
            return Record(arrived, None, *place, verdict.reason, message.key, message.value)
        each = None if event is None else identity(event)
        doubled = event is None or each in seen
        seen.add(each)
        return Record(arrived, None if doubled else event, *place)

    return [record(message, verdict) for message, verdict in zip(messages, verdicts, strict=True)]


def of_taken(verdicts: Sequence[Verdict], records: Sequence[Record], cleaned: Cleaned) -> list[Cleaned]:
    """Return the cleaned mutations of the records that have events, of those of all verdicts that do."""
    sound = [each for verdict, each in zip(verdicts, records, strict=True) if verdict.event is not None]
    places = [place for place, each in enumerate(sound) if each.event is not None]
    return [{name: rows[places] for name, rows in cleaned.items()}] if cleaned else []


def last_records(reader: SegmentReader, end: int) -> Iterator[Record]:
    """Return the last records of a log that ends at a position."""
    return (decode(data) for _, data in reader.read(max(0, end - _RECENT)))
