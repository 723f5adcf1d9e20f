"""DateTrunc: the start of the hour, week or month of a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.parts import local

UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


@dataclass(eq=False)
class DateTrunc(ExpressedTransformer):
    """Answer when the unit of each time began on the clocks of a zone, as a local time; weeks begin on Monday.

    Missing stays missing. The reference is Polars' `dt.truncate`.

    Args:
        unit: second, minute, hour, day, week, month, quarter or year.
        zone: A zone of the IANA database.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 7, 4, 9)]}).cast(pl.Datetime("us", "UTC"))
    >>> str(DateTrunc("month").transform(times)["at"][0])
    '2013-07-01 00:00:00+00:00'

    Raises:
        DefinitionError: a unit or zone that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    unit: str = "day"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if self.unit not in UNITS:
            raise UnknownNameError("unit of time", self.unit, UNITS)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Cut each time off."""
        return {name: f"date_trunc('{self.unit}', {local(name, self.zone)})" for name in inputs}
