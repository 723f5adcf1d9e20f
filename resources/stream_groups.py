"""Group commit: what callers post at once is checked, logged and indexed together, with one fsync and one commit.

One caller writes for all that wait. When it is done it wakes them, and of those that came meanwhile the first, which
writes the next group. So nobody waits for a group that is not his own, or for the one before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import StoreError
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_events import Feed, identify
from bighead.resources.stream_offers import Receipt, Ticket

# A request of so many events is cleaned by its own caller, beside the one that writes.
MANY = 500


class Groups:
    """Tickets that wait, by stream.

    Args:
        write: Keeps tickets of a stream: each has a receipt or an error afterwards.
        writing: Held while it writes.
    """

    def __init__(self, write: Callable[[str, list[Ticket]], None], writing: threading.RLock) -> None:
        self._write, self._writing = write, writing
        self._queueing = threading.Lock()
        self._waiting: dict[str, list[Ticket]] = {}
        self._led: set[str] = set()

    def waiting(self, stream: str) -> int:
        """Return how many tickets of a stream wait."""
        return len(self._waiting.get(stream, []))

    def keep(self, stream: str, ticket: Ticket) -> Receipt:
        """Return what became of a ticket, which is written with those that wait beside it.

        Raises:
            BigheadError: it could not be kept.
        """
        with self._queueing:
            self._waiting.setdefault(stream, []).append(ticket)
            leads = stream not in self._led
            self._led.add(stream)
        if not leads:
            ticket.woken.wait()
        if ticket.receipt is None and ticket.error is None:
            self._lead(stream)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.receipt is not None
        return ticket.receipt

    def _lead(self, stream: str) -> None:
        batch: list[Ticket] = []
        try:
            with self._writing:
                with self._queueing:
                    batch = self._waiting.pop(stream)
                self._write(stream, batch)
        finally:
            with self._queueing:
                following = self._waiting.get(stream)
                if following:
                    following[0].woken.set()
                else:
                    self._led.discard(stream)
            for ticket in batch:
                if ticket.receipt is None and ticket.error is None:
                    ticket.error = StoreError(f"{stream!r}: whoever wrote for others was stopped.")
                ticket.woken.set()


def clean_group(feeds: Mapping[str, Feed], tickets: Sequence[Ticket]) -> list[Ticket]:
    """Clean what is only checked yet, all at once; where that is refused, each by itself. Return what can be kept.

    A set takes an event in any company or in none; only of one id there must not be two, which may be different.
    """
    # Those come first, so that of one id the row is that of the event which is logged.
    some = [each for each in tickets if each.checked is not None]
    others = [each for each in tickets if each.checked is None]
    changing = any(feed.source.retracts for feed in feeds.values())
    if len(some) < 2 or changing or not _clean_together(feeds, some):
        for ticket in some:
            _clean_alone(feeds, ticket)
    return [*(each for each in some if each.error is None), *others]


def pick(ids: Sequence[Sequence[Any]], known: frozenset[Any]) -> list[Sequence[int]]:
    """Return, for the ids of each ticket's events, the places of those that are new; an id is new once.

    >>> pick([["a", "b", "a"], ["b", "c"]], frozenset({"c"}))
    [[0, 1], []]
    """
    seen = {*chain.from_iterable(ids)}
    if not known and len(seen) == sum(map(len, ids)):
        return [range(len(each)) for each in ids]
    seen, picked = set(known), []
    for each in ids:
        places = []
        for place, one in enumerate(each):
            if one not in seen:
                seen.add(one)
                places.append(place)
        picked.append(places)
    return list(picked)


def _clean_together(feeds: Mapping[str, Feed], tickets: Sequence[Ticket]) -> bool:
    events = [event for ticket in tickets for event in ticket.checked or ()]
    identity = identify(feeds.values())
    if len(set(map(identity, events))) < len(events):
        return False
    try:
        cleaned = {name: clean_events(feed, events) for name, feed in feeds.items()}
    except (Exception, pl.exceptions.PanicException):
        return False
    tickets[0].cleaned = cleaned
    for ticket in tickets[1:]:
        ticket.cleaned = {}
    return True


def _clean_alone(feeds: Mapping[str, Feed], ticket: Ticket) -> None:
    try:
        ticket.cleaned = {name: clean_events(feed, ticket.checked or ()) for name, feed in feeds.items()}
    except (Exception, pl.exceptions.PanicException) as error:
        ticket.error = error
