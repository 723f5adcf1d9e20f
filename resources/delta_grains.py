"""Days and hours in one table of features: a set that changes its grain keeps what is stored.

No two partitions of a table overlap. Hours written into a day that is stored whole cut it into hours; a day written
over hours takes their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY, Grain, grain_of_key
from bighead.pipeline_lib.features.row_definition import StoredDay
from bighead.resources.delta_records import DEFINITION, PARTITION, stored_partitions, written_at

_DAY = len("2024-01-05")
_OF = "__day"
_HOURS = int(DAILY.length / HOURLY.length)


def stored_in(path: Path, grain: Grain) -> dict[date, StoredDay]:
    """Return what is known of each partition of a grain: those of the other one are told as their parts or whole."""
    found = stored_partitions(path)
    own = {grain.parse(key): each for key, each in found.items() if grain_of_key(key) is grain}
    others = {key: each for key, each in found.items() if grain_of_key(key) is not grain}
    if not others:
        return own
    return own | (_as_days(others) if grain is DAILY else _as_hours(path, others))


def written_in(path: Path, grain: Grain) -> dict[date, datetime]:
    """Return when each partition of a grain was written: an hour with its day, a day with the last of its hours."""
    found: dict[date, datetime] = {}
    for key, moment in written_at(path).items():
        day = DAILY.parse(key[:_DAY])
        own = [grain.parse(key)] if grain_of_key(key) is grain else [day] if grain is DAILY else _hours(key)
        for part in own:
            found[part] = max(moment, found.get(part, moment))
    return found


def _as_hours(path: Path, days: Mapping[str, StoredDay]) -> dict[date, StoredDay]:
    hour = HOURLY.of(pl.col("event_time")).alias("hour")
    rows = pl.scan_delta(str(path)).filter(pl.col(PARTITION).is_in(list(days)))
    counts = dict(rows.group_by(hour).len().collect().iter_rows())
    found: dict[date, StoredDay] = {}
    for key, each in days.items():
        for part in _hours(key):
            found[part] = StoredDay(counts.get(part, 0), each.definition, each.columns)
    return found


def _as_days(hours: Mapping[str, StoredDay]) -> dict[date, StoredDay]:
    parts: dict[str, list[StoredDay]] = {}
    for key, each in hours.items():
        parts.setdefault(key[:_DAY], []).append(each)
    return {
        DAILY.parse(key): StoredDay(sum(each.rows for each in day), day[0].definition, day[0].columns)
        for key, day in parts.items()
        if len(day) == _HOURS and len({(each.definition, each.columns) for each in day}) == 1
    }


def with_cut(table: DeltaTable, rows: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return what a commit of these partitions writes, and the keys of all that it replaces.

    Over a day that is stored whole these are its other hours, too, as they are.
    """
    wanted, grain = {key[:_DAY] for key in keys}, grain_of_key(keys[0])
    stored = {str(each[PARTITION]) for each in table.partitions()}
    crossed = sorted(key for key in stored if key[:_DAY] in wanted and grain_of_key(key) is not grain)
    if not crossed or grain is DAILY:
        return rows, [*keys, *crossed]
    held = pl.scan_delta(table).filter(pl.col(PARTITION).is_in(crossed)).collect()
    kept = _as_hour_rows(held, set(keys))
    replaced = [*keys, *crossed, *(HOURLY.key(each) for key in crossed for each in _hours(key))]
    return pl.concat([rows, kept], how="diagonal_relaxed"), sorted(set(replaced))


def _as_hour_rows(held: pl.DataFrame, written: set[str]) -> pl.DataFrame:
    """Return the rows of whole days by hours, without the hours that are `written`; one of nulls for an empty hour."""
    hours = [
        {_OF: key, PARTITION: hour}
        for key in held[PARTITION].unique()
        for hour in map(HOURLY.key, _hours(key))
        if hour not in written
    ]
    if not hours:
        return held.clear()
    by_hour = held.with_columns(
        pl.col(PARTITION).alias(_OF), HOURLY.key_of(pl.col("event_time")).alias(PARTITION)
    )
    said = [name for name in (DEFINITION,) if name in held.columns]
    days = by_hour.select(_OF, *said).unique(subset=_OF)
    wanted = pl.DataFrame(hours, schema={_OF: pl.String, PARTITION: pl.String}).join(days, on=_OF)
    rows = by_hour.drop(said).drop_nulls(PARTITION)
    return wanted.join(rows, on=[_OF, PARTITION], how="left").select(held.columns)


def _hours(key: str) -> list[date]:
    day = DAILY.parse(key)
    return HOURLY.between(DAILY.start(day), DAILY.end(day))
