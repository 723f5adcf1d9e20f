"""BusinessDays: how many working days lie between two times of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.is_holiday import check_days
from bighead.pipeline_lib.transforms.dates.parts import local
from bighead.pipeline_lib.transforms.dates.time_between import two_columns


@dataclass(eq=False)
class BusinessDays(ExpressedTransformer):
    """Answer how many days from Monday to Friday lie from the first of two times up to the day of the second.

    The first day counts, the last does not; negative where the second is earlier, and then it is the last that counts.
    The reference is numpy.busday_count.

    Args:
        name: Of the new column.
        holidays: Days in ISO that are not worked on.
        zone: The zone whose days are meant.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"a": [datetime(2013, 1, 4)], "b": [datetime(2013, 1, 8)]})
    >>> BusinessDays().transform(times.cast(pl.Datetime("us", "UTC"))).to_dicts()
    [{'business_days': 2}]

    Raises:
        DefinitionError: a holiday that is no day; a zone that there is not.
        DataError: other than two columns.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    name: str = "business_days"
    holidays: Sequence[str] = ()
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)
        check_days("holidays", self.holidays)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Count the working days before each day since a Monday, and subtract."""
        two_columns(type(self).__name__, inputs)
        first, second = (f"CAST({local(name, self.zone)} AS DATE)" for name in inputs)
        # Going back, the day itself counts and the earlier one does not: both ends move by a day.
        forth = self._before(second) + " - " + self._before(first)
        back = self._through(second) + " - " + self._through(first)
        return {self.name: f"CASE WHEN {second} >= {first} THEN {forth} ELSE {back} END"}

    def _before(self, day: str) -> str:
        """Working days from Monday, 5 January 1970, up to a day and without it; negative before."""
        since = f"date_diff('day', DATE '1970-01-05', {day})"
        weeks = f"(({since}) // 7) * 5 + least(({since}) % 7, 5)"
        return f"({weeks}{self._holidays(day, '<')})"

    def _through(self, day: str) -> str:
        """The same with the day itself."""
        since = f"(date_diff('day', DATE '1970-01-05', {day}) + 1)"
        weeks = f"({since} // 7) * 5 + least({since} % 7, 5)"
        return f"({weeks}{self._holidays(day, '<=')})"

    def _holidays(self, day: str, order: str) -> str:
        worked = sorted({each for each in self.holidays if date.fromisoformat(each).isoweekday() < 6})
        return "".join(f" - CASE WHEN DATE '{each}' {order} {day} THEN 1 ELSE 0 END" for each in worked)
