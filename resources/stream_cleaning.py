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
from bighead.resources.online_rows import EPOCH, MICROSECOND, conform
from bighead.resources.stream_events import Feed
from bighead.resources.stream_records import Event

_SMALL = 1 << 63
# What a column that is null throughout may have been; the first with which the definition can do its work.
_OF_NULLS = (None, pl.String(), pl.Float64(), pl.Boolean())


def clean_events(feed: Feed, events: Sequence[Event]) -> pl.DataFrame:
    """Return the cleaned rows of checked events for one definition, in its uploaded types and any order.

    Raises:
        RequestError: 400, the definition cannot take them.
    """
    columns = [name for name, dtype in feed.reads.items() if dtype is None and name not in feed.times]
    groups: dict[tuple[Any, ...], Sequence[Event]] = {}
    if not columns:
        groups[()] = events
    for event in events if columns else ():
        groups.setdefault(tuple(_kind(event[name]) for name in columns), []).append(event)  # type: ignore[attr-defined]
    frames = [_clean_alike(feed, group) for group in groups.values()]
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
            _series(name, [e[name] for e in events], dtype, of_nulls) for name, dtype in feed.reads.items()
        ]
        rows = clean(pl.DataFrame(series), feed.feature_set)
        return conform(rows, feed.schema, f"the stream {feed.source.stream!r}")
    except BigheadError as error:
        raise RequestError(error.message, code="wrong_event", cure=error.cure) from error
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError) as error:
        raise RequestError(
            f"the events do not fit {feed.feature_set.name!r}: {str(error).splitlines()[0][:200]}.",
            code="wrong_event",
            cure="Send values of the types of the source's table.",
        ) from error


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
    zone = None if values[0].tzinfo is None else "UTC"
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
