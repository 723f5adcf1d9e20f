"""Debezium's envelopes: a row before and after a change becomes one flat mutation of the row.

A message is `{before, after, op, ts_ms, source}`, alone or as the `payload` beside its `schema`. The mutation has the
row's columns, and time, operation and position under the names that the source's mutations declare.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import EventSource
from bighead.resources.debezium_values import Meaning, read
from bighead.resources.online_rows import EPOCH
from bighead.resources.stream_records import Event

# Instants of an envelope in their units, the finest first, with the nanoseconds in one.
_STAMPS = (("ts_ns", 1), ("ts_us", 1_000), ("ts_ms", 1_000_000))
_NO_ROWS = {
    "t": "the table was truncated: no message says which rows are gone; upload the set anew, from a table without them",
    "m": "it is a message of the database's log and no change of a row",
}
_DIGITS = re.compile(r"(\d+)$")


@dataclass(frozen=True)
class Change:
    """A change of a row: `image` is the row after it, or the one that a delete took back; `schema` of its columns."""

    op: str
    image: Event
    before: Event | None
    envelope: Event
    schema: Mapping[str, Meaning]


def change_of(message: Event) -> Change:
    """Return the change of a row that an envelope tells of.

    Raises:
        ValueError: it tells of none: a truncated table, a changed schema, something else.
    """
    wrapped = "payload" in message and "op" not in message
    envelope = message["payload"] if wrapped else message
    if type(envelope) is not dict:
        raise ValueError(f"the payload of the envelope is {type(envelope).__name__}")
    if "ddl" in envelope or "tableChanges" in envelope:
        told = str(envelope.get("ddl") or "")[:200]
        raise ValueError(f"it tells of a change of the table's schema and not of a row: {told!r}")
    op = envelope.get("op")
    if op in _NO_ROWS:
        raise ValueError(_NO_ROWS[op])
    if op not in ("c", "r", "u", "d"):
        seen = sorted(str(name)[:50] for name in envelope)[:12]
        raise ValueError(f"it is no envelope of Debezium: op is {op!r}; expected c, r, u or d; it has {seen}")
    before, after = envelope.get("before"), envelope.get("after")
    side, image = ("before", before) if op == "d" else ("after", after)
    if not (type(image) is dict or (op == "d" and image is None)):
        raise ValueError(f"{side} of an envelope with op {op!r} is {type(image).__name__}; expected the row")
    fields = _fields(message.get("schema") if wrapped else None, side)
    return Change(op, image or {}, before if type(before) is dict else None, envelope, fields)


def flat(
    message: Event,
    sources: Collection[EventSource],
    columns: Mapping[str, pl.DataType | None],
    naive: Mapping[str, bool],
) -> tuple[Event, dict[str, Any]]:
    """Return the mutation in an envelope, and those of its columns that are read already: the declared ones.

    Args:
        message: The envelope.
        sources: What reads it; all of them have mutations in envelopes.
        columns: The columns that are wanted, with their types where they have one.
        naive: Of the columns of instants, whether they have no zone.

    Raises:
        ValueError: it tells of no change of a row, or of none that has a time and one id.
    """
    change = change_of(message)
    row = dict(change.image)
    for name, meaning in change.schema.items():
        if name in row and name in columns:
            dtype = columns[name]
            zoneless = naive.get(name, isinstance(dtype, pl.Datetime) and dtype.time_zone is None)
            row[name] = read(row[name], meaning, dtype, zoneless)
    told = change.envelope.get("source")
    told = told if type(told) is dict else {}
    heard = _moment(change.envelope)
    made = _moment(told) or heard
    if made is None:
        raise ValueError("the envelope has no time: neither source.ts_ms nor ts_ms is a number")
    own: dict[str, Any] = {}
    for source in sources:
        declared = source.mutations
        assert declared is not None
        _check_id(change, source.event_id)
        own |= {declared.time: _instant(made), declared.action: change.op}
        if declared.sequence is not None:
            own[declared.sequence] = _sequence(told, columns.get(declared.sequence), made)
        if source.available_at is not None and source.available_at not in row:
            own[source.available_at] = _instant(heard or made)
    return {**row, **own}, own


def _fields(schema: Any, side: str) -> dict[str, Meaning]:
    for each in _structs(schema):
        if each.get("field") == side:
            return {str(field.get("field")): field for field in _structs(each) if field.get("name")}
    return {}


def _structs(schema: Any) -> list[Meaning]:
    fields = schema.get("fields") if type(schema) is dict else None
    return [each for each in fields if type(each) is dict] if type(fields) is list else []


def _check_id(change: Change, name: str | None) -> None:
    """An update under another id would be two mutations; Debezium writes it as two where the id is the table's key."""
    if name is None or change.op != "u" or change.before is None:
        return
    before, after = change.before.get(name), change.image.get(name)
    if before is not None and before != after:
        raise ValueError(
            f"an update changes the id {name!r} from {before!r} to {after!r}: name the table's primary key, a change"
            " of which comes as a delete and a create"
        )


def _moment(told: Mapping[str, Any]) -> int | None:
    """The instant in UTC ns; 0 is what snapshots of some databases say of a time that they do not know."""
    for name, unit in _STAMPS:
        value = told.get(name)
        if type(value) is int and value:
            return value * unit
    return None


def _instant(nanoseconds: int) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError as error:
        raise ValueError(f"the envelope's time is {nanoseconds} ns") from error


def _sequence(told: Mapping[str, Any], dtype: pl.DataType | None, made: int) -> Any:
    """The change's place in the database's log as the column has it: a number, text of 20 digits, or an instant."""
    place = _place(told)
    if isinstance(dtype, pl.Datetime):
        moment = _instant(made)
        return moment.replace(tzinfo=None) if dtype.time_zone is None else moment
    number = made if place is None else place
    return f"{number:020d}" if isinstance(dtype, pl.String) else number


def _place(told: Mapping[str, Any]) -> int | None:
    """PostgreSQL's lsn, Oracle's scn, or MySQL's position after the number of its file."""
    for name in ("lsn", "scn"):
        value = told.get(name)
        if type(value) is str and value.isdecimal():
            value = int(value)
        if type(value) is int:
            return value
    position, file = told.get("pos"), told.get("file")
    if type(position) is not int:
        return None
    number = _DIGITS.search(file) if type(file) is str else None
    return (int(number[1]) << 40 if number else 0) + position
