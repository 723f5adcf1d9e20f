"""Where cleaned rows come from: the source tables themselves, or the days that were backfilled from them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource, EntitySource, EventSource
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.point_in_time.clean import clean
from bighead.pipeline_lib.ports import FeatureStore, TableReader

_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_BOUND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class RowReader(Protocol):
    """Cleaned rows of a feature set."""

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Return the cleaned rows with start ≤ event_time < end; None is the beginning of time.

        Of an entity source also the older ones: the newest snapshot at `start` may be among them.
        """
        ...


class SourceRows:
    """Cleaned rows straight from the source tables."""

    def __init__(self, tables: TableReader) -> None:
        self.tables = tables

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Read and clean the source.

        Raises:
            DefinitionError: a query that does not run; else as `clean`.
        """
        start = None if isinstance(feature_set.source, EntitySource) else start
        return clean(raw_rows(feature_set, self.tables, start, end), feature_set, start, end)


class StoreRows:
    """Cleaned rows from the offline store's days."""

    def __init__(self, store: FeatureStore) -> None:
        self.store = store

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Read what was backfilled; `lacking` says whether that is everything.

        Raises:
            UnknownNameError: nothing of the set was ever backfilled.
        """
        if isinstance(feature_set.source, CalendarSource):
            return clean(pl.LazyFrame(), feature_set)
        start = None if isinstance(feature_set.source, EntitySource) else start
        return self.store.scan(feature_set.name, start or _FIRST, end).collect()

    def lacking(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> list[date]:
        """Return the days in [start, end) that hold rows in principle and were not backfilled.

        Days before the source's `start_date` hold none. An unbounded window over a source without one can
        never be known to be whole, so it always lacks a day. Of an entity source, one day at or before the
        first question is enough to begin with.
        """
        source = feature_set.source
        if isinstance(source, CalendarSource):
            return []
        written = self.store.days(feature_set.name)
        last = (end - timedelta(microseconds=1)).date()
        first = start.date() if start else date.min
        if isinstance(source, EventSource) and source.start_date:
            first = max(date.fromisoformat(source.start_date), first)
        if isinstance(source, EntitySource):
            # Without a first question all that was ever written counts, and must have no gap.
            first = max((day for day in written if day <= first), default=first)
            first = min(written, default=first) if start is None else first
        if first == date.min:
            return [first]
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if day not in written]


def raw_rows(
    feature_set: FeatureSet, tables: TableReader, start: datetime | None, end: datetime | None
) -> pl.LazyFrame:
    """Return a set's raw rows: its table, or its query over the tables it depends on, range bound.

    Raises:
        UnknownNameError: a table or a bound name that does not exist.
        DefinitionError: a query that polars' SQL cannot run.
    """
    source = feature_set.source
    if isinstance(source, CalendarSource):
        return pl.LazyFrame()
    if isinstance(source, EntitySource) or source.query is None:
        return tables.scan(source.table)
    late = timedelta(microseconds=duration(source.lateness))
    first = source.start_date or "0001-01-01"
    bound = {
        "start_date": max(first, start.date().isoformat()) if start else first,
        "end_date": (min(end, _LAST - late) + late if end else _LAST).date().isoformat(),
    }
    unknown = [name for name in _BOUND.findall(source.query) if name not in bound]
    if unknown:
        raise DefinitionError(
            f"the query of {feature_set.name!r} binds {unknown[0]!r}.",
            cure="There are start_date and end_date.",
        )
    query = _BOUND.sub(lambda match: bound[match.group(1)], source.query)
    context = pl.SQLContext({name: tables.scan(name) for name in source.dependencies})
    try:
        frame = context.execute(query, eager=False)
        frame.collect_schema()
        return frame
    except PolarsError as error:
        raise DefinitionError(
            f"the query of {feature_set.name!r} does not run: {error}.",
            cure="It is polars' SQL over the tables in dependencies.",
        ) from error


def days_of(start: datetime, end: datetime) -> list[date]:
    """Return the UTC days that [start, end) touches."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def midnight(day: date) -> datetime:
    """Return a day's first instant in UTC."""
    return datetime.combine(day, time.min, tzinfo=UTC)
