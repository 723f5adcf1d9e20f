"""Profiles of the partitions that have none of their present rows: called after each commit of a backfill.

A run that was killed between a commit and its profiles leaves older profiles, known by their stamps; the next run
that is asked for these days makes them, whether or not it computes the days again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import polars as pl

from bighead.pipeline_lib.features.batch_grain import Grain, grain_of_key
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.profiles.each import profile_each
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.pipeline_lib.profiles.store import ProfileStore, StampedStore

ROWS_AT_ONCE = 1_000_000
_PLACE = "__place"
_DAY = len("2024-01-05")


def profile_days(
    feature_set: FeatureSet, days: Sequence[date], store: StampedStore, profiles: ProfileStore
) -> list[date]:
    """Profile those of `days` that are stored and whose profile lacks or is of other rows; return them.

    Where the grain has changed, the profiles of partitions that are no more are dropped: a day's, whose hours are all
    profiled then, or its hours', where a day took their place.
    """
    if isinstance(feature_set.source, CalendarSource):
        return []
    name, grain = feature_set.name, feature_set.grain
    # Taken before the rows are read: a day that is replaced meanwhile keeps a stamp that no longer fits.
    now = store.stamps("features", name)
    known, asked = profiles.stamps("features", name), {grain.key(day) for day in days}
    touched = {key[:_DAY] for key in asked}
    gone = [key for key in known if key[:_DAY] in touched and key not in now]
    asked |= {key for key in now if key[:_DAY] in gone and grain_of_key(key) is grain}
    lacking = _lacking(now, known, sorted(asked))
    hours = grain.length // timedelta(hours=1)
    todo = [grain.parse(key) for key in lacking]
    rows = {day: each.rows for day, each in store.stored_days(name, grain).items()} if todo else {}
    for chunk in _chunks(todo, rows, grain):
        start, end = grain.start(chunk[0]), grain.end(chunk[-1])
        frame = store.scan(name, start, end).collect()
        after = grain.of(pl.col("event_time")) - pl.lit(grain.series(chunk[:1]))
        frame = frame.with_columns((after.dt.total_hours() // hours).alias(_PLACE)).sort(
            _PLACE, maintain_order=True
        )
        places = frame[_PLACE].to_numpy()
        for day, profile in zip(chunk, profile_each(frame.drop(_PLACE), places, len(chunk)), strict=True):
            profiles.write("features", name, grain.key(day), now[grain.key(day)], profile)
    profiles.forget("features", name, gone)
    return todo


def profile_partitions(
    kind: str, name: str, keys: Sequence[str], store: StampedStore, profiles: ProfileStore
) -> list[str]:
    """As `profile_days`, of the partitions of a training set or of scores."""
    now = store.stamps(kind, name)
    lacking = _lacking(now, profiles.stamps(kind, name), sorted(set(keys)))
    for key in lacking:
        profiles.write(kind, name, key, now[key], Profile.of(store.read_partition(kind, name, key)))
    return lacking


def _lacking(now: dict[str, str], known: dict[str, str], keys: Sequence[str]) -> list[str]:
    return [key for key in keys if key in now and known.get(key) != now[key]]


def _chunks(days: list[date], rows: dict[date, int], grain: Grain) -> Iterator[list[date]]:
    """Group partitions that follow one another, of so many rows that memory holds them."""
    chunk: list[date] = []
    held = 0
    for day in days:
        gap = bool(chunk) and day - chunk[-1] > grain.length
        if chunk and (gap or held + rows.get(day, 0) > ROWS_AT_ONCE):
            yield chunk
            chunk, held = [], 0
        chunk.append(day)
        held += rows.get(day, 0)
    if chunk:
        yield chunk
