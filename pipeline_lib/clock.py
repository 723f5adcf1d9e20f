"""The clock is a port: one value drives the server, the log and the library, over live or historical time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Protocol

from bighead.pipeline_lib.errors import DefinitionError

_FORM = "system, or replay:2013-11-01T00:00Z (a UTC instant)"


class Clock(Protocol):
    """What time it is, in UTC."""

    def now(self) -> datetime:
        """Return the current instant, time zone UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class ReplayClock:
    """A clock that stands at a past instant until it is advanced; it never goes back.

    >>> clock = ReplayClock(datetime(2013, 11, 1, tzinfo=UTC))
    >>> clock.advance(datetime(2013, 11, 2, tzinfo=UTC))
    >>> clock.now().isoformat()
    '2013-11-02T00:00:00+00:00'
    """

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the replayed instant."""
        return self._now

    def advance(self, to: datetime) -> None:
        """Move forward to `to`.

        Raises:
            DefinitionError: `to` lies before the instant already reached.
        """
        with self._lock:
            if to < self._now:
                raise DefinitionError(
                    f"the replay stands at {self._now.isoformat()} and cannot go back to {to.isoformat()}.",
                    cure="Start a new process with an earlier BIGHEAD_CLOCK.",
                )
            self._now = to


def parse_clock(text: str) -> SystemClock | ReplayClock:
    """Parse the setting BIGHEAD_CLOCK.

    >>> parse_clock("replay:2013-11-01T00:00Z").now().isoformat()
    '2013-11-01T00:00:00+00:00'

    Raises:
        DefinitionError: the text is neither `system` nor `replay:` and an instant.
    """
    if text in ("", "system"):
        return SystemClock()
    kind, _, instant = text.partition(":")
    try:
        if kind != "replay":
            raise ValueError(kind)
        moment = datetime.fromisoformat(instant)
    except ValueError as error:
        raise DefinitionError(f"BIGHEAD_CLOCK is {text!r}.", cure=f"Expected {_FORM}.") from error
    return ReplayClock(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
