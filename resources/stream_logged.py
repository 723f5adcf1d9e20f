"""Events that a log has, cleaned for a definition that may have been made after they were taken."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import structlog

from bighead.pipeline_lib.errors import RequestError
from bighead.resources.stream_cleaning import clean_events
from bighead.resources.stream_events import Feed, check_events
from bighead.resources.stream_records import Event

_log = structlog.get_logger()


def clean_logged(feed: Feed, placed: Sequence[tuple[int, Event]]) -> pl.DataFrame:
    """Return the cleaned rows of events by their positions, no id twice; those that the set cannot take are left out.

    They were taken when the stream fed other sets, or this one was another: the log keeps them, other sets have them,
    and a line of the program's log tells how many there are, with the first one's position and reason.
    """
    refused: list[tuple[int, str]] = []
    rows = _clean(feed, placed, refused)
    if refused:
        position, reason = refused[0]
        _log.warning(
            "logged_events_left_out",
            feature_set=feed.feature_set.name,
            events=len(refused),
            first_position=position,
            reason=reason,
            cure="Where they should count, let the set's select and where take them, and upload it again.",
        )
    return rows


def _clean(feed: Feed, placed: Sequence[tuple[int, Event]], refused: list[tuple[int, str]]) -> pl.DataFrame:
    try:
        return clean_events(feed, check_events({"": feed}, [event for _, event in placed]))
    except RequestError as error:
        if len(placed) < 2:
            refused.append((placed[0][0], error.message))
            return feed.schema.to_frame()
    # Few are wrong mostly: halves are cleaned whole until these are found.
    half = len(placed) // 2
    return pl.concat([_clean(feed, placed[:half], refused), _clean(feed, placed[half:], refused)])
