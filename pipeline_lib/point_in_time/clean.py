"""Step 2 of 9, backfill: raw rows become cleaned rows: keys, event_time, available_at, event_id and inputs.

What leaves this module satisfies the time semantics: no null time, `available_at ≥ event_time`, UTC
microseconds, one row per event id. Of a source with mutations each row is a version, with `available_to`, and an
event id has one at a time at most. Batches, streams and requests are all cleaned here.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.expressions import collect, derive
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EventSource
from bighead.pipeline_lib.point_in_time.clean_chained import clean_chained
from bighead.pipeline_lib.point_in_time.clean_facts import clean_facts
from bighead.pipeline_lib.point_in_time.clean_mutations import clean_mutations
from bighead.pipeline_lib.point_in_time.declared_values import with_declared_types
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.source_columns import filtered_inputs, require
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS, check_instants, utc

__all__ = ["EVENT_ID", "KNOWN", "TIME", "UNTIL", "clean"]


def clean(
    frame: pl.LazyFrame | pl.DataFrame,
    feature_set: FeatureSet,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pl.DataFrame:
    """Return a source's cleaned rows with start ≤ event_time < end (UTC), both open by default.

    Raises:
        SchemaError: a column lacks, or has a type that cannot be meant; the rows of a chained set have no features.
        EventTimeError: a time is null, ambiguous or nonexistent.
        DataError: an event id is null or names two different events; a key stands twice in a snapshot, or has
            intervals that overlap; mutations contradict each other; a declared type refuses values.
    """
    source, where = feature_set.source, f"the source of {feature_set.name!r}"
    if isinstance(source, CalendarSource):
        return pl.DataFrame(schema={TIME: UTC_MICROSECONDS, KNOWN: UTC_MICROSECONDS})
    if isinstance(source, ChainedSource):
        cleaned = clean_chained(frame.lazy(), feature_set, source, where)
    elif source.mutations is not None:
        cleaned = clean_mutations(frame.lazy(), feature_set, source, where)
    elif isinstance(source, EventSource):
        rows = derive(frame.lazy(), where, source.select, source.where)
        cleaned = _events(rows, feature_set, source, where)
    else:
        rows = derive(frame.lazy(), where, source.select, source.where)
        cleaned = clean_facts(rows, feature_set, source, where)
    if start is not None:
        cleaned = cleaned.filter(pl.col(TIME) >= start)
    cleaned = cleaned if end is None else cleaned.filter(pl.col(TIME) < end)
    return with_declared_types(cleaned, feature_set, where)


def _events(rows: pl.LazyFrame, feature_set: FeatureSet, source: EventSource, where: str) -> pl.DataFrame:
    schema = rows.collect_schema()
    declared = [name for name in (source.event_time, source.available_at, source.event_id) if name]
    needed = list(dict.fromkeys([*feature_set.keys, *declared, *feature_set.source_inputs]))
    require(schema, needed, where)
    happened = utc(source.event_time, schema[source.event_time], where, source.timezone, source.fold)
    known = happened + pl.duration(microseconds=source.delay_us) if source.delay_us else happened
    if source.available_at:
        known = utc(source.available_at, schema[source.available_at], where, source.timezone, source.fold)
    raw = collect(rows.select(*needed, *filtered_inputs(feature_set, schema, where)), where)
    times = raw.select(happened.alias(TIME), known.alias(KNOWN))
    check_instants(raw[source.event_time], times[TIME], where, source.timezone)
    if source.available_at:
        check_instants(raw[source.available_at], times[KNOWN], where, source.timezone)
    identity = [pl.col(source.event_id).alias(EVENT_ID)] if source.event_id else []
    inputs = [name for name in feature_set.inputs if name not in (*feature_set.keys, TIME, KNOWN, EVENT_ID)]
    cleaned = raw.select(*feature_set.keys, *identity, *inputs).with_columns(
        times[TIME], pl.max_horizontal(times[TIME], times[KNOWN]).alias(KNOWN)
    )
    order = [*feature_set.keys, TIME, KNOWN, *([EVENT_ID] if identity else []), *inputs]
    return _without_duplicates(cleaned.select(order), where) if identity else cleaned.select(order)


def _without_duplicates(rows: pl.DataFrame, where: str) -> pl.DataFrame:
    """Keep one of each event that came twice unchanged; refuse two events under one id."""
    ids = rows[EVENT_ID]
    if ids.null_count():
        raise DataError(
            f"the event id of {where} is null in {ids.null_count()} rows.", cure="Every event has an id."
        )
    if ids.n_unique() == rows.height:
        return rows
    once = rows.unique(maintain_order=True)
    twice = once.filter(pl.col(EVENT_ID).is_duplicated())
    if twice.height:
        raise DataError(
            f"the event id {twice[EVENT_ID][0]!r} of {where} names different events ({twice.height} rows).",
            cure="Ids tell events apart; only unchanged copies may share one.",
        )
    return once
