"""Streams: events are acknowledged when their log has fsynced them, then indexed for every set they feed.

The log is the truth. The index may lag behind it after a crash, or be forgotten at any instant by anyone, and
is brought up when a stream is next used.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bighead.pipeline_lib.clock import Clock, SystemClock
from bighead.pipeline_lib.errors import BigheadError, ConflictError, StoreError
from bighead.pipeline_lib.features import FeatureSet
from bighead.resources.online_rows import EPOCH, microseconds
from bighead.resources.online_store import Consumed, OnlineStore
from bighead.resources.segment_log import SegmentLog, SegmentReader
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_dead_letters import dead_letters, log_folder, revive
from bighead.resources.stream_events import Feed, check_events, check_sent, identify
from bighead.resources.stream_groups import MANY, Groups, clean_group, pick
from bighead.resources.stream_index import TRIES, StreamIndex
from bighead.resources.stream_messages import Message, judge
from bighead.resources.stream_offers import Receipt, Ticket, letter, sort_out
from bighead.resources.stream_records import Cleaned, DeadLetter, Event, Record, decode, encode
from bighead.resources.stream_taking import last_records, of_taken, taken

# Ids are dropped now and then: they may be kept longer than the horizon by this part of it.
_PRUNED_PART = 50


class Streams:
    """The streams of one home: `<folder>/<stream>` holds a stream's log, `store` its index.

    Args:
        folder: Where the logs are.
        store: The index; it also knows which definitions a stream feeds, from what was uploaded.
        clock: Dates what arrives.
        dedupe_horizon: Ids are kept so long, and what was sent longer ago is refused; None keeps them for ever.
    """

    def __init__(
        self,
        folder: Path,
        store: OnlineStore,
        clock: Clock | None = None,
        dedupe_horizon: timedelta | None = None,
    ) -> None:
        self._folder, self._store = folder, store
        self._clock, self._horizon = clock or SystemClock(), dedupe_horizon
        self._logs: dict[str, SegmentLog] = {}
        self._index = StreamIndex(store, self._reader)
        self._pruned: dict[str, datetime] = {}
        self._writing = threading.RLock()
        self._groups = Groups(self._write, self._writing)

    def names(self) -> list[str]:
        """Return the streams that feed any definition, sorted."""
        return self._index.names()

    def ingest(self, stream: str, events: Sequence[Event], sent_at: datetime | None = None) -> Receipt:
        """Keep events, once each by id, and index them; when this returns they survive a kill.

        Callers that wait together share one fsync and one commit of the index. `sent_at` is when the events were first
        sent; where a source has `available_at`, that column says it.

        Raises:
            RequestError: 404 an unknown stream; 400 which column and event is wrong; 422 an event that was sent
                longer ago than ids are kept. Nothing was kept.
            ConflictError, StoreError: another process writes this stream; the disk took nothing.
        """
        feeds = self._index.feeds(stream)
        checked = check_events(feeds, events)
        if self._horizon is not None:
            check_sent(feeds, checked, sent_at, self._clock.now() - self._horizon)
        if len(events) < MANY:
            return self._groups.keep(stream, Ticket(events, checked=checked))
        cleaned = {name: clean_events(feed, checked) for name, feed in feeds.items()}
        return self._groups.keep(stream, Ticket(events, cleaned=cleaned))

    def offer(self, stream: str, events: Sequence[Event], sent_at: datetime | None = None) -> Receipt:
        """Keep events as `ingest` does, each for itself: one that cannot be taken is refused and kept as a dead letter.

        Raises:
            RequestError: 404, an unknown stream.
            ConflictError, StoreError: as `ingest`.
        """
        feeds, now = self._index.feeds(stream), self._clock.now()
        oldest = None if self._horizon is None else now - self._horizon
        good, refused, cleaned = sort_out(feeds, events, sent_at, oldest)
        letters = [letter(microseconds(now), events[each.row], each) for each in refused]
        return replace(self._groups.keep(stream, Ticket(good, letters, cleaned)), refused=tuple(refused))

    def resend(self, stream: str, start: int = 0) -> Receipt:
        """Keep, as `offer` does, what can be taken by now of the dead letters from `start` on, each once by its id.

        Letters stay in the log; `refused` has those that cannot be taken yet, by their positions.
        """
        feeds, now = self._index.feeds(stream), self._clock.now()
        oldest = None if self._horizon is None else microseconds(now - self._horizon)
        events, refused = revive(feeds, self.dead_letters(stream, start), oldest)
        return replace(self._groups.keep(stream, Ticket(events)), refused=tuple(refused))

    def stream_of(self, name: str) -> str:
        """Return the stream that feeds an uploaded feature set.

        Raises:
            RequestError: 404, there is none.
        """
        return self._index.stream_of(name)

    def fed(self, stream: str) -> list[FeatureSet]:
        """Return the uploaded feature sets that a stream feeds."""
        return self._index.fed(stream)

    def take(self, stream: str, messages: Sequence[Message]) -> dict[int, Consumed]:
        """Keep messages of a topic with their offsets, and index them; return where each partition stands.

        One that was taken before is passed over, one whose id is known is a duplicate, and one that cannot be
        an event is kept as a dead letter. All of it is one record in the log, so it survives a kill or never was.

        Raises:
            RequestError: 404, an unknown stream.
            ConflictError: another process writes this stream.
            StoreError: the disk took nothing.
        """
        with self._writing:
            feeds, log = self._index.feeds(stream), self._log(stream)
            self._known(stream, log, [])
            stands = self._store.consumed(stream)[1]
            fresh = [m for m in messages if m.offset >= stands.get(m.partition, Consumed(0)).next_offset]
            verdicts, cleaned = judge(feeds, fresh, lambda: last_records(self._reader(stream), log.end()))
            identity, arrived = identify(feeds.values()), microseconds(self._clock.now())
            known = self._known(stream, log, [identity(v.event) for v in verdicts if v.event is not None])
            records = taken(fresh, verdicts, identity, known, arrived)
            self._append(stream, feeds, log, records, of_taken(verdicts, records, cleaned))
            return self._store.consumed(stream)[1]

    def lose(self, stream: str, partition: int, start: int, end: int) -> None:
        """Keep that the topic dropped the messages of a partition from offset `start` to before `end`, unread."""
        reason = f"the topic dropped the offsets {start} to {end - 1} before they were read (its retention)"
        with self._writing:
            feeds, log = self._index.feeds(stream), self._log(stream)
            self._known(stream, log, [])
            arrived = microseconds(self._clock.now())
            self._append(stream, feeds, log, [Record(arrived, None, partition, end - 1, reason)])

    def catch_up(self, stream: str) -> int:
        """Index what the log holds and the index does not yet; return the stream's next position."""
        with self._writing:
            return self._index.catch_up(stream)

    def catch_up_all(self) -> dict[str, int]:
        """Bring every stream's index up to its log; return the next positions."""
        return {stream: self.catch_up(stream) for stream in self.names()}

    def ensure(self, stream: str, name: str) -> int:
        """Bring a definition's index up to the log, if this process has not seen it there; return what it reached.

        Rows read afterwards up to an earlier position mean that the index was forgotten since: `catch_up` is due.
        """
        reached = self._index.reached(stream, name)
        if reached is None:
            self.catch_up(stream)
            reached = self._index.reached(stream, name)
        return reached or 0

    def position(self, stream: str) -> int:
        """Return the next position of a stream's log."""
        log = self._logs.get(stream)
        return self._reader(stream).end() if log is None else log.end()

    def read(self, stream: str, start: int = 0) -> list[tuple[int, Event]]:
        """Return (position, event) from `start` on, as the events came in."""
        records = self.records(stream, start)
        return [(position, record.event) for position, record in records if record.event is not None]

    def records(self, stream: str, start: int = 0) -> Iterator[tuple[int, Record]]:
        """Yield (position, record) from `start` on: events, duplicates and dead letters."""
        return ((position, decode(data)) for position, data in self._reader(stream).read(start))

    def dead_letters(self, stream: str, start: int = 0) -> list[DeadLetter]:
        """Return the messages from position `start` on that no feature set could take, with the reasons."""
        return dead_letters(self._folder, stream, start)

    def consumed(self, stream: str) -> dict[int, Consumed]:
        """Return what became of the messages of each partition of a stream's topic."""
        return self._store.consumed(stream)[1]

    def logged(self) -> list[str]:
        """Return the streams that have a log, sorted."""
        return sorted(unquote(path.name) for path in self._folder.glob("*") if path.is_dir())

    def close(self) -> None:
        """Let another process write the streams."""
        with self._writing:
            for log in self._logs.values():
                log.close()
            self._logs.clear()

    def _write(self, stream: str, tickets: list[Ticket]) -> None:
        try:
            feeds, log = self._index.feeds(stream), self._log(stream)
            # What one definition refuses is not logged at all: a replay must never fail.
            tickets = clean_group(feeds, tickets)
            identity = identify(feeds.values())
            ids = [list(map(identity, ticket.events)) for ticket in tickets]
            picked = pick(ids, self._known(stream, log, [*chain.from_iterable(ids)]))
            fresh = [t.events[place] for t, places in zip(tickets, picked, strict=True) for place in places]
            arrived = microseconds(self._clock.now())
            letters = [each for ticket in tickets for each in ticket.letters]
            found = [each.cleaned_of(places, feeds) for each, places in zip(tickets, picked, strict=True)]
            whole = [each for each in found if each] if None not in found else []
            self._append(stream, feeds, log, [*(Record(arrived, e) for e in fresh), *letters], whole)
        except Exception as error:
            # Whatever failed, the log may be ahead of the index now: it is caught up before the next event.
            self._index.doubt(stream)
            told = error if isinstance(error, BigheadError) else StoreError(f"{stream!r} failed: {error}.")
            for ticket in tickets:
                ticket.error = told
            return
        for ticket, places in zip(tickets, picked, strict=True):
            ticket.receipt = Receipt(len(places), len(ticket.events) - len(places), log.end())

    def _append(
        self,
        stream: str,
        feeds: dict[str, Feed],
        log: SegmentLog,
        records: list[Record],
        cleaned: Sequence[Cleaned] = (),
    ) -> None:
        first = log.append([encode(record) for record in records])
        self._index.add(stream, feeds, first, records, cleaned)
        now = self._clock.now()
        if self._horizon is None or now - self._pruned.get(stream, EPOCH) < self._horizon / _PRUNED_PART:
            return
        self._store.forget_ids(stream, microseconds(now - self._horizon))
        self._pruned[stream] = now

    def _known(self, stream: str, log: SegmentLog, ids: Sequence[Any]) -> frozenset[Any]:
        """Return those of `ids` that the log has: an index that was forgotten meanwhile does not know."""
        for _ in range(TRIES):
            known = self._store.known(stream, ids)
            if known.end >= log.end():
                return known.ids
            self._index.catch_up(stream)
        raise ConflictError(f"the index of {stream!r} is forgotten again and again.", cure="Try again.")

    def _log(self, stream: str) -> SegmentLog:
        log = self._logs.get(stream)
        if log is None:
            log = self._logs[stream] = SegmentLog(log_folder(self._folder, stream))
        # A crash may have left acknowledged events that are not indexed; their ids must be known first.
        if not self._index.is_current(stream):
            self._index.catch_up(stream)
        return log

    def _reader(self, stream: str) -> SegmentReader:
        return SegmentReader(log_folder(self._folder, stream))
