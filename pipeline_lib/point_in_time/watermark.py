"""Up to where a source's mutations are in the stored days, so that a run reads what was mutated since, and not all.

1. After a run the time of the newest mutation is noted, and how many mutations are older than `lateness` before it.
2. The next run counts the older ones again. There are as many: all that is new is newer, and only rows of which a new
   mutation tells can have changed. There are more, or fewer: mutations came later than `lateness`, or went; then every
   stored day is compared with the source, as it is the first time.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.features.source import EntitySource, EventSource
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.point_in_time.reading import raw_rows
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, TIME
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS, utc
from bighead.pipeline_lib.ports import FeatureStore, TableReader

_log = logging.getLogger(__name__)
NOTE = "mutations"
_AT = "__mutated"
# Of facts, whose source declares none.
_LATENESS = "2d"
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Watermark:
    """`seen`: the newest mutation (UTC µs); `settled`: how many are older than lateness before it; by a definition."""

    definition: str
    seen: int
    settled: int


def watermark(feature_set: FeatureSet, tables: TableReader) -> Watermark | None:
    """Return where a source's mutations stand now, reading nothing but their times; None where only all tells.

    Raises:
        SchemaError, EventTimeError: the column holds no times.
    """
    rows = _mutations(feature_set, tables)
    if rows is None:
        return None
    newest = rows.select(pl.col(_AT).max().dt.epoch("us")).collect().item()
    if newest is None:
        return None
    definition = row_definition(feature_set).hash
    return Watermark(definition, newest, _older(rows, newest - _lateness(feature_set)))


def note_watermark(feature_set: FeatureSet, mark: Watermark | None, store: FeatureStore) -> None:
    """Remember that every stored day holds the mutations up to a watermark."""
    if mark is not None:
        store.note(feature_set.name, NOTE, asdict(mark))


def mutated_since(feature_set: FeatureSet, tables: TableReader, store: FeatureStore) -> pl.Series | None:
    """Return the event times, old and new, of rows that were mutated since the last run; None where any may have been.

    Raises:
        SchemaError, EventTimeError: the column of mutations holds no times.
    """
    mark = _noted(feature_set, store)
    rows = _mutations(feature_set, tables) if mark is not None else None
    if mark is None or rows is None:
        return None
    cut = mark.seen - _lateness(feature_set)
    late = _older(rows, cut) - mark.settled
    if late:
        _log.warning(
            "%s: %d mutations %s since the last run, beyond its lateness; all stored days are compared",
            *(feature_set.name, abs(late), "arrived late" if late > 0 else "went"),
        )
        return None
    _, names = _names(feature_set)
    recent = pl.col(_AT).is_null() | (pl.col(_AT).dt.epoch("us") >= cut)
    ids = rows.filter(recent).select(names).unique().collect()
    kept = store.scan(feature_set.name, _FIRST, _LAST).select(*names, TIME)
    if any(kept.collect_schema()[name] != ids.schema[name] for name in names):
        return None
    before = kept.join(ids.lazy(), on=names, how="semi", nulls_equal=True).select(TIME)
    told = rows.join(ids.lazy(), on=names, how="semi", nulls_equal=True).select(TIME)
    return pl.concat([before, told]).unique().drop_nulls().collect().to_series()


def _noted(feature_set: FeatureSet, store: FeatureStore) -> Watermark | None:
    told: dict[str, Any] = store.noted(feature_set.name, NOTE)
    mark = Watermark(**told) if set(told) == {"definition", "seen", "settled"} else None
    return mark if mark is not None and mark.definition == row_definition(feature_set).hash else None


def _mutations(feature_set: FeatureSet, tables: TableReader) -> pl.LazyFrame | None:
    """Return raw rows with `__mutated` and event_time as instants; None where these, or ids, are derived."""
    source = feature_set.source
    if not isinstance(source, EventSource | EntitySource) or source.mutations is None:
        return None
    rows, where = raw_rows(feature_set, tables, None, None), f"the source of {feature_set.name!r}"
    time = source.event_time if isinstance(source, EventSource) else source.mutations.time
    schema, (names, stored) = rows.collect_schema(), _names(feature_set)
    needed = [source.mutations.time, time, *names]
    if any(name in (source.select or {}) or name not in schema for name in needed):
        return None
    instants = [
        utc(name, schema[name], where, source.timezone, source.fold).cast(UTC_MICROSECONDS).alias(alias)
        for name, alias in ((source.mutations.time, _AT), (time, TIME))
    ]
    ids = [pl.col(name).alias(alias) for name, alias in zip(names, stored, strict=True)]
    return rows.select(*ids, *instants)


def _names(feature_set: FeatureSet) -> tuple[list[str], list[str]]:
    """Return what names a row: the columns of the source, and what stored rows call them."""
    source = feature_set.source
    if isinstance(source, EventSource) and source.event_id is not None:
        return [source.event_id], [EVENT_ID]
    return list(feature_set.keys), list(feature_set.keys)


def _older(rows: pl.LazyFrame, cut: int) -> int:
    return int(rows.select((pl.col(_AT).dt.epoch("us") < cut).sum()).collect().item())


def _lateness(feature_set: FeatureSet) -> int:
    source = feature_set.source
    declared = source.lateness if isinstance(source, EventSource) else _LATENESS
    return duration(declared)
