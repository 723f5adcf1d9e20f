"""Checked events become the cleaned rows of a definition, whatever other events they come with.

A column that only `select` or `where` reads has no declared type: it is what its values are. Events are therefore
cleaned together only where such values are alike, so that an event which was taken once is taken in any company,
above all when the log is read again in other batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import BigheadError, RequestError
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, clean
from bighead.pipeline_lib.point_in_time.clean_mutations import cleaned_mutations
from bighead.resources.online_rows import EPOCH, MICROSECOND, conform
from bighead.resources.stream_events import Feed
from bighead.resources.stream_records import Event

_SMALL = 1 << 63
# What a column that is null throughout may have been; the first with which the definition can do its work.
_OF_NULLS = (None, pl.String(), pl.Float64(), pl.Boolean())


def clean_events(feed: Feed, events: Sequence[Event]) -> pl.DataFrame:
    """Return the cleaned rows of checked events for one definition, in its uploaded types and any order.

    Of a set of rows that change, these are the cleaned mutations, one for each event and in their order.

    Raises:
        RequestError: 400, the definition cannot take them.
    """
    if feed.source.retracts:
        return _clean_changes(feed, events)
    frames = [_clean_alike(feed, [events[n] for n in group]) for group in _alike(feed, events)]
    if len(frames) == 1:
        return frames[0]
    rows = pl.concat([feed.schema.to_frame(), *frames])
    twice = rows.filter(pl.col(EVENT_ID).is_duplicated())
    if twice.height:
        raise RequestError(
            f"the event id {twice[EVENT_ID][0]!r} names different events ({twice.height} rows).",
            code="wrong_event",
            cure="Ids tell events apart; only unchanged copies may share one.",
        )
    return rows


def _clean_changes(feed: Feed, events: Sequence[Event]) -> pl.DataFrame:
    groups = _alike(feed, events)
    frames = [_clean_alike(feed, [events[n] for n in group]) for group in groups]
    if len(frames) == 1:
        return frames[0]
    places = pl.Series([n for group in groups for n in group], dtype=pl.UInt32)
    return pl.concat([feed.schema.to_frame(), *frames])[places.arg_sort()]


def _alike(feed: Feed, events: Sequence[Event]) -> list[list[int]]:
    """Group the places of events whose values can stand in one column."""
    columns = [name for name, dtype in feed.reads.items() if dtype is None and name not in feed.times]
    if not columns:
        return [list(range(len(events)))]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, event in enumerate(events):
        groups.setdefault(tuple(_kind(event[name]) for name in columns), []).append(number)
    return list(groups.values())


def _clean_alike(feed: Feed, events: Sequence[Event]) -> pl.DataFrame:
    for attempt, fallback in enumerate(_OF_NULLS):
        try:
            return _clean(feed, events, fallback)
        except RequestError:
            if attempt == len(_OF_NULLS) - 1 or not _is_null_somewhere(feed, events[0]):
                raise
    raise AssertionError("the last attempt returns or raises")


def _is_null_somewhere(feed: Feed, event: Event) -> bool:
    return any(dtype is None and event[name] is None for name, dtype in feed.reads.items())


def _clean(feed: Feed, events: Sequence[Event], of_nulls: pl.DataType | None) -> pl.DataFrame:
    try:
        series = [
            _times(feed, name, [e[name] for e in events])
            if name in feed.times
            else _series(name, [e[name] for e in events], dtype, of_nulls)
            for name, dtype in feed.reads.items()
        ]
        where = f"the stream {feed.source.stream!r}"
        if feed.source.retracts:
            rows = cleaned_mutations(pl.LazyFrame(series), feed.feature_set, feed.source, where)
        else:
            rows = clean(pl.DataFrame(series), feed.feature_set)
        return conform(rows, feed.schema, where)
    except BigheadError as error:
        raise RequestError(error.message, code="wrong_event", cure=error.cure) from error
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        raise RequestError(
            f"the events do not fit {feed.feature_set.name!r}: {str(error).splitlines()[0][:200]}.",
            code="wrong_event",
            cure="Send values of the types of the source's table.",
        ) from error


def _times(feed: Feed, name: str, values: list[Any]) -> pl.Series:
    if any(value is not None for value in values):
        return _instants(name, values)
    # What is taken back need not say when it happened.
    return pl.Series(name, values, dtype=pl.Datetime("us", None if feed.source.timezone else "UTC"))


def _series(
    name: str, values: list[Any], dtype: pl.DataType | None, of_nulls: pl.DataType | None
) -> pl.Series:
    if dtype is not None:
        return pl.Series(name, values, dtype=dtype, strict=not dtype.is_float())
    if values and values[0] is None:
        return pl.Series(name, values, dtype=of_nulls or pl.Null())
    if values and isinstance(values[0], datetime):
        return _instants(name, values)
    return pl.Series(name, values)


def _instants(name: str, values: list[Any]) -> pl.Series:
    """Instants by their numbers of µs, which a series is made of ten times as fast as of objects."""
    zone = None if next(each for each in values if each is not None).tzinfo is None else "UTC"
    start = EPOCH if zone else EPOCH.replace(tzinfo=None)
    found = [None if each is None else (each - start) // MICROSECOND for each in values]
    return pl.Series(name, found, dtype=pl.Int64).cast(pl.Datetime("us", zone))


def _kind(value: Any) -> Any:
    if type(value) is int:
        return int if -_SMALL <= value < _SMALL else "large int"
    if type(value) is list:
        return (list, *dict.fromkeys(_kind(each) for each in value))
    if type(value) is dict:
        return (dict, *((name, _kind(each)) for name, each in value.items()))
    return type(value)
