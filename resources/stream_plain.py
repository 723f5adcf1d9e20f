"""Batches of events that need no reading, told column by column: a tenth of the cost of looking at each event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

# Nanoseconds since 1970 hold no more, and other programs count in them.
EARLIEST, LATEST = datetime(1678, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)


def are_plain(
    events: Sequence[Mapping[str, Any]], types: Mapping[str, frozenset[type]], times: Mapping[str, bool]
) -> bool:
    """Whether all events have all columns, with values that are taken as they are.

    Args:
        events: What was sent.
        types: For each column the types of such values.
        times: The columns of instants, and whether these have no zone.

    >>> are_plain([{"a": 1}, {"a": None}], {"a": frozenset({int, type(None)})}, {})
    True
    >>> are_plain([{"a": 1}, {}], {"a": frozenset({int})}, {})
    False
    """
    for name, taken in types.items():
        try:
            values = list(map(itemgetter(name), events))
        except (KeyError, TypeError):
            return False
        kinds = set(map(type, values))
        if name in times:
            if kinds != {datetime} or not _are_instants(values, naive=times[name]):
                return False
        elif not kinds <= taken:
            return False
    return True


def _are_instants(moments: list[datetime], naive: bool) -> bool:
    zones = {moment.tzinfo for moment in moments}
    if (zones != {None}) if naive else (None in zones):
        return False
    first, last = min(moments), max(moments)
    if naive:
        first, last = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    return first >= EARLIEST and last < LATEST


def aware(moment: datetime, zone: str | None = None) -> datetime:
    """Return a moment with its zone; where it has none that of `zone`, and of none UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
