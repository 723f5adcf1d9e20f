"""Where cleaned rows come from: the source tables themselves, or the days that were backfilled from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, runtime_checkable

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features.chain import chain_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import cleaned_columns
from bighead.pipeline_lib.features.source import (
    CalendarSource,
    ChainedSource,
    EntitySource,
    Events,
    EventSource,
)
from bighead.pipeline_lib.point_in_time.clean import TIME, clean
from bighead.pipeline_lib.point_in_time.staging import bound_query, run_query
from bighead.pipeline_lib.point_in_time.stale import refuse_stale, stale_days, warn_of_unknown
from bighead.pipeline_lib.ports import FeatureStore, SqlReader, TableReader

_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class RowReader(Protocol):
    """Cleaned rows of a feature set."""

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Return the cleaned rows with start ≤ event_time < end; None is the beginning of time.

        Of an entity source also the older ones: the newest snapshot at `start` may be among them.
        """
        ...


@runtime_checkable
class RowScanner(RowReader, Protocol):
    """Cleaned rows that need not be held at once."""

    def scan(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.LazyFrame:
        """Return the rows as `rows` does, lazily."""
        ...


class SourceRows:
    """Cleaned rows straight from the source tables; `upstream` gives those of sets that others are built on."""

    def __init__(self, tables: TableReader, upstream: RowReader | None = None) -> None:
        self.tables, self.upstream = tables, upstream

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Read and clean the source.

        Raises:
            DefinitionError: a query that does not run; else as `clean`.
        """
        start = None if isinstance(feature_set.source, EntitySource) else start
        raw = raw_rows(feature_set, self.tables, start, end)
        from bighead.pipeline_lib.point_in_time.chained import cleaned_rows

        return cleaned_rows(raw, feature_set, self.upstream or self, start, end)


class StoreRows:
    """Cleaned rows from the offline store's days, all of the asked definition."""

    def __init__(self, store: FeatureStore) -> None:
        self.store = store

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Read what was backfilled; `lacking` says whether that is everything.

        Raises:
            UnknownNameError: nothing of the set was ever backfilled.
            StaleRowsError: a day in [start, end) was computed from another definition.
        """
        return self.scan(feature_set, start, end).collect()

    def scan(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.LazyFrame:
        """Return what `rows` reads, lazily.

        Raises:
            UnknownNameError, StaleRowsError: as `rows`.
        """
        if isinstance(feature_set.source, CalendarSource):
            return clean(pl.LazyFrame(), feature_set).lazy()
        grain = feature_set.grain
        stored = self.store.stored_days(feature_set.name, grain)
        stale = stale_days(feature_set, stored)
        first, last = _reach(feature_set, start, end, set(stored) - set(stale))
        refuse_stale(feature_set, {day: stale[day] for day in sorted(stale) if first <= day <= last})
        warn_of_unknown(
            feature_set, [day for day in stored if first <= day <= last and not stored[day].definition]
        )
        start = None if isinstance(feature_set.source, EntitySource) else start
        frame = self.store.scan(feature_set.name, start or _FIRST, end)
        if stale:
            # Days that no question reaches may be stale: they are left out, never mixed in.
            frame = frame.filter(~grain.of(pl.col(TIME)).is_in(grain.series(sorted(stale)).implode()))
        there = frame.collect_schema()
        return frame.select([name for name in cleaned_columns(feature_set) if name in there])

    def lacking(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> list[date]:
        """Return the partitions in [start, end) that hold rows in principle and were not backfilled as defined now.

        Days before the source's `start_date` hold none. An unbounded window over a source without one can
        never be known to be whole, so it always lacks a day, and so do intervals and mutations of entities. Of
        snapshots, one day at or before the first question is enough to begin with.
        """
        if isinstance(feature_set.source, CalendarSource):
            return []
        grain = feature_set.grain
        stored = self.store.stored_days(feature_set.name, grain)
        fresh = set(stored) - set(stale_days(feature_set, stored))
        first, last = _reach(feature_set, start, end, fresh)
        if first == grain.least:
            return [first]
        return [each for each in grain.run(first, last) if each not in fresh]

    def require(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> None:
        """Refuse a span of which days lack: a missing day is not an empty one, nor is a stale one an answer.

        Raises:
            DataError: days were never backfilled; it names the first and the last.
            StaleRowsError: days were computed from another definition.
        """
        missing, grain = self.lacking(feature_set, start, end), feature_set.grain
        if not missing:
            return
        stale = stale_days(feature_set, self.store.stored_days(feature_set.name, grain))
        refuse_stale(feature_set, {day: stale[day] for day in missing if day in stale})
        if missing[0] == grain.least:
            raise DataError(
                f"questions of features/{feature_set.name} reach back without end.",
                cure="Give its source a start_date: there is nothing before it.",
            )
        raise DataError(
            f"features/{feature_set.name} lacks {len(missing)} {grain.noun}s,"
            f" {grain.key(missing[0])} to {grain.key(missing[-1])}.",
            cure=f"Materialise them first: features/{feature_set.name}, that range, one run.",
        )


def _reach(
    feature_set: FeatureSet, start: datetime | None, end: datetime, fresh: set[date]
) -> tuple[date, date]:
    """Return the first and last partition whose rows questions over [start, end) can see."""
    source, grain = feature_set.source, feature_set.grain
    last = grain.holding(end - timedelta(microseconds=1))
    first = grain.holding(start) if start else grain.least
    if isinstance(source, Events) and source.start_date:
        first = max(grain.beginning(source.start_date), first)
    if isinstance(source, EntitySource) and source.retracts:
        # What has been valid ever since counts, however long ago it began.
        first = grain.beginning(source.start_date) if source.start_date else grain.least
    elif isinstance(source, EntitySource):
        # Without a first question all that was ever written counts, and must have no gap.
        first = max((day for day in fresh if day <= first), default=first)
        first = min(fresh, default=first) if start is None else first
    return first, last


def raw_rows(
    feature_set: FeatureSet, tables: TableReader, start: datetime | None, end: datetime | None
) -> pl.LazyFrame:
    """Return a set's raw rows: its table, or its query over the tables it depends on, range bound.

    Of a chained set they are its left rows.

    Raises:
        UnknownNameError: a table or a bound name that does not exist.
        SchemaError: a cumulative table without the column of its partitions.
        DefinitionError: a query that does not run.
    """
    source = feature_set.source
    if isinstance(source, CalendarSource):
        return pl.LazyFrame()
    if isinstance(source, ChainedSource):
        return raw_rows(chain_of(feature_set).left, tables, start, end)
    if isinstance(source, EntitySource) or source.query is None:
        table = tables.scan(source.table)
        return _newest_partition(table, feature_set) if isinstance(source, EventSource) else table
    where = repr(feature_set.name)
    sql = bound_query(source, where, start, end)
    if source.type == "hive" and isinstance(tables, SqlReader):
        return tables.query(sql, source.dependencies, where)
    return run_query(sql, {name: tables.scan(name) for name in source.dependencies}, where).lazy()


def _newest_partition(table: pl.LazyFrame, feature_set: FeatureSet) -> pl.LazyFrame:
    """Of a cumulative table, the partition that holds all events up to it; of another, the table."""
    source = feature_set.source
    column = source.cumulative if isinstance(source, EventSource) else None
    if column is None:
        return table
    seen = table.collect_schema().names()
    if column not in seen:
        raise SchemaError.columns(f"the source of {feature_set.name!r}", seen=seen, expected=[column])
    newest = table.select(pl.col(column).max()).collect().item()
    return table.filter(pl.lit(False) if newest is None else pl.col(column) == newest)


def days_of(start: datetime, end: datetime) -> list[date]:
    """Return the UTC days that [start, end) touches."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def midnight(day: date) -> datetime:
    """Return a day's first instant in UTC."""
    return datetime.combine(day, time.min, tzinfo=UTC)
