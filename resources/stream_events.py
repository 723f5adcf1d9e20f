"""Events as they come in: checked against every definition that a stream feeds, before anything is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from operator import itemgetter
from typing import Any

import msgspec
import polars as pl

from bighead.pipeline_lib.errors import RequestError, did_you_mean
from bighead.pipeline_lib.expressions import reads
from bighead.pipeline_lib.features import EventSource, FeatureSet
from bighead.pipeline_lib.features.mutations import CLOSING
from bighead.pipeline_lib.features.result_types import tensor_types
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.pipeline_lib.point_in_time.clean_mutations import mutation_column
from bighead.resources.debezium_envelopes import flat
from bighead.resources.stream_plain import EARLIEST, LATEST, are_plain, aware
from bighead.resources.stream_records import Event
from bighead.resources.stream_values import plain_types, read_value

_encoder = msgspec.msgpack.Encoder(order="deterministic")


@dataclass(frozen=True)
class Feed:
    """A definition that a stream feeds, and the types of its uploaded rows."""

    feature_set: FeatureSet
    schema: pl.Schema

    @property
    def source(self) -> EventSource:
        """The definition's source."""
        source = self.feature_set.source
        assert isinstance(source, EventSource)
        return source

    @cached_property
    def reads(self) -> dict[str, pl.DataType | None]:
        """The columns that an event must have, with the types of those that are taken as they are."""
        source, selected = self.source, self.source.select or {}
        filtered = self.feature_set.filtered
        types = {name: self.schema[name] for name in (*self.feature_set.keys, *self.feature_set.inputs)}
        types |= tensor_types(self.feature_set)
        # A filtered input has the type of the column that it is made of.
        types |= {column: types[name] for name, (column, _) in filtered.items()}
        plain = (*self.feature_set.keys, *self.feature_set.source_inputs)
        wanted: dict[str, pl.DataType | None] = {name: types[name] for name in plain if name not in selected}
        wanted[self.identity] = self.schema[EVENT_ID]
        for sql in [*selected.values(), *([source.where] if source.where else [])]:
            for name in reads(sql):
                wanted.setdefault(name, None)
        for _, condition in filtered.values():
            for name in reads(condition):
                if name not in selected:
                    wanted.setdefault(name, None)
        if source.mutations is not None:
            told = {name: mutation_column(source.mutations, name) for name in source.mutations.columns}
            wanted |= {name: self.schema[told[name]] for name in told if name not in selected}
        return wanted | dict.fromkeys(self.times)

    @property
    def identity(self) -> str:
        """The column of the event's id."""
        return self.source.event_id or EVENT_ID

    @property
    def times(self) -> tuple[str, ...]:
        """The columns of instants."""
        mutations = self.source.mutations
        named = (self.source.available_at, mutations.time if mutations is not None else None)
        return (self.source.event_time, *(name for name in named if name is not None))

    def closes(self, event: Event) -> bool:
        """Whether an event only takes a row back, and so need not say what was in it."""
        mutations = self.source.mutations
        if mutations is None or mutations.action in (self.source.select or {}):
            return False
        said = event.get(mutations.action)
        if mutations.operation is None:
            return said is True
        return isinstance(said, str) and said.lower() in CLOSING

    @property
    def told_by_all(self) -> frozenset[str]:
        """The columns that every event has, also one that only takes a row back."""
        mutations = self.source.mutations
        assert mutations is not None
        own = (self.identity, self.source.available_at, *mutations.columns)
        return frozenset(name for name in own if name is not None)


@dataclass(frozen=True)
class Wanted:
    """What the definitions of a stream together ask of an event."""

    columns: Mapping[str, pl.DataType | None]
    times: Mapping[str, bool]
    ids: frozenset[str]
    feeds: Sequence[Feed] = ()

    @cached_property
    def change(self) -> bool:
        """Whether all definitions have rows that change."""
        return bool(self.feeds) and all(feed.source.retracts for feed in self.feeds)

    @cached_property
    def envelopes(self) -> tuple[EventSource, ...]:
        """The sources whose events are mutations in envelopes: all of the stream's, or none."""
        return tuple(s for s in (f.source for f in self.feeds) if s.mutations and s.mutations.envelope)

    @cached_property
    def as_they_are(self) -> dict[str, frozenset[type]]:
        """For each column the types of values that need no reading; those of most events, so that they cost little."""
        return {
            name: frozenset() if name in self.times else plain_types(dtype) - self._no_ids(name)
            for name, dtype in self.columns.items()
        }

    def _no_ids(self, name: str) -> frozenset[type]:
        return frozenset({type(None), list, dict}) if name in self.ids else frozenset()

    @classmethod
    def by(cls, feeds: Collection[Feed]) -> Wanted:
        """Gather it from the definitions."""
        columns: dict[str, pl.DataType | None] = {}
        times: dict[str, bool] = {}
        ids = set()
        for feed in feeds:
            for name, dtype in feed.reads.items():
                columns[name] = columns.get(name) or dtype
            times |= {name: feed.source.timezone is not None for name in feed.times}
            ids.add(feed.identity)
        return cls(columns, times, frozenset(ids), tuple(feeds))

    def check(self, event: Event, number: int) -> Event:
        """Return an event with its instants, and what JSON has as text, read; `number` is its place, for errors.

        Raises:
            RequestError: 400, and which column is wrong.
        """
        read: dict[str, Any] = {}
        told: Mapping[str, Any] = {}
        if self.envelopes:
            event, told = self._opened(event, number)
        untold = self._untold(event) if self.change else frozenset()
        for name, types in self.as_they_are.items():
            try:
                value = event[name]
            except KeyError:
                if name in untold:
                    read[name] = None
                    continue
                raise _lacking(name, number, event) from None
            if type(value) in types or (value is None and name in untold):
                continue
            if name in self.times and name in told:
                _instant(value, name, number, naive=value.tzinfo is None)
                continue
            found = self._read(name, value, number)
            if found is not value:
                read[name] = found
        return {**event, **read} if read else event

    def _opened(self, event: Event, number: int) -> tuple[Event, dict[str, Any]]:
        try:
            return flat(event, self.envelopes, self.columns, self.times)
        except ValueError as error:
            raise RequestError(f"event {number}: {error}.", code="wrong_event", row=number) from error

    def _read(self, name: str, value: Any, number: int) -> Any:
        if name in self.times:
            return _instant(value, name, number, naive=self.times[name])
        if name in self.ids and (value is None or isinstance(value, list | dict)):
            raise _wrong(name, number, "null" if value is None else type(value).__name__, "an event's id")
        dtype = self.columns[name]
        if dtype is None or value is None:
            return value
        try:
            return read_value(value, dtype)
        except ValueError as expected:
            raise _wrong(name, number, type(value).__name__, str(expected)) from expected

    def _untold(self, event: Event) -> frozenset[str]:
        """The columns that an event need not have, since it only takes back what every definition has of others."""
        if not all(feed.closes(event) for feed in self.feeds):
            return frozenset()
        return frozenset(self.columns).difference(*(feed.told_by_all for feed in self.feeds))


