"""Events that are offered one by one: what every definition can take, and why the others are refused."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from bighead.pipeline_lib.errors import RequestError
from bighead.resources.stream_events import Feed, Wanted, check_sent
from bighead.resources.stream_messages import sift
from bighead.resources.stream_records import HTTP, Cleaned, Event, Record


@dataclass(frozen=True)
class Refusal:
    """Why the event at place `row` of a request was not taken; `column` is the one at fault, if there is one."""

    row: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What became of an ingestion: `position` is where the next event of the stream will stand."""

    accepted: int
    duplicates: int
    position: int
    refused: tuple[Refusal, ...] = ()


@dataclass
class Ticket:
    """What waits to be kept: events that can be, and the letters of those that cannot; then what became of them.

    `checked` has the events with their values read, where they are not cleaned yet; `cleaned` the events' rows by
    definition, where they were made to check them, and nothing where another ticket of the group has them, too.
    """

    events: Sequence[Event]
    letters: Sequence[Record] = ()
    cleaned: Cleaned | None = None
    checked: Sequence[Event] | None = None
    receipt: Receipt | None = None
    error: BaseException | None = None
    woken: threading.Event = field(default_factory=threading.Event)

    def cleaned_of(self, places: Sequence[int], feeds: Mapping[str, Feed]) -> Cleaned | None:
        """Return what is cleaned: of mutations, of which each event has one, those of the events at `places`.

        Which row is whose is not known, so where an event is left out there is nothing of rows.
        """
        changing = [name for name, feed in feeds.items() if feed.source.retracts]
        if self.cleaned is None or (len(places) < len(self.events) and len(changing) < len(feeds)):
            return None
        changing = [name for name in changing if name in self.cleaned]
        return {**self.cleaned, **{name: self.cleaned[name][list(places)] for name in changing}}


def sort_out(
    feeds: Mapping[str, Feed], events: Sequence[Event], sent_at: datetime | None, oldest: datetime | None
) -> tuple[list[Event], list[Refusal], Cleaned | None]:
    """Return the events that every definition can take, as they came, the refusals of the others, and their mutations.

    Args:
        feeds: The definitions.
        events: What was sent.
        sent_at: When they were first sent.
        oldest: What was sent before it is refused.
    """
    wanted, sound = Wanted.by(feeds.values()), list[tuple[int, Event]]()
    columns: dict[int, str | None] = {}
    reasons = [""] * len(events)
    for number, event in enumerate(events):
        try:
            checked = wanted.check(event, number)
            if oldest is not None:
                check_sent(feeds, [checked], sent_at, oldest)
            sound.append((number, checked))
        except RequestError as error:
            reasons[number], columns[number] = str(error), error.column
    cleaned = sift(feeds, sound, reasons)
    good = [event for event, reason in zip(events, reasons, strict=True) if not reason]
    refused = [Refusal(row, columns.get(row), reason) for row, reason in enumerate(reasons) if reason]
    return good, refused, cleaned or None


def letter(arrived: int, event: Event, refusal: Refusal) -> Record:
    """Return the record that keeps a refused event with the reason, its value as MessagePack."""
    return Record(arrived, None, HTTP, 0, refusal.reason, None, msgspec.msgpack.encode(event))
