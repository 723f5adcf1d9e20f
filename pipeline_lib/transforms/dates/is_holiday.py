"""IsHoliday: whether a time is on one of listed days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.parts import local


@dataclass(eq=False)
class IsHoliday(ExpressedTransformer):
    """Answer `<name>_is_holiday`: whether the clocks of a zone show one of the listed days.

    Missing stays missing. The reference is polars.Expr.is_in.

    Args:
        holidays: Days in ISO, as "2013-07-04".
        zone: A zone of the IANA database.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 7, 4, 9), datetime(2013, 7, 5, 9)]})
    >>> IsHoliday(["2013-07-04"]).transform(times.cast(pl.Datetime("us", "UTC")))["at_is_holiday"].to_list()
    [True, False]

    Raises:
        DefinitionError: no days, or a text that is none; a zone that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    holidays: Sequence[str] = ()
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)
        check_days("holidays", self.holidays)
        if not self.holidays:
            raise DefinitionError("there are no holidays.", cure='List days: ["2013-07-04"].')

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Look each day up in the list."""
        days = ", ".join(f"DATE '{day}'" for day in self.holidays)
        return {
            f"{name}_is_holiday": f"CAST({local(name, self.zone)} AS DATE) IN ({days})" for name in inputs
        }


def check_days(word: str, days: Sequence[str]) -> None:
    """Refuse texts that are no days in ISO.

    Raises:
        DefinitionError: naming the first.
    """
    for day in days:
        try:
            if date.fromisoformat(day).isoformat() != day:
                raise ValueError
        except (ValueError, TypeError) as error:
            raise DefinitionError(
                f"{word} hold {day!r}.", cure="Expected days in ISO, as '2013-07-04'."
            ) from error
