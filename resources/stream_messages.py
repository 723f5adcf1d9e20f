"""Messages of a topic become events, or dead letters with the reason: one bad message holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.resources.debezium_messages import DebeziumMessages
from bighead.resources.halving import by_halves
from bighead.resources.message_bytes import UNREADABLE, is_binary, value_in
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_events import Feed, Wanted
from bighead.resources.stream_records import Cleaned, Event, Record

_LONGEST = 500


@dataclass(frozen=True)
class Message:
    """A message as a broker delivers it; no value is a tombstone; `timestamp` is the broker's, in UTC µs."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a message is: an event, or the reason why it is none; without either it says nothing new."""

    event: Event | None
    reason: str = ""


def judge(
    feeds: Mapping[str, Feed], messages: Sequence[Message], recent: Callable[[], Iterable[Record]] = tuple
) -> tuple[list[Verdict], Cleaned]:
    """Return for each message its event, if every definition that the stream feeds can take it; and what `sift` does.

    What a definition drops by its `where` is taken; what no definition could ever be asked for, since its keys
    are null, is not. `recent` gives the last records of the stream's log.
    """
    wanted = Wanted.by(feeds.values())
    debezium = DebeziumMessages(wanted.ids, messages, recent) if wanted.envelopes else None
    events: list[Event | None] = [None] * len(messages)
    reasons = [""] * len(messages)
    sound: list[tuple[int, Event]] = []
    for number, message in enumerate(messages):
        try:
            event = _event_in(message, debezium)
            if event is not None:
                sound.append((number, wanted.check(event, 0)))
                events[number] = event
        except Exception as error:  # a poisoned message may break anything, and must not break the stream
            reasons[number] = _told(error)
    cleaned = sift(feeds, sound, reasons)
    verdicts = [
        Verdict(None, reason) if reason else Verdict(event)
        for event, reason in zip(events, reasons, strict=True)
    ]
    return verdicts, cleaned


def _event_in(message: Message, debezium: DebeziumMessages | None) -> Event | None:
    if debezium is None:
        return decode(message.value)
    return debezium.envelope(message, None if message.value is None else decode(message.value))


def decode(value: bytes | None) -> Event:
    """Return the event in a message's bytes, JSON or MessagePack.

    Raises:
        ValueError: there is none.
    """
    if value is None:
        raise ValueError("the message has no value (a tombstone)")
    try:
        event = value_in(value)
    except UNREADABLE as error:
        form = "neither JSON nor whole MessagePack" if is_binary(value) else "broken JSON"
        raise ValueError(f"the message is {form}: {error}") from error
    if type(event) is not dict or not all(type(name) is str for name in event):
        raise ValueError(f"the message is {type(event).__name__}, and an object with columns was expected")
    return event


def sift(feeds: Mapping[str, Feed], sound: list[tuple[int, Event]], reasons: list[str]) -> Cleaned:
    """Find by halving which events a definition refuses: few are, so most batches are cleaned once.

    Return by definition the cleaned mutations of the others, one for each and in their order; nothing of rows.
    """

    def refuse(placed: tuple[int, Event], error: BaseException) -> None:
        reasons[placed[0]] = _told(error)

    parts = by_halves(
        sound,
        lambda some: _check_together(feeds, [event for _, event in some]),
        refuse,
        (Exception, pl.exceptions.PanicException),
    )
    names = parts[0] if parts else ()
    return {name: pl.concat([each[name] for each in parts]) for name in names}


def _check_together(feeds: Mapping[str, Feed], events: Sequence[Event]) -> dict[str, pl.DataFrame]:
    null, whole, cleaned = set(), set(), dict[str, pl.DataFrame]()
    for name, feed in feeds.items():
        rows = clean_events(feed, events)
        if feed.source.retracts:
            # A mutation without a key says something, too: the row has left the key that it had.
            whole |= set(rows[EVENT_ID])
            cleaned[name] = rows
            continue
        keyless = pl.any_horizontal(pl.col(key).is_null() for key in feed.feature_set.keys)
        null |= set(rows.filter(keyless)[EVENT_ID])
        whole |= set(rows.filter(~keyless)[EVENT_ID])
    if null - whole:
        keys = {feed.feature_set.name: list(feed.feature_set.keys) for feed in feeds.values()}
        raise ValueError(f"a key is null in every feature set that the event feeds: {keys}")
    return cleaned


def _told(error: BaseException) -> str:
    told = str(error) if isinstance(error, BigheadError | ValueError) else f"{type(error).__name__}: {error}"
    return told.replace("event 0", "the event", 1)[:_LONGEST] or type(error).__name__
