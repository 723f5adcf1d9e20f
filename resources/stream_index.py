"""The index over the streams' logs: what of a log is in the online store, and how the rest gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import ConflictError, RequestError, StoreError, did_you_mean
from bighead.pipeline_lib.features import EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.resources.online_store import Applied, Consumed, OnlineStore
from bighead.resources.segment_log import SegmentReader
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_events import Feed, check_events, identify
from bighead.resources.stream_logged import clean_logged
from bighead.resources.stream_records import Cleaned, Event, Record, count_consumed, decode

TRIES = 20
_BATCH = 5_000


class StreamIndex:
    """Brings the online store up to the logs; what it needs to know it asks the store, which others use too.

    Args:
        store: The online store.
        reader: Opens the log of a stream for reading.
    """

    def __init__(self, store: OnlineStore, reader: Callable[[str], SegmentReader]) -> None:
        self._store, self._reader = store, reader
        self._reached: dict[tuple[str, str], int] = {}
        self._feeds: dict[str, Feed] = {}

    def names(self) -> list[str]:
        """Return the streams that feed any definition, sorted."""
        sources = [each.source for each in self._store.definitions().values()]
        return sorted({s.stream for s in sources if isinstance(s, EventSource) and s.stream is not None})

    def stream_of(self, name: str) -> str:
        """Return the stream that feeds the feature set of a name.

        Raises:
            RequestError: 404, no stream feeds an uploaded set of that name.
        """
        fed = {
            each.name: each.source.stream
            for each in self._store.definitions().values()
            if isinstance(each.source, EventSource) and each.source.stream is not None
        }
        if name not in fed:
            raise RequestError(
                f"no stream feeds an uploaded feature set {name[:200]!r}.",
                status=404,
                code="unknown_feature_set",
                cure=did_you_mean(name[:200], sorted(fed)),
            )
        return fed[name]

    def fed(self, stream: str) -> list[FeatureSet]:
        """Return the uploaded feature sets that a stream feeds, those that are kept of each."""
        every = self._store.definitions().values()
        return [s for s in every if isinstance(s.source, EventSource) and s.source.stream == stream]

    def feeds(self, stream: str) -> dict[str, Feed]:
        """Return the definitions that a stream feeds.

        Raises:
            RequestError: 404, there are none.
        """
        feeds = {}
        for name, each in self._store.definitions().items():
            if isinstance(each.source, EventSource) and each.source.stream == stream:
                feeds[name] = self._feed(name, Feed(each, self._store.schema(each)))
        if not feeds:
            raise RequestError(
                f"no uploaded feature set is fed by a stream {stream[:200]!r}.",
                status=404,
                code="unknown_stream",
                cure=did_you_mean(stream[:200], self.names()),
            )
        return feeds

    def _feed(self, name: str, feed: Feed) -> Feed:
        # What a definition reads is worked out once, not for every event.
        known = self._feeds.get(name)
        if known is None or known.feature_set is not feed.feature_set or known.schema != feed.schema:
            known = self._feeds[name] = feed
        return known

    def reached(self, stream: str, name: str) -> int | None:
        """Return the position up to which this process has seen a definition indexed."""
        return self._reached.get((stream, name))

    def is_current(self, stream: str) -> bool:
        """Tell whether this process has seen every definition of a stream at the end of its log."""
        return all((stream, name) in self._reached for name in self.feeds(stream))

    def doubt(self, stream: str) -> None:
        """Take nothing about a stream for granted any more."""
        self._reached = {each: end for each, end in self._reached.items() if each[0] != stream}

    def add(
        self,
        stream: str,
        feeds: Mapping[str, Feed],
        first: int,
        records: Sequence[Record],
        cleaned: Sequence[Cleaned] = (),
    ) -> None:
        """Index the records that were just logged from position `first` on, and before them what is missing.

        `cleaned` may have the rows of all their events by definition, and others, in the order of the records.
        """
        if not records:
            return
        try:
            end = self._apply(stream, feeds, first, records, cleaned)
        except ConflictError:
            self.catch_up(stream)
        else:
            self._reached.update({(stream, name): end for name in feeds})

    def catch_up(self, stream: str) -> int:
        """Index what the log holds and the store does not; return the stream's next position.

        Raises:
            RequestError: 404, an unknown stream.
            StoreError: the store knows more than the log holds.
            ConflictError: the store is forgotten again and again meanwhile.
        """
        for attempt in range(TRIES):
            try:
                return self._catch_up(stream)
            except ConflictError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _catch_up(self, stream: str) -> int:
        feeds, ends, reader = self.feeds(stream), self._store.ends(stream), self._reader(stream)
        start, logged = min(ends.get(name, 0) for name in ["", *feeds]), reader.end()
        if max(ends.values()) > logged:
            raise StoreError(
                f"the online store has the stream {stream!r} up to {max(ends.values())}, its log {reader.folder}"
                f" ends at {logged}.",
                cure="Bring the log back; if it is gone for good, empty the online store and upload again.",
            )
        batch: list[Record] = []
        for _, data in reader.read(start):
            batch.append(decode(data))
            if len(batch) == _BATCH:
                start, batch = self._apply(stream, feeds, start, batch), []
        if batch:
            start = self._apply(stream, feeds, start, batch)
        self._reached.update({(stream, name): start for name in feeds})
        return start

    def _apply(
        self,
        stream: str,
        feeds: Mapping[str, Feed],
        first: int,
        records: Sequence[Record],
        cleaned: Sequence[Cleaned] = (),
    ) -> int:
        ends, before = self._store.ends(stream), self._store.consumed(stream)
        self._store.apply(_step(stream, feeds, first, records, ends, before, cleaned))
        return first + len(records)


def _step(
    stream: str,
    feeds: Mapping[str, Feed],
    first: int,
    records: Sequence[Record],
    ends: Mapping[str, int],
    before: tuple[int, Mapping[int, Consumed]],
    cleaned: Sequence[Cleaned],
) -> Applied:
    """Return what records from position `first` on add to an index that stands at `ends` and `before`."""
    known_end, consumed = before
    placed = list(enumerate(records, first))
    events = [(position, r.event) for position, r in placed if r.event is not None]
    identity = identify(feeds.values())
    rows = {}
    for name, feed in feeds.items():
        made = [each[name] for each in cleaned if name in each]
        if made and len(made) == len(cleaned) and ends.get(name, 0) <= first:
            rows[name] = _placed(feed, made, events)
        else:
            rows[name] = _rows(feed, [each for each in events if each[0] >= ends.get(name, 0)])
    new = [record for position, record in placed if position >= known_end]
    return Applied(
        stream,
        first + len(records),
        ids={identity(record.event): record.arrived for record in new if record.event is not None},
        rows={name: part for name, part in rows.items() if part[1]},
        ends=dict.fromkeys(feeds, first + len(records)),
        starts=dict.fromkeys(["", *feeds], first),
        consumed=count_consumed(consumed, new),
    )


def _placed(
    feed: Feed, cleaned: Sequence[pl.DataFrame], events: list[tuple[int, Event]]
) -> tuple[pl.DataFrame, list[int]]:
    """Return the rows of these events, which were cleaned before, and their positions; mutations as they are."""
    if feed.source.retracts:
        return pl.concat(cleaned), [position for position, _ in events]
    identity = feed.identity
    places = {event[identity]: position for position, event in events}
    rows = pl.concat([feed.schema.to_frame(), *cleaned])
    return rows, [places[each] for each in rows[EVENT_ID].to_list()]


def _rows(feed: Feed, events: list[tuple[int, Event]]) -> tuple[pl.DataFrame, list[int]]:
    if feed.source.retracts:
        checked = check_events({"": feed}, [event for _, event in events])
        return clean_events(feed, checked) if checked else feed.schema.to_frame(), [at for at, _ in events]
    parts, positions = [feed.schema.to_frame()], []
    for run in _without_repeats(events, feed.identity):
        cleaned = clean_logged(feed, run)
        places = {event[feed.identity]: position for position, event in run}
        parts.append(cleaned)
        positions += [places[each] for each in cleaned[EVENT_ID]]
    return pl.concat(parts), positions


def _without_repeats(events: list[tuple[int, Event]], identity: str) -> list[list[tuple[int, Event]]]:
    """Cut events where an id comes again: it did, later than ids are kept."""
    if len({event[identity] for _, event in events}) == len(events):
        return [events] if events else []
    runs: list[list[tuple[int, Event]]] = []
    seen: set[Any] = set()
    for position, event in events:
        if not runs or event[identity] in seen:
            runs.append([])
            seen = set()
        seen.add(event[identity])
        runs[-1].append((position, event))
    return runs
