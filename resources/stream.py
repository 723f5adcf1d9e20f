"""Streams: events are acknowledged when their log has fsynced them, then indexed for every set they feed.

The log is the truth. The index may lag behind it after a crash, and is brought up when a stream is next used.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import polars as pl

from bighead.pipeline_lib.errors import BigheadError, RequestError, StoreError, did_you_mean
from bighead.pipeline_lib.features import EventSource
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.resources.online_store import Applied, OnlineStore
from bighead.resources.segment_log import SegmentLog, SegmentReader
from bighead.resources.stream_events import Event, Feed, check_events, clean_events

_BATCH = 5_000
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, Any])


@dataclass(frozen=True)
class Receipt:
    """What became of an ingestion: `position` is where the next event of the stream will stand."""

    accepted: int
    duplicates: int
    position: int


@dataclass
class _Ticket:
    events: Sequence[Event]
    receipt: Receipt | None = None
    error: BigheadError | None = field(default=None)


class Streams:
    """The streams of one home: `<folder>/<stream>` holds a stream's log, `store` its index.

    Args:
        folder: Where the logs are.
        store: The index; it also knows which definitions a stream feeds, from what was uploaded.
    """

    def __init__(self, folder: Path, store: OnlineStore) -> None:
        self._folder, self._store = folder, store
        self._logs: dict[str, SegmentLog] = {}
        self._waiting: dict[str, list[_Ticket]] = {}
        self._current: set[tuple[str, str]] = set()
        self._queueing, self._writing = threading.Lock(), threading.RLock()

    def names(self) -> list[str]:
        """Return the streams that feed any definition, sorted."""
        sources = [each.source for each in self._store.definitions().values()]
        return sorted({s.stream for s in sources if isinstance(s, EventSource) and s.stream is not None})

    def ingest(self, stream: str, events: Sequence[Event]) -> Receipt:
        """Keep events, once each by id, and index them; when this returns they survive a kill.

        Callers that wait together share one fsync and one commit of the index.

        Raises:
            RequestError: 404 an unknown stream; 400 which column and event is wrong; nothing was kept.
            ConflictError: another process writes this stream.
            StoreError: the disk took nothing.
        """
        feeds = self._feeds(stream)
        checked = check_events(feeds, events)
        for feed in feeds.values():
            # What one definition refuses is not logged at all: a replay must never fail.
            clean_events(feed, checked)
        ticket = _Ticket(events)
        with self._queueing:
            self._waiting.setdefault(stream, []).append(ticket)
        with self._writing:
            if ticket.receipt is None and ticket.error is None:
                with self._queueing:
                    batch = self._waiting.pop(stream)
                self._write(stream, batch)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.receipt is not None
        return ticket.receipt

    def catch_up(self, stream: str) -> int:
        """Index what the log holds and the index does not yet; return the stream's next position."""
        with self._writing:
            feeds = self._feeds(stream)
            ends = self._store.ends(stream)
            start = min(ends.get(name, 0) for name in ["", *feeds])
            batch: list[tuple[int, Event]] = []
            end = start
            for position, data in SegmentReader(self._folder / _name(stream)).read(start):
                batch.append((position, _decoder.decode(data)))
                end = position + 1
                if len(batch) == _BATCH:
                    self._index(stream, feeds, batch, end)
                    batch = []
            self._index(stream, feeds, batch, end)
            self._current |= {(stream, name) for name in feeds}
            return end

    def catch_up_all(self) -> dict[str, int]:
        """Bring every stream's index up to its log; return the next positions."""
        return {stream: self.catch_up(stream) for stream in self.names()}

    def ensure(self, stream: str, name: str) -> None:
        """Bring a definition's index up to the log, if this process has not seen it there yet."""
        if (stream, name) not in self._current:
            self.catch_up(stream)

    def position(self, stream: str) -> int:
        """Return the next position of a stream's log."""
        log = self._logs.get(stream)
        return SegmentReader(self._folder / _name(stream)).end() if log is None else log.end()

    def read(self, stream: str, start: int = 0) -> list[tuple[int, Event]]:
        """Return (position, event) from `start` on, as the events came in."""
        reader = SegmentReader(self._folder / _name(stream))
        return [(position, _decoder.decode(data)) for position, data in reader.read(start)]

    def logged(self) -> list[str]:
        """Return the streams that have a log, sorted."""
        return sorted(unquote(path.name) for path in self._folder.glob("*") if path.is_dir())

    def close(self) -> None:
        """Let another process write the streams."""
        with self._writing:
            for log in self._logs.values():
                log.close()
            self._logs.clear()

    def _feeds(self, stream: str) -> dict[str, Feed]:
        feeds = {}
        for name, each in self._store.definitions().items():
            if isinstance(each.source, EventSource) and each.source.stream == stream:
                feeds[name] = Feed(each, self._store.schema(each))
        if not feeds:
            raise RequestError(
                f"no uploaded feature set is fed by a stream {stream[:200]!r}.",
                status=404,
                code="unknown_stream",
                cure=did_you_mean(stream[:200], self.names()),
            )
        return feeds

    def _write(self, stream: str, tickets: list[_Ticket]) -> None:
        try:
            log = self._log(stream)
            feeds = self._feeds(stream)
            fresh: dict[Any, Event] = {}
            counts = [self._pick(stream, feeds, ticket.events, fresh) for ticket in tickets]
            first = log.append([_encoder.encode(event) for event in fresh.values()])
            self._index(stream, feeds, list(enumerate(fresh.values(), first)), log.end())
        except Exception as error:
            # Whatever failed, the log may be ahead of the index now: it is caught up before the next event.
            self._current = {each for each in self._current if each[0] != stream}
            told = error if isinstance(error, BigheadError) else StoreError(f"{stream!r} failed: {error}.")
            for ticket in tickets:
                ticket.error = told
            return
        for ticket, count in zip(tickets, counts, strict=True):
            ticket.receipt = Receipt(count, len(ticket.events) - count, log.end())

    def _pick(
        self, stream: str, feeds: dict[str, Feed], events: Sequence[Event], fresh: dict[Any, Event]
    ) -> int:
        identity = next(iter(feeds.values())).identity
        known = self._store.known(stream, [event[identity] for event in events])
        before = len(fresh)
        for event in events:
            if event[identity] not in known:
                fresh.setdefault(event[identity], event)
        return len(fresh) - before

    def _log(self, stream: str) -> SegmentLog:
        log = self._logs.get(stream)
        if log is None:
            log = self._logs[stream] = SegmentLog(self._folder / _name(stream))
        # A crash may have left acknowledged events that are not indexed; their ids must be known first.
        if not all((stream, name) in self._current for name in self._feeds(stream)):
            self.catch_up(stream)
        return log

    def _index(self, stream: str, feeds: dict[str, Feed], batch: list[tuple[int, Event]], end: int) -> None:
        if not batch:
            return
        ends = self._store.ends(stream)
        identity = next(iter(feeds.values())).identity
        rows: dict[str, tuple[pl.DataFrame, list[int]]] = {}
        for name, feed in feeds.items():
            new = [(position, event) for position, event in batch if position >= ends.get(name, 0)]
            if new:
                places = {event[identity]: position for position, event in new}
                cleaned = clean_events(feed, check_events({name: feed}, [event for _, event in new]))
                rows[name] = (cleaned, [places[each] for each in cleaned[EVENT_ID]])
        ids = {event[identity]: position for position, event in batch if position >= ends.get("", 0)}
        self._store.apply(Applied(stream, end, ids, rows, dict.fromkeys(feeds, end)))


def _name(stream: str) -> str:
    return quote(stream, safe="") or "_"
