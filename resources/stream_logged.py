"""Events that a log has, cleaned for a definition that may have been made after they were taken."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import structlog

from bighead.pipeline_lib.errors import RequestError
from bighead.resources.halving import by_halves
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

    def work(some: Sequence[tuple[int, Event]]) -> pl.DataFrame:
        return clean_events(feed, check_events({"": feed}, [event for _, event in some]))

    def refuse(one: tuple[int, Event], error: BaseException) -> None:
        refused.append((one[0], error.message if isinstance(error, RequestError) else str(error)))

    parts = by_halves(placed, work, refuse, (RequestError,))
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
    return pl.concat([feed.schema.to_frame(), *parts])
