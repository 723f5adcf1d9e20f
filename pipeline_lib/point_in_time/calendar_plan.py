"""Facts of the calendar for one instant, without a table: equal to those of `answers_at`.

1. Clocks of a zone are moved at few instants, so a UTC hour nearly always has one offset: it is asked of the same zone
   database as in a table, at both ends of the hour, and remembered.
2. The fields follow from the instant, shift and offset by whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource

_HOUR, _DAY = 3_600_000_000, 86_400_000_000
_MINUTE = 60_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_HOURS_KEPT = 1_024
_INSTANT = pl.Datetime("us", "UTC")


def _day(local: int) -> date:
    return date.fromordinal(local // _DAY + _EPOCH_DAY)


_FIELDS: dict[str, Callable[[int], int]] = {
    "hour": lambda local: local % _DAY // _HOUR,
    "weekday": lambda local: _day(local).isoweekday(),
    "month": lambda local: _day(local).month,
    "day_of_year": lambda local: _day(local).timetuple().tm_yday,
    "minute_of_day": lambda local: local % _DAY // _MINUTE,
}


class CalendarPlan:
    """What a use of a calendar asks of an instant.

    >>> from bighead.pipeline_lib.features import FeatureSet
    >>> now = FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("Asia/Kolkata", fields=["hour"]))
    >>> CalendarPlan(now.on(), now.source).values(0)
    {'now_hour': 5}
    """

    def __init__(self, ref: FeatureRef, source: CalendarSource) -> None:
        self._zone, self._shift = source.timezone, source.shift_us
        self._fields = [(ref.output(feature), _FIELDS[feature.column]) for feature in ref.features]
        self._offsets: dict[int, int | None] = {}

    def values(self, at: int) -> dict[str, int] | None:
        """Return the fields at an instant (UTC µs); None where clocks are moved within its hour, or beyond years."""
        moment = at + self._shift
        hour = moment // _HOUR
        if hour not in self._offsets:
            # A new dict, so that other threads never see one that is being changed.
            kept = self._offsets if len(self._offsets) < _HOURS_KEPT else {}
            self._offsets = {**kept, hour: _offset(hour, self._zone)}
        offset = self._offsets[hour]
        if offset is None:
            return None
        return {name: field(moment + offset) for name, field in self._fields}


def _offset(hour: int, zone: str) -> int | None:
    """Return how far (µs) clocks are ahead of UTC throughout an hour since 1970; None if they are not by one offset."""
    ends = pl.Series([hour * _HOUR, (hour + 1) * _HOUR - 1], dtype=pl.Int64)
    try:
        [_day(end + sign * _DAY) for end in ends for sign in (-1, 1)]
    except (ValueError, OverflowError):
        return None
    local = ends.cast(_INSTANT).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    first, last = (local.cast(pl.Int64) - ends).to_list()
    return int(first) if first == last else None
