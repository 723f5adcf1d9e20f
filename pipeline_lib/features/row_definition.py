"""What decides the cleaned rows of a set, apart from what is computed from them: the record of a stored day.

An aggregation over stored inputs, a window or a boundary decides nothing here, so that it needs no
recomputation; a new input column or a changed meaning does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bighead.pipeline_lib.features.declared_types import told_of, typed_inputs
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import (
    CalendarSource,
    ChainedSource,
    EntitySource,
    Events,
)

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.training_set import TrainingSet

# Raised where `clean` itself gives other rows than before.
CLEANED_AS = 1
# What a set says that no value depends on; its source decides by its rows.
_NOT_IN_VALUES = ("owner", "docs", "tags", "batch", "checks", "readers", "writers", "units", "pii", "source")
# What a source says that no stored row depends on; a query alone is read by its lateness.
_NOT_IN_ROWS = ("stream", "start_date", "select")


@dataclass(frozen=True)
class Change:
    """One field of a definition, as it was stored and as it is now; empty text where it was not there."""

    field: str
    stored: str
    now: str


@dataclass(frozen=True)
class RowDefinition:
    """`meaning`: source, keys and times as `{field: JSON}`; `inputs`: `{column: SQL}`, empty where taken as is."""

    meaning: Mapping[str, str] = field(hash=False)
    inputs: Mapping[str, str] = field(hash=False)

    @cached_property
    def hash(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of its JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def covers(self, wanted: RowDefinition) -> bool:
        """Return whether rows of this definition answer for `wanted`: one meaning, and every input there."""
        return not self.changes(wanted) and not self.added(wanted)

    def changes(self, now: RowDefinition) -> tuple[Change, ...]:
        """Return what means something else in `now`, field by field."""
        found = []
        for name in sorted({**self.meaning, **now.meaning}):
            found.append(Change(name, self.meaning.get(name, ""), now.meaning.get(name, "")))
        for name in sorted(set(self.inputs) & set(now.inputs)):
            found.append(Change(f"select.{name}", self.inputs[name], now.inputs[name]))
        return tuple(each for each in found if each.stored != each.now)

    def added(self, now: RowDefinition) -> tuple[str, ...]:
        """Return the input columns that only `now` has."""
        return tuple(name for name in now.inputs if name not in self.inputs)

    def to_json(self) -> str:
        """Return canonical JSON, which `from_json` reads back."""
        plain = {"meaning": dict(self.meaning), "inputs": dict(self.inputs)}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> RowDefinition:
        """Read what `to_json` wrote."""
        plain = json.loads(text)
        return cls(plain["meaning"], plain["inputs"])


@dataclass(frozen=True)
class StoredDay:
    """A day in the offline store: its rows, the definition they were computed from, and the columns it has.

    `definition` is None where the day was written before definitions were recorded.
    """

    rows: int
    definition: RowDefinition | None
    columns: frozenset[str] = frozenset()

    def covers(self, wanted: RowDefinition) -> bool:
        """Return whether the day answers for `wanted`; one of unknown definition is believed if it has the columns."""
        if self.definition is None:
            return set(wanted.inputs) <= self.columns
        return self.definition.covers(wanted)


@dataclass(frozen=True)
class Spent:
    """What earlier backfills of a set took, in all: days, rows, and seconds of wall time."""

    days: int = 0
    rows: int = 0
    seconds: float = 0.0


def row_definition(feature_set: FeatureSet) -> RowDefinition:
    """Return what decides a set's cleaned rows.

    >>> from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
    >>> stays = FeatureSet(name="stays", owner="t", keys=["home"], source=EventSource("stays", "ts"),
    ...                    aggregations=[Aggregation("nights", "sum", ["7d"])])
    >>> sorted(row_definition(stays).inputs)
    ['nights']
    """
    from bighead.pipeline_lib.features.plain import to_plain

    source = feature_set.source
    meaning: dict[str, object] = {"cleaned_as": CLEANED_AS, "keys": list(feature_set.keys)}
    meaning["version"] = feature_set.version
    skipped = _NOT_IN_ROWS if getattr(source, "query", None) is not None else (*_NOT_IN_ROWS, "lateness")
    if isinstance(source, ChainedSource):
        return _chained_rows(feature_set, source, meaning)
    plain = to_plain(source)
    if "mutations" in plain:
        # What messages come in says nothing of the table.
        plain["mutations"] = {name: v for name, v in plain["mutations"].items() if name != "envelope"}
    meaning |= {f"source.{name}": value for name, value in plain.items() if name not in skipped}
    select: Mapping[str, str] = {} if isinstance(source, CalendarSource) else source.select or {}
    shaping = [*feature_set.keys, *own_columns(feature_set)]
    meaning |= {f"source.select.{name}": select[name] for name in shaping if name in select}
    told = {name: json.dumps(value, sort_keys=True, ensure_ascii=False) for name, value in meaning.items()}
    inputs = {name: _made_by(name, feature_set, select) for name in stored_inputs(feature_set)}
    return RowDefinition(told, _typed(inputs, feature_set))


def _chained_rows(
    feature_set: FeatureSet, source: ChainedSource, meaning: dict[str, object]
) -> RowDefinition:
    """What decides the rows of a chained set: its left rows, and the features of other sets that it reads."""
    from bighead.pipeline_lib.features.chain import how_filtered, how_made
    from bighead.pipeline_lib.features.plain import to_plain

    left = to_plain(source.events)
    skipped = (*_NOT_IN_ROWS, *(() if source.events.query is not None else ("lateness",)))
    meaning |= {f"source.left.{name}": value for name, value in left.items() if name not in skipped}
    select = source.events.select or {}
    meaning |= {f"source.left.select.{n}": select[n] for n in own_columns(feature_set) if n in select}
    told = {name: json.dumps(value, sort_keys=True, ensure_ascii=False) for name, value in meaning.items()}
    shaping = {f"source.select.{key}": how_made(key, feature_set) for key in feature_set.keys}
    shaping["source.where"] = how_filtered(feature_set)
    told |= {name: made for name, made in shaping.items() if made}
    inputs = {name: how_made(name, feature_set) for name in stored_inputs(feature_set)}
    return RowDefinition(told, _typed(inputs, feature_set))


def _typed(inputs: Mapping[str, str], feature_set: FeatureSet) -> dict[str, str]:
    """Add to what makes each input the type that it is declared to have."""
    typed = typed_inputs(feature_set)
    told = {name: told_of(typed.get(name)) for name in inputs}
    return {
        name: f"{made} as {json.dumps(told[name])}" if told[name] else made for name, made in inputs.items()
    }


def _made_by(name: str, feature_set: FeatureSet, select: Mapping[str, str]) -> str:
    """Return the SQL that makes an input, with the select outputs that its condition reads; empty where taken as is."""
    if name not in feature_set.filtered:
        return select.get(name, "")
    column, condition = feature_set.filtered[name]
    read = {
        each: sql
        for each, sql in sorted(select.items())
        if each == column or re.search(rf"\b{re.escape(each)}\b", condition)
    }
    where = f" with {json.dumps(read, ensure_ascii=False)}" if read else ""
    return f"CASE WHEN {condition} THEN {column} END{where}"


def training_rows_hash(training_set: TrainingSet) -> str:
    """Return 16 hexadecimal digits of what decides a training set's rows: left columns, and every use's features.

    Raises:
        DefinitionError: names are still unresolved.
    """
    from bighead.pipeline_lib.features.plain import to_plain

    left = [training_set.left.table, training_set.timestamp, training_set.row_id, training_set.label.column]
    made: list[object] = [left, list(training_set.input_names)]
    types = {name: [each.dtype, each.nullable] for name, each in training_set.declared.items()}
    made += [types, dict(training_set.derivations)] if types or training_set.derivations else []
    for ref in training_set.refs:
        use = {name: value for name, value in to_plain(ref).items() if name != "set"}
        plain = to_plain(ref.set).items()
        values = {name: value for name, value in plain if name not in _NOT_IN_VALUES}
        made += [use, values, row_definition(ref.set).to_json()]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]


def stored_inputs(feature_set: FeatureSet) -> tuple[str, ...]:
    """Return the inputs that cleaned rows hold in columns of their own: keys and times are there already."""
    taken = (*feature_set.keys, "event_time", "available_at", *_until(feature_set), "event_id")
    return tuple(name for name in feature_set.inputs if name not in taken)


def cleaned_columns(feature_set: FeatureSet) -> tuple[str, ...]:
    """Return the columns of a set's cleaned rows, in order."""
    source = feature_set.source
    identity = ("event_id",) if isinstance(source, Events) and source.event_id else ()
    times = ("event_time", "available_at", *_until(feature_set))
    return (*feature_set.keys, *times, *identity, *stored_inputs(feature_set))


def _until(feature_set: FeatureSet) -> tuple[str, ...]:
    return ("available_to",) if feature_set.source.retracts else ()


def own_columns(feature_set: FeatureSet) -> list[str]:
    """Return the columns of a set's source that say times, ids and mutations, by the source's own names."""
    source = feature_set.source
    if isinstance(source, Events):
        own = [source.event_time, source.available_at, source.event_id]
        return [name for name in (*own, *_mutated(source)) if name]
    if isinstance(source, EntitySource):
        own = [source.valid_from, source.valid_to, None if source.retracts else source.snapshot]
        return [name for name in (*own, *_mutated(source)) if name]
    return []


def _mutated(source: Events | EntitySource) -> tuple[str, ...]:
    return source.mutations.columns if source.mutations is not None else ()