def identify(feeds: Collection[Feed]) -> Callable[[Event], Any]:
    """Return what tells the events of a stream apart: their id; of mutations, of which a row has many, all they say.

    A mutation that comes twice with another arrival stamp counts as two, which together say what the earlier says.
    """
    if any(feed.source.retracts for feed in feeds):
        return lambda event: blake2b(_encoder.encode(event), digest_size=16).digest()
    identity = next(iter(feeds)).identity
    return itemgetter(identity)


def check_events(feeds: Mapping[str, Feed], events: Sequence[Event]) -> list[Event]:
    """Return the events with their instants read; the given ones are left as they are.

    Raises:
        RequestError: 400, and which column and event is wrong.
    """
    wanted = Wanted.by(feeds.values())
    if not wanted.change and are_plain(events, wanted.as_they_are, wanted.times):
        return list(events)
    return [wanted.check(event, number) for number, event in enumerate(events)]


def check_sent(
    feeds: Mapping[str, Feed], checked: Sequence[Event], sent_at: datetime | None, oldest: datetime
) -> None:
    """Refuse events that were sent before `oldest`, when their ids may be known no longer.

    A source's `available_at` says when an event was sent; `sent_at` says it of all of them. How long ago an
    event happened does not matter.

    Raises:
        RequestError: 422, and the way that such events take instead.
    """
    stamps = {feed.source.available_at: feed.source.timezone for feed in feeds.values()}
    for number, event in enumerate(checked):
        moments = {name: aware(event[name], zone) for name, zone in stamps.items() if name is not None}
        if sent_at is not None:
            moments["sent_at"] = sent_at
        for name, moment in moments.items():
            if moment < oldest:
                days = sorted({feed.feature_set.name for feed in feeds.values()})
                raise RequestError(
                    f"event {number} was sent at {moment.isoformat()} ({name}), and ids are kept back to"
                    f" {oldest.isoformat()}: it may have been counted already.",
                    status=422,
                    code="sent_too_long_ago",
                    column=name,
                    row=number,
                    cure="Put it into the source's table and backfill its day: "
                    + ", ".join(f"features/{each} and features/{each}/online" for each in days),
                )


def _instant(value: Any, column: str, row: int, naive: bool) -> datetime:
    moment = value
    if type(value) is str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime) or (moment.tzinfo is None) != naive:
        form = "without a zone, as 2013-11-22T10:00:00" if naive else "with a zone, as 2013-11-22T10:00:00Z"
        raise RequestError(
            f"event {row}: {column!r} is no instant.",
            code="wrong_instant",
            column=column,
            row=row,
            cure=f"Expected ISO 8601 {form}.",
        )
    if not EARLIEST <= aware(moment) < LATEST:
        raise RequestError(
            f"event {row}: {column!r} is {moment.isoformat()}.",
            code="wrong_instant",
            column=column,
            row=row,
            cure=f"Expected an instant of the years {EARLIEST.year} to {LATEST.year - 1}.",
        )
    return moment


def _lacking(column: str, row: int, event: Event) -> RequestError:
    return RequestError(
        f"event {row} lacks the column {column!r}.",
        code="missing_column",
        column=column,
        row=row,
        cure=did_you_mean(column, [str(name)[:200] for name in event]),
    )


def _wrong(column: str, row: int, seen: str, expected: str) -> RequestError:
    return RequestError(
        f"event {row}: the column {column!r} is {seen}.",
        code="wrong_type",
        column=column,
        row=row,
        cure=f"Expected {expected}.",
    )
