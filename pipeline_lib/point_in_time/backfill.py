"""Step 2 of 9, backfill: cleaned rows of past days go into the offline store, a partition a UTC day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.reading import SourceRows, midnight
from bighead.pipeline_lib.ports import FeatureStore, TableReader


def backfill(
    feature_set: FeatureSet, days: Sequence[date], tables: TableReader, store: FeatureStore
) -> dict[date, int]:
    """Write the cleaned rows of `days` to the store in one commit, and return how many each day has.

    A day written before is replaced; a killed run leaves the days as they were. A calendar has no rows.

    Raises:
        DataError, SchemaError, EventTimeError: the source's rows cannot be what the definition says.
        ConflictError: others kept committing first.
    """
    wanted = sorted(set(days))
    counts = dict.fromkeys(wanted, 0)
    if not wanted or isinstance(feature_set.source, CalendarSource):
        return counts
    reader = SourceRows(tables)
    spans = []
    for first, last in _runs(wanted):
        start, end = midnight(first), midnight(last + timedelta(days=1))
        # Of an entity source the reader also gives older snapshots; they have days of their own.
        spans.append(
            reader.rows(feature_set, start, end).filter((pl.col(TIME) >= start) & (pl.col(TIME) < end))
        )
    rows = pl.concat(spans)
    for day, count in rows.group_by(pl.col(TIME).dt.date()).len().iter_rows():
        counts[day] = count
    store.write_days(feature_set.name, wanted, rows)
    return counts


def _runs(days: list[date]) -> list[tuple[date, date]]:
    """Return the runs of days that follow one another, as (first, last)."""
    breaks = [n for n, (one, other) in enumerate(pairwise(days), 1) if other - one > timedelta(days=1)]
    edges = [0, *breaks, len(days)]
    return [(days[start], days[end - 1]) for start, end in pairwise(edges)]
