"""The schema that a set's source tables had when they were last read, and what has changed since.

1. Before a backfill reads, the tables' columns and types are compared with the recorded ones.
2. What was added, removed or given another type is told exactly so. If the set uses a removed column, or one of
   another type under an unchanged definition, the backfill is refused before anything is written.
3. Once it has succeeded, the schema that it read is recorded, with the changes that it saw.

A changed definition (`version=2`, a CAST in its select) accepts another type: its days are computed again anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.expressions import reads
from bighead.pipeline_lib.features.chain import chain_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import own_columns, row_definition
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EventSource
from bighead.pipeline_lib.ports import TableReader
from bighead.pipeline_lib.profiles.store import ProfileStore

NOTE = "schema"
HISTORY = 20
_STRING = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"[^\W\d]\w*")
Tables = dict[str, dict[str, str]]


@dataclass(frozen=True)
class SchemaChange:
    """A column of a source table that came, went or has another type; `breaks` says that the set cannot go on."""

    table: str
    column: str
    what: Literal["added", "removed", "type changed"]
    before: str
    now: str
    breaks: bool = False

    @property
    def text(self) -> str:
        """The change in words.

        >>> SchemaChange("stays", "nights", "type changed", "Int64", "String").text
        'stays.nights: type changed from Int64 to String'
        """
        where = f"{self.table}.{self.column}: {self.what}"
        if self.what == "type changed":
            return f"{where} from {self.before} to {self.now}"
        return f"{where} ({self.before or self.now})"


@dataclass(frozen=True)
class SeenSchema:
    """What a backfill found before it read: the tables' columns with their types, and the changes since."""

    tables: Tables
    changes: tuple[SchemaChange, ...]


def look_upstream(
    feature_set: FeatureSet, tables: TableReader, profiles: ProfileStore, at: datetime
) -> SeenSchema:
    """Compare the source tables with what was recorded; `at` (UTC) dates a refusal.

    Raises:
        SchemaError: a column that the set uses was removed, or has another type under an unchanged definition.
        UnknownNameError: there is no such table.
    """
    if isinstance(feature_set.source, CalendarSource):
        return SeenSchema({}, ())
    now = {name: _schema(tables, name) for name in feature_set.source.tables}
    recorded = profiles.noted("features", feature_set.name, NOTE)
    same = recorded.get("definition") == row_definition(feature_set).hash
    changes = compare_schemas(feature_set, recorded.get("tables") or {}, now, same_definition=same)
    seen = SeenSchema(now, changes)
    breaking = [each.text for each in changes if each.breaks]
    if breaking:
        told = {**recorded, "history": _history(recorded, changes, at, refused=True)}
        profiles.note("features", feature_set.name, NOTE, told)
        rest = len(changes) - len(breaking)
        raise SchemaError(
            f"the source of {feature_set.name!r} has changed: {'; '.join(breaking)}"
            f"{f' (and {rest} columns that it does not use)' if rest else ''}.",
            cure="Put the column back, or change the definition: another column, a CAST in select, or, where "
            f"the new type is right, version={feature_set.version + 1}.",
        )
    return seen


def record_schema(feature_set: FeatureSet, seen: SeenSchema, profiles: ProfileStore, at: datetime) -> None:
    """Record what a backfill that has succeeded had read, and the changes that it saw."""
    recorded = profiles.noted("features", feature_set.name, NOTE)
    told: dict[str, Any] = {
        "tables": seen.tables,
        "definition": row_definition(feature_set).hash,
        "at": at.isoformat(),
        "changes": [asdict(each) for each in seen.changes],
        "history": _history(recorded, seen.changes, at, refused=False),
    }
    profiles.note("features", feature_set.name, NOTE, told)


def last_changes(profiles: ProfileStore, set_name: str) -> tuple[SchemaChange, ...]:
    """Return the changes that the last successful backfill saw."""
    listed = profiles.noted("features", set_name, NOTE).get("changes") or []
    return tuple(SchemaChange(**each) for each in listed)


def compare_schemas(
    feature_set: FeatureSet,
    before: Mapping[str, Mapping[str, str]],
    now: Mapping[str, Mapping[str, str]],
    *,
    same_definition: bool = True,
) -> tuple[SchemaChange, ...]:
    """Return what differs, table by table; a table that was not recorded has no changes."""
    found = []
    for table in now:
        if table not in before:
            continue
        old, new = before[table], now[table]
        used = used_columns(feature_set, [*old, *new])
        for column in dict.fromkeys([*old, *new]):
            was, is_now = old.get(column, ""), new.get(column, "")
            if was == is_now:
                continue
            what: Literal["added", "removed", "type changed"]
            what = "added" if not was else "type changed" if is_now else "removed"
            breaks = column in used and (what == "removed" or (what == "type changed" and same_definition))
            found.append(SchemaChange(table, column, what, was, is_now, breaks))
    return tuple(found)


def used_columns(feature_set: FeatureSet, columns: Sequence[str]) -> set[str]:
    """Return which of a source table's columns the set reads, by name or in an expression or query."""
    source = feature_set.source
    if isinstance(source, CalendarSource):
        return set()
    if isinstance(source, ChainedSource):
        return used_columns(chain_of(feature_set).left, columns)
    select = source.select or {}
    named = {*feature_set.keys, *feature_set.source_inputs, *own_columns(feature_set)}
    if isinstance(source, EventSource) and source.cumulative is not None:
        named.add(source.cumulative)
    conditions = [condition for _, condition in feature_set.filtered.values()]
    for sql in conditions:
        named |= _names(sql)
    read = {name for name in named if name not in select}
    for sql in [*select.values(), *([source.where] if source.where else [])]:
        read |= _names(sql)
    query = source.query if isinstance(source, EventSource) else None
    if query is not None:
        # A query's words, whatever their case: SQL does not mind it.
        words = {word.casefold() for word in _WORD.findall(_STRING.sub(" ", query))}
        read |= {column for column in columns if column.casefold() in words}
    return read & set(columns)


def _names(sql: str) -> set[str]:
    try:
        return set(reads(sql))
    except DefinitionError:
        return set(_WORD.findall(_STRING.sub(" ", sql)))


def _schema(tables: TableReader, table: str) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in tables.scan(table).collect_schema().items()}


def _history(
    recorded: Mapping[str, Any], changes: Sequence[SchemaChange], at: datetime, *, refused: bool
) -> list[dict[str, Any]]:
    earlier = list(recorded.get("history") or [])
    if not changes:
        return earlier
    entry = {"at": at.isoformat(), "refused": refused, "changes": [each.text for each in changes]}
    if refused and earlier and earlier[-1]["refused"] and earlier[-1]["changes"] == entry["changes"]:
        # Tried again, refused again.
        earlier.pop()
    return [*earlier, entry][-HISTORY:]
