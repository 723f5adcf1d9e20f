"""DatetimeParts: year, month, hour and the like of a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.parts import PARTS, check_parts, local


@dataclass(eq=False)
class DatetimeParts(ExpressedTransformer):
    """Answer `<name>_<part>` for each part of each time, as the clocks of a zone show it.

    Monday is day 1 of the week, Sunday 7; days of the year count from 1. Missing stays missing.
    The reference is Polars' `dt` functions.

    Args:
        parts: Of year, quarter, month, day, day_of_year, day_of_week, hour, minute, second, minute_of_day.
        zone: A zone of the IANA database.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 7, 4, 23, 30)]}).cast(pl.Datetime("us", "UTC"))
    >>> DatetimeParts(["day", "hour"], zone="Europe/Paris").transform(times).to_dicts()
    [{'at_day': 5, 'at_hour': 1}]

    Raises:
        DefinitionError: no parts, or a part or zone that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    parts: Sequence[str] = ("year", "month", "day", "day_of_week", "hour")
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_parts(self.parts, [*PARTS])
        check_zone(self.zone)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Ask for each part of each time."""
        return {
            f"{name}_{part}": PARTS[part][0].format(local(name, self.zone))
            for name in inputs
            for part in self.parts
        }
