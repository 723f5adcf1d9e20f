"""The raw rows of a span of days and no more of the table, so that a backfill's memory is that of one chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
from polars.datatypes import DataType

from bighead.pipeline_lib.features.batch_grain import DAILY
from bighead.pipeline_lib.features.chain import chain_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.mutations import CLOSING, Mutations
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EntitySource, EventSource
from bighead.pipeline_lib.point_in_time.clean_facts import snapshot_times
from bighead.pipeline_lib.point_in_time.clean_mutations import cleaned_mutations
from bighead.pipeline_lib.point_in_time.reading import raw_rows
from bighead.pipeline_lib.point_in_time.row_names import KNOWN
from bighead.pipeline_lib.ports import TableReader

# Further apart than any zone's clock and UTC, gaps and snapshots' ends included.
_MARGIN = timedelta(days=3)
_FOREVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
# What a commit spans at most where the rows of a day are not known beforehand.
_MONTH = timedelta(days=31)
# One file a partition: a commit of more takes long to list, and to lose.
_MOST_DAYS = 366


def rows_near(feature_set: FeatureSet, tables: TableReader, start: datetime, end: datetime) -> pl.LazyFrame:
    """Return a superset of the raw rows of [start, end): what lies far from it is never read.

    Rows without a readable time stay, so that cleaning refuses them. Of mutations and intervals, all of a row stay
    of which one lies near. Of a chained set they are its left rows.
    """
    feature_set = _read(feature_set)
    rows, source = raw_rows(feature_set, tables, start, end), feature_set.source
    near = near_rows(feature_set, rows, start, end)
    if near is None or not source.retracts:
        return rows if near is None else rows.filter(near)
    one = source.event_id if isinstance(source, EventSource) else None
    names = [one] if one else list(feature_set.keys)
    seen = rows.collect_schema()
    if isinstance(source, CalendarSource) or any(n in (source.select or {}) or n not in seen for n in names):
        return rows
    return rows.join(rows.filter(near).select(names).unique(), on=names, how="semi", nulls_equal=True)


def mutations_before(
    feature_set: FeatureSet, tables: TableReader, start: datetime | None, end: datetime
) -> pl.DataFrame:
    """Return the cleaned mutations that could be known before `end`, all of each row with start ≤ event_time.

    Args:
        feature_set: A set of events that mutations tell of.
        tables: Holds their table.
        start: None is the beginning of time.
        end: An instant in UTC.

    Raises:
        SchemaError, EventTimeError, DataError: as `cleaned_mutations`.
    """
    source = feature_set.source
    assert isinstance(source, EventSource)
    rows = rows_near(feature_set, tables, start or _FOREVER[0], _FOREVER[1])
    cleaned = cleaned_mutations(rows, feature_set, source, f"the source of {feature_set.name!r}")
    return cleaned.filter(pl.col(KNOWN) < end)


def chunks(
    feature_set: FeatureSet, days: Sequence[date], tables: TableReader, rows_a_commit: int
) -> Iterator[list[date]]:
    """Group sorted partitions into commits of at most `rows_a_commit` raw rows, and at least one."""
    feature_set = _read(feature_set)
    counts = _rows_by_day(feature_set, days, tables) if len(days) > 1 else None
    most = _MOST_DAYS if counts is not None else min(_MOST_DAYS, _MONTH // feature_set.grain.length)
    chunk: list[date] = []
    held = 0
    for day in days:
        rows = counts.get(day, 0) if counts is not None else 0
        if chunk and (held + rows > rows_a_commit or len(chunk) >= most):
            yield chunk
            chunk, held = [], 0
        chunk.append(day)
        held += rows
    if chunk:
        yield chunk


def _read(feature_set: FeatureSet) -> FeatureSet:
    return chain_of(feature_set).left if isinstance(feature_set.source, ChainedSource) else feature_set


def _rows_by_day(
    feature_set: FeatureSet, days: Sequence[date], tables: TableReader
) -> dict[date, int] | None:
    """Return about how many raw rows lie in each partition; None where only reading them all would tell."""
    grain = feature_set.grain
    start, end = grain.start(days[0]), grain.end(days[-1])
    if isinstance(feature_set.source, EventSource) and feature_set.source.query is not None:
        return None
    rows = rows_near(feature_set, tables, start, end)
    time = _time(feature_set, rows)
    if time is None:
        return None
    # A local clock or a date is read as if it were UTC's.
    near = time[0].cast(pl.Date) if grain is DAILY else grain.of(time[0].cast(pl.Datetime("us")))
    happened = rows.select(near.alias("day")).group_by("day").len().collect()
    source = feature_set.source
    # The rows of a snapshot stand in the partition after its own day or hour.
    shift = source.span if isinstance(source, EntitySource) and not source.retracts else timedelta()
    return {_partition(day) + shift: count for day, count in happened.iter_rows() if day is not None}


def _partition(seen: date) -> date:
    return seen.replace(tzinfo=UTC) if isinstance(seen, datetime) else seen


def _time(feature_set: FeatureSet, rows: pl.LazyFrame) -> tuple[pl.Expr, DataType] | None:
    """Return the source's own time column and its type, None where it is derived or no time yet."""
    source = feature_set.source
    if isinstance(source, CalendarSource | ChainedSource):
        return None
    name = _time_column(source)
    dtype = rows.collect_schema().get(name)
    if name in (source.select or {}) or dtype is None:
        return None
    if isinstance(dtype, pl.String) and isinstance(source, EntitySource) and not source.retracts:
        return snapshot_times(pl.col(name), source), pl.Date() if source.every == "1d" else pl.Datetime("us")
    return (pl.col(name), dtype) if isinstance(dtype, pl.Date | pl.Datetime) else None


def _time_column(source: EventSource | EntitySource) -> str:
    if isinstance(source, EventSource):
        return source.event_time
    return source.mutations.time if source.mutations else source.valid_from or source.snapshot


def near_rows(feature_set: FeatureSet, rows: pl.LazyFrame, start: datetime, end: datetime) -> pl.Expr | None:
    """Return what holds of the raw rows near [start, end), None where only cleaning tells when a row happened."""
    found = _time(feature_set, rows)
    if found is None or start.year < 2 or end.year > 9998:
        return None
    time, dtype = found
    first, last = start.astimezone(UTC) - _MARGIN, end.astimezone(UTC) + _MARGIN
    zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
    bounds = [
        each.date() if isinstance(dtype, pl.Date) else each.replace(tzinfo=None) for each in (first, last)
    ]
    low, high = (pl.lit(each) for each in bounds)
    if zone is not None:
        low, high = (each.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) for each in (low, high))
    near = (time >= low) & (time <= high)
    mutations = None if isinstance(feature_set.source, CalendarSource) else feature_set.source.mutations
    # A deleted row need not say its time: others of the same row tell whether it lies near.
    unread = time.is_null() if mutations is None else time.is_null() & ~_closes(mutations)
    return unread | near.fill_null(False)


def _closes(mutations: Mutations) -> pl.Expr:
    if mutations.is_before is not None:
        return pl.col(mutations.is_before).cast(pl.Boolean)
    return pl.col(mutations.action).cast(pl.String).str.to_lowercase().is_in(CLOSING)


def runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Return the runs of days that follow one another, as (first, last)."""
    breaks = [n for n, (one, other) in enumerate(pairwise(days), 1) if other - one > timedelta(days=1)]
    edges = [0, *breaks, len(days)]
    return [(days[start], days[end - 1]) for start, end in pairwise(edges)]
