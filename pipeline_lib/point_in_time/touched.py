"""Which stored days or hours are touched: by mutations, by sets below, and where asked for by rows that came late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from bighead.pipeline_lib.features.batch_grain import DAILY, Grain
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import cleaned_columns
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.point_in_time.chained import StoredUpstream, cleaned_near, days_behind
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME, UNTIL, clean
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.memory import Memory
from bighead.pipeline_lib.point_in_time.spans import chunks
from bighead.pipeline_lib.point_in_time.versions import canonical
from bighead.pipeline_lib.point_in_time.watermark import mutated_since
from bighead.pipeline_lib.ports import FeatureStore, TableReader

_ROW = "__row"


def days_that_differ(before: pl.DataFrame, after: pl.DataFrame, grain: Grain = DAILY) -> list[date]:
    """Return the UTC days (or hours) of the cleaned rows that only one of both has, sorted.

    >>> from datetime import UTC, datetime
    >>> row = {"event_time": datetime(2013, 1, 1, tzinfo=UTC), "available_at": datetime(2013, 1, 2, tzinfo=UTC)}
    >>> rows = pl.DataFrame([row | {"available_to": None}], schema_overrides={"available_to": pl.Datetime("us", "UTC")})
    >>> days_that_differ(rows, rows.with_columns(pl.col("available_at").alias("available_to")))
    [datetime.date(2013, 1, 1)]
    """
    times = [name for name in (TIME, KNOWN, UNTIL) if name in before.columns]
    sides = [_told(before, times), _told(after, times)]
    found: set[date] = set()
    for one, other in (sides, sides[::-1]):
        only = one.join(other, on=[*times, _ROW], how="anti", nulls_equal=True)
        found.update(only.select(grain.of(pl.col(TIME)))[TIME])
    return sorted(found)


def _told(rows: pl.DataFrame, times: Sequence[str]) -> pl.DataFrame:
    others = [name for name in rows.columns if name not in times]
    return rows.select(*times, canonical(others, rows.schema).alias(_ROW))


def days_touched(feature_set: FeatureSet, mutations: pl.DataFrame, batch: pl.DataFrame) -> list[date]:
    """Return the days that a new `batch` of mutations touches: of the old versions and of the new ones, sorted.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean`.
    """
    after = pl.concat([mutations, batch], how="vertical_relaxed")
    return days_that_differ(clean(mutations, feature_set), clean(after, feature_set), feature_set.grain)


def touched_days(
    feature_set: FeatureSet,
    days: Sequence[date],
    tables: TableReader,
    store: FeatureStore,
    rows_at_once: int = 1_000_000,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
    *,
    late: bool = False,
) -> list[date]:
    """Return those of the stored `days` whose rows have changed since, sorted: by mutations, or with other sets.

    Of rows that change the source is read, and compared with what is stored of it, about `rows_at_once` raw rows at a
    time: of those days only whose rows were mutated since the last backfill, where that is known. A day of a chained
    set is touched where a day of a set that it is built on, in reach of its windows, was written later than it.
    `memory` and `engine` are for its joins, as in `backfill`.
    With `late` every source is read and compared: a row that came, went or changed after its day was stored touches it.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean`.
    """
    if not days:
        return []
    found, grain = set(days_behind(feature_set, days, store)), feature_set.grain
    if isinstance(feature_set.source, CalendarSource) or not (late or feature_set.source.retracts):
        return sorted(found)
    upstream = StoredUpstream(store)
    asked, mutated = days, None if late else mutated_since(feature_set, tables, store)
    if mutated is not None:
        days = sorted(set(days) & set(mutated.to_frame().select(grain.of(pl.first())).to_series()))
    spans = [
        each
        for chunk in chunks(feature_set, sorted(days), tables, rows_at_once)
        for each in grain.runs(chunk)
    ]
    for first, last in spans:
        start, end = grain.start(first), grain.end(last)
        if upstream.lacks(feature_set, start, end):
            # Their days come first, and this one's after them.
            continue
        now = cleaned_near(feature_set, tables, upstream, start, end, memory, engine)
        held = store.scan(feature_set.name, start, end).select(cleaned_columns(feature_set)).collect()
        found.update(days_that_differ(held, now, grain))
    return sorted(found & set(asked))
