"""Where rows come from: events with times, perhaps with other sets' features, facts of entities, or the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features.chained_source import ChainedSource
from bighead.pipeline_lib.features.entity_source import EntitySource
from bighead.pipeline_lib.features.event_source import TYPES, EventSource
from bighead.pipeline_lib.features.naming import check_columns
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.features.zone import check_zone

__all__ = [
    "CALENDAR_FIELDS",
    "TYPES",
    "CalendarSource",
    "ChainedSource",
    "EntitySource",
    "EventSource",
    "Events",
    "Source",
]
CALENDAR_FIELDS = ("hour", "weekday", "month", "day_of_year", "minute_of_day")


@dataclass(frozen=True)
class CalendarSource:
    """Facts of the instant t + `shift` on the clocks of `timezone`; a function of time alone.

    `hour` 0–23, `weekday` 1 (Monday)–7, `month` 1–12, `day_of_year` 1–366, `minute_of_day` 0–1439.

    Raises:
        DefinitionError: an unknown zone or field.
    """

    timezone: str
    shift: str = "0s"
    fields: Sequence[str] = CALENDAR_FIELDS

    def __post_init__(self) -> None:
        check_zone(self.timezone)
        object.__setattr__(self, "fields", check_columns("fields", self.fields))
        for name in self.fields:
            if name not in CALENDAR_FIELDS:
                raise UnknownNameError("calendar field", name, CALENDAR_FIELDS)
        duration(self.shift)

    @property
    def shift_us(self) -> int:
        """Microseconds added to t before the calendar is read."""
        return duration(self.shift)

    @property
    def tables(self) -> tuple[str, ...]:
        """No table is read."""
        return ()

    @property
    def retracts(self) -> bool:
        """Time is not taken back."""
        return False


Events = EventSource | ChainedSource
"""Sources of rows that happened at a time, which aggregations aggregate."""
Source = EventSource | ChainedSource | EntitySource | CalendarSource
