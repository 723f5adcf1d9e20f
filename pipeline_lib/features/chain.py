"""What a chained set reads: columns of its left rows, and those features of other sets that it uses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, LeakError
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.chained_source import ChainedSource
from bighead.pipeline_lib.features.event_source import EventSource
from bighead.pipeline_lib.features.row_derivations import needed

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.derivation import Derivation
    from bighead.pipeline_lib.features.feature_ref import FeatureRef
    from bighead.pipeline_lib.features.feature_set import FeatureSet
    from bighead.pipeline_lib.features.request_input import Input
    from bighead.pipeline_lib.features.training_set import TrainingSet

_RESERVED = ("event_time", "available_at", "event_id", "available_to", "partition")


@dataclass(frozen=True)
class Chain:
    """The left rows as a set of their own, and the uses of other sets, each with the features that are read only.

    `derived` is what is read of a training set's derivations, `declared` of its inputs of declared types.
    """

    left: FeatureSet
    uses: tuple[FeatureRef, ...]
    derived: tuple[Derivation, ...] = ()
    declared: tuple[Input, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that features, and what is derived of them, are called in a row."""
        features = (column for ref in self.uses for column in ref.columns())
        return (*features, *(each.name for each in self.derived))


@lru_cache(maxsize=256)
def chain_of(feature_set: FeatureSet) -> Chain:
    """Return what a chained set reads.

    Raises:
        DefinitionError: it reads no feature, a name is unresolved, or its source is no chained one.
        LeakError: it reads a column of a training set's left table that does not say when it is known.
    """
    source = chained(feature_set)
    asked = _asked(source)
    read = _read(feature_set, source)
    derived = needed(asked.derived, read) if asked is not None else ()
    made = {each.name for each in derived}
    read = [name for name in [*read, *(name for each in derived for name in each.reads)] if name not in made]
    uses = []
    for ref in source.refs:
        used = [feature.name for feature in ref.features if ref.output(feature) in read]
        uses += [ref.pick(*used)] if used else []
    if not uses and not derived:
        raise DefinitionError(
            f"{feature_set.name!r} is chained, and uses no feature of {_named(source.upstream)}.",
            cure="Aggregate one of them, or use one in select or where; else an EventSource will do.",
        )
    outputs = {column for ref in uses for column in ref.columns()}
    columns = [name for name in read if name not in outputs]
    columns += [column for ref in uses for column in ref.key_columns]
    columns = list(dict.fromkeys(columns))
    _refuse_unknown(feature_set, asked, columns)
    declared = tuple(asked.declared[name] for name in columns if name in asked.declared) if asked else ()
    return Chain(_left(feature_set, source.events, columns), tuple(uses), derived, declared)


def chained(feature_set: FeatureSet) -> ChainedSource:
    """Return a set's source, which is a chained one.

    Raises:
        DefinitionError: it is not.
    """
    if isinstance(feature_set.source, ChainedSource):
        return feature_set.source
    raise DefinitionError(f"{feature_set.name!r} is not chained.", cure="Give it a ChainedSource.")


def upstream_first(sets: Iterable[FeatureSet]) -> list[FeatureSet]:
    """Return the sets in their order, but each after those it is built on."""
    given = {each.name: each for each in sets}
    found: dict[str, FeatureSet] = {}

    def add(each: FeatureSet) -> None:
        for before in upstream_of(each):
            add(before)
        if each.name in given:
            found.setdefault(each.name, given[each.name])

    for each in given.values():
        add(each)
    return list(found.values())


def upstream_of(feature_set: FeatureSet) -> tuple[FeatureSet, ...]:
    """Return the sets that a set is built on; none for one that is not chained."""
    source = feature_set.source
    return source.upstream if isinstance(source, ChainedSource) else ()


def meaning_text(feature_set: FeatureSet) -> str:
    """Return canonical JSON of what decides a chained set's values: of other sets, the features that are read."""
    from dataclasses import replace

    from bighead.pipeline_lib.features.plain import to_plain

    source, chain = chained(feature_set), chain_of(feature_set)
    plain = to_plain(replace(feature_set, source=source.events))
    told = {"left": plain["source"], "select": dict(source.select or {}), "where": source.where}
    made = {ref.output(f): _use(ref, f.name, source.events) for ref in chain.uses for f in ref.features}
    derived = {each.name: _made(each.name, feature_set, {}) for each in chain.derived}
    typed = {each.name: _made(each.name, feature_set, {}) for each in chain.declared}
    told |= {name: value for name, value in (("derived", derived), ("declared", typed)) if value}
    plain["source"] = {"kind": "ChainedSource", **told, "features": made}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def how_made(name: str, feature_set: FeatureSet) -> str:
    """Return what makes a column of a chained set's rows, as JSON: SQL, and features by what they mean.

    Empty where the left table has it as it is.
    """
    source = chained(feature_set)
    if name not in feature_set.filtered:
        return _json(_made(name, feature_set, source.select or {}))
    column, condition = feature_set.filtered[name]
    select = source.select or {}
    of = {each: _made(each, feature_set, select) for each in sorted({column, *_reads(condition)})}
    return _json({"sql": f"CASE WHEN {condition} THEN {column} END", "of": of})


