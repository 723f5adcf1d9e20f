"""Mutations become cleaned rows: versions of rows, each of which holds from `available_at` to `available_to`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from bighead.pipeline_lib.expressions import collect, derive, expression
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.mutations import OPENING, Mutations
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource, EventSource
from bighead.pipeline_lib.point_in_time.declared_values import with_declared_types
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.source_columns import filtered_inputs, require
from bighead.pipeline_lib.point_in_time.times import check_instants, utc
from bighead.pipeline_lib.point_in_time.versions import canonical, opens, versions

_KEPT = "__kept"
# The mutations' own columns under names that no input has.
MUTATED, _ACTION, _SEQUENCE = "__mutated_at", "__action", "__sequence"


def clean_mutations(
    frame: pl.LazyFrame, feature_set: FeatureSet, source: EventSource | EntitySource, where: str
) -> pl.DataFrame:
    """Return the versions of the rows that a table of mutations tells of.

    The source's `where` chooses among versions and not among mutations: an update to what it leaves out ends the
    version before.

    Raises:
        SchemaError, EventTimeError: a column lacks, or is no time.
        DataError: an id that is null, an operation that there is not, or images that contradict each other.
    """
    return versions_of(cleaned_mutations(frame, feature_set, source, where), feature_set, where)


def cleaned_mutations(
    frame: pl.LazyFrame, feature_set: FeatureSet, source: EventSource | EntitySource, where: str
) -> pl.DataFrame:
    """Return the mutations themselves, a row for each and in their order, with `mutation_columns`.

    Any union of them, in any order and with copies, gives the versions that the union of their tables would.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean_mutations`, but for images.
    """
    declared = source.mutations
    assert declared is not None
    raw, schema = _read(frame, feature_set, source, declared, where)
    times = _times(raw, schema, source, declared, where)
    event_id = source.event_id if isinstance(source, EventSource) else None
    parts = {_ACTION: declared.action, EVENT_ID: event_id, _SEQUENCE: declared.sequence}
    named = [pl.col(column).alias(name) for name, column in parts.items() if column is not None]
    rows = raw.select(*feature_set.keys, *_inputs(feature_set), _KEPT, *named)
    rows = rows.with_columns(times.get_columns()).select(mutation_columns(feature_set))
    return with_declared_types(rows, feature_set, where)


def mutation_columns(feature_set: FeatureSet) -> list[str]:
    """Return the columns of `cleaned_mutations`: `available_at` is when a mutation could be known.

    Beside keys, times, id and inputs stand the mutation's own time, action and sequence, and whether `where` holds.
    """
    source = feature_set.source
    assert not isinstance(source, CalendarSource)
    assert source.mutations is not None
    identity = [EVENT_ID] if isinstance(source, EventSource) and source.event_id else []
    order = [MUTATED, _ACTION, *([_SEQUENCE] if source.mutations.sequence else [])]
    return [*feature_set.keys, TIME, KNOWN, *order, *identity, _KEPT, *_inputs(feature_set)]


def mutation_column(declared: Mutations, name: str) -> str:
    """Return what `cleaned_mutations` call the column of a source that `declared` names."""
    return {declared.time: MUTATED, declared.action: _ACTION}.get(name, _SEQUENCE)


def moment_columns(columns: Sequence[str]) -> list[str]:
    """Return those of `mutation_columns` that say when a mutation was made and in which order: its moment."""
    return [name for name in (MUTATED, _SEQUENCE) if name in columns]


def last_of_rows(mutations: pl.DataFrame, feature_set: FeatureSet) -> pl.DataFrame:
    """Return of each row the mutations of its last moment, which overtake all before them once they are known.

    From when all of `mutations` are known, what is left of them gives the values that all of them do, alone and
    together with any others, copies of those left out among them.

    Args:
        mutations: `cleaned_mutations`, any number of each row.
        feature_set: Whose they are.
    """
    moment = moment_columns(mutations.columns)
    ordered = mutations.sort([*_identity(mutations, feature_set), *moment])
    last = (pl.col(name).last().over(_identity(mutations, feature_set)) for name in moment)
    is_last = [pl.col(name).eq_missing(other) for name, other in zip(moment, last, strict=True)]
    # All of a moment: images take one another back, and the bytes decide between others.
    return ordered.filter(is_last)


def mutation_names(mutations: pl.DataFrame, feature_set: FeatureSet) -> pl.Expr:
    """Return a text that copies of a mutation share: its row, moment and action, and what it opens.

    What only takes a row back may tell more of it in one place than in another.
    """
    source = feature_set.source
    assert isinstance(source, EventSource)
    assert source.mutations is not None
    opened = pl.col(_ACTION).not_() if source.mutations.is_before else _opens_text()
    moment = [EVENT_ID, *moment_columns(mutations.columns)]
    content = [*feature_set.keys, TIME, *_inputs(feature_set)]
    said = canonical(list(dict.fromkeys(content)), mutations.schema)
    told = pl.struct(moment).struct.json_encode()
    return pl.concat_str(told, pl.when(opened).then(said).otherwise(pl.lit("")), separator="|")


def _opens_text() -> pl.Expr:
    return pl.col(_ACTION).cast(pl.String).str.to_lowercase().is_in(OPENING)


def shown(mutations: pl.DataFrame, feature_set: FeatureSet, start: datetime | None) -> pl.Series:
    """Return which mutations open a version that `where` keeps and a window from `start` (UTC) on may hold."""
    source = feature_set.source
    assert isinstance(source, EventSource)
    assert source.mutations is not None
    reached = pl.lit(True) if start is None else pl.col(TIME) >= start
    opened = opens(mutations, _renamed(source.mutations), repr(feature_set.name))
    return mutations.select(pl.lit(opened) & pl.col(_KEPT) & reached.fill_null(False)).to_series()


def _identity(mutations: pl.DataFrame, feature_set: FeatureSet) -> list[str]:
    return [EVENT_ID] if EVENT_ID in mutations.columns else list(feature_set.keys)


def _renamed(declared: Mutations) -> Mutations:
    """What says of the mutations' own columns what `declared` says of the source's."""
    return Mutations(
        MUTATED,
        _ACTION if declared.operation else None,
        _ACTION if declared.is_before else None,
        _SEQUENCE if declared.sequence else None,
    )


def versions_of(
    mutations: pl.DataFrame, feature_set: FeatureSet, where: str, check_images: bool = True
) -> pl.DataFrame:
    """Return the versions of rows of which these are all `cleaned_mutations`.

    Args:
        mutations: Any number of each row.
        feature_set: Whose they are.
        where: Their name, for messages.
        check_images: Whether images before a change must be what they take back; some may be under way yet.

    Raises:
        DataError: an id that is null, or images that contradict each other.
    """
    source, keys = feature_set.source, list(feature_set.keys)
    assert not isinstance(source, CalendarSource)
    assert source.mutations is not None
    declared, inputs = source.mutations, _inputs(feature_set)
    identity = [EVENT_ID] if EVENT_ID in mutations.columns else []
    renamed = _renamed(declared)
    # What is derived of an image that tells a part of the row only may be anything.
    told = [
        name for name in (*keys, *inputs) if name not in {**(source.select or {}), **feature_set.filtered}
    ]
    compared = [*told, TIME] if identity else told
    held = versions(
        mutations, renamed, where, identity=identity or keys, compared=compared if check_images else ()
    )
    return held.filter(_KEPT).select(*keys, TIME, KNOWN, UNTIL, *identity, *inputs)


def _inputs(feature_set: FeatureSet) -> list[str]:
    return [name for name in feature_set.inputs if name not in (*feature_set.keys, TIME, KNOWN, EVENT_ID)]


def _read(
    frame: pl.LazyFrame,
    feature_set: FeatureSet,
    source: EventSource | EntitySource,
    declared: Mutations,
    where: str,
) -> tuple[pl.DataFrame, pl.Schema]:
    columns = frame.collect_schema()
    kept = pl.lit(True) if source.where is None else expression(source.where, where, columns).fill_null(False)
    rows = derive(frame.with_columns(kept.alias(_KEPT)), where, source.select, None)
    schema = rows.collect_schema()
    own: tuple[str | None, ...] = ()
    if isinstance(source, EventSource):
        own = (source.event_time, source.available_at, source.event_id)
    needed = [
        *feature_set.keys,
        *(name for name in own if name),
        *declared.columns,
        *feature_set.source_inputs,
    ]
    needed = list(dict.fromkeys(needed))
    require(schema, needed, where)
    made = filtered_inputs(feature_set, schema, where)
    return collect(rows.select(*needed, *made, _KEPT), where), schema


def _times(
    raw: pl.DataFrame, schema: pl.Schema, source: EventSource | EntitySource, declared: Mutations, where: str
) -> pl.DataFrame:
    """When each mutation was made and known, and when its row happened, which a deleted one need not say."""

    def read(name: str, rows: pl.Series | None = None) -> pl.Series:
        found = raw.select(utc(name, schema[name], where, source.timezone, source.fold)).to_series()
        told = (raw[name], found) if rows is None else (raw[name].filter(rows), found.filter(rows))
        check_instants(*told, where, source.timezone)
        return found

    mutated = read(declared.time)
    if not isinstance(source, EventSource):
        return pl.DataFrame({MUTATED: mutated, TIME: mutated, KNOWN: mutated})
    delayed = mutated + timedelta(microseconds=source.delay_us)
    known = read(source.available_at) if source.available_at else delayed
    happened = read(source.event_time, opens(raw, declared, where))
    times = pl.DataFrame({MUTATED: mutated, TIME: happened, KNOWN: known})
    return times.with_columns(pl.max_horizontal(KNOWN, MUTATED).alias(KNOWN))