def how_filtered(feature_set: FeatureSet) -> str:
    """Return what the source's `where` means, as JSON; empty where there is none."""
    where = chained(feature_set).where
    if where is None:
        return ""
    return _json({"sql": where, "of": {each: _made(each, feature_set, {}) for each in sorted(_reads(where))}})


def _read(feature_set: FeatureSet, source: ChainedSource) -> list[str]:
    """Return the columns of rows with their features that are read, each once."""
    select = source.select or {}
    named = [*feature_set.keys, *feature_set.source_inputs]
    for _, condition in feature_set.filtered.values():
        named += _reads(condition)
    found: list[str] = []
    for name in named:
        found += _reads(select[name]) if name in select else [name]
    found += _reads(source.where) if source.where is not None else []
    return list(dict.fromkeys(found))


def _reads(sql: str) -> tuple[str, ...]:
    from bighead.pipeline_lib.expressions import reads

    return reads(sql)


def _left(feature_set: FeatureSet, events: EventSource, columns: list[str]) -> FeatureSet:
    from bighead.pipeline_lib.features.feature_set import FeatureSet

    taken = {name for name in (events.event_time, events.available_at, events.event_id) if name in _RESERVED}
    keys = [name for name in columns if name not in _RESERVED][:1]
    rest = [name for name in columns if name not in taken]
    return FeatureSet(
        name=feature_set.name,
        owner=feature_set.owner,
        keys=keys,
        source=events,
        aggregations=[Aggregation(name, "count", ["unbounded"]) for name in rest],
        batch=feature_set.batch,
    )


def _asked(source: ChainedSource) -> TrainingSet | None:
    """Return the training set whose rows the left rows are, None where they are a table's."""
    return None if isinstance(source.left, EventSource | str) else source.left


def _refuse_unknown(feature_set: FeatureSet, asked: TrainingSet | None, columns: list[str]) -> None:
    if asked is None:
        return
    known = {asked.row_id, asked.timestamp, *asked.key_columns, *asked.input_names, *asked.left.known}
    for column in columns:
        if column == asked.label.column:
            raise LeakError(
                f"{feature_set.name!r} reads the label {column!r} of {asked.name!r}, known only after the question.",
                cure="Leave it out: a chained source has a training set's left columns and features.",
            )
        if column not in known:
            raise LeakError(
                f"{feature_set.name!r} reads {column!r} of {asked.left.table!r}, which does not say when it is known.",
                cure=f'Add it to known of LeftTable({asked.left.table!r}): known={{"{column}": "0s"}}.',
            )


def _made(name: str, feature_set: FeatureSet, select: Mapping[str, str]) -> object:
    if name in select:
        return {
            "sql": select[name],
            "of": {each: _made(each, feature_set, {}) for each in sorted(_reads(select[name]))},
        }
    for ref in chain_of(feature_set).uses:
        for feature in ref.features:
            if ref.output(feature) == name:
                return _use(ref, feature.name, chained(feature_set).events)
    for derived in chain_of(feature_set).derived:
        if derived.name == name:
            of = {each: _made(each, feature_set, {}) for each in sorted(derived.reads)}
            return {"sql": derived.sql, "of": of}
    for declared in chain_of(feature_set).declared:
        if declared.name == name:
            return {"declared": [declared.dtype, declared.nullable]}
    return (chained(feature_set).events.select or {}).get(name, "")


def _use(ref: FeatureRef, name: str, left: EventSource) -> dict[str, object]:
    keys = {key: (left.select or {}).get(column, column) for key, column in ref.mapping}
    return {"feature": f"{ref.set.name}:{name}", "made": _digest(ref, name), "keys": keys}


def _digest(ref: FeatureRef, name: str) -> str:
    """Return 12 hexadecimal digits of what decides one feature's values."""
    from bighead.pipeline_lib.features.plain import to_plain
    from bighead.pipeline_lib.features.row_definition import row_definition

    made, feature = ref.set, next(each for each in ref.set.features if each.name == name)
    if feature.aggregation is None and feature.column not in made.inputs:
        # Made of other features: the whole set says of which.
        return made.hash[:12]
    told: dict[str, object] = {
        each: getattr(made, each) for each in ("keys", "boundary", "version", "max_age", "on_stale")
    }
    if feature.aggregation is not None:
        plain = to_plain(feature.aggregation)
        told["aggregation"] = {key: value for key, value in plain.items() if key not in ("windows", "name")}
        told["window"] = feature.window and feature.window.text
    rows = row_definition(made)
    told["rows"], told["input"] = dict(rows.meaning), rows.inputs.get(feature.column, "")
    return hashlib.sha256(_json(told).encode()).hexdigest()[:12]


def _json(told: object) -> str:
    return "" if told == "" else json.dumps(told, sort_keys=True, ensure_ascii=False)


def _named(sets: Iterable[FeatureSet]) -> str:
    return ", ".join(repr(each.name) for each in sets)
