"""IsWeekend: whether a time is on a day of rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.parts import local


@dataclass(eq=False)
class IsWeekend(ExpressedTransformer):
    """Answer `<name>_is_weekend`: whether the clocks of a zone show a Saturday or Sunday, or other days of rest.

    Missing stays missing. The reference is Polars' `dt.weekday`.

    Args:
        days: The days of rest, Monday being 1 and Sunday 7.
        zone: A zone of the IANA database.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 1, 4), datetime(2013, 1, 5)]})
    >>> IsWeekend().transform(times.cast(pl.Datetime("us", "UTC")))["at_is_weekend"].to_list()
    [False, True]

    Raises:
        DefinitionError: no days, or numbers that are none; a zone that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    days: Sequence[int] = (6, 7)
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if not self.days or not set(self.days) <= set(range(1, 8)):
            raise DefinitionError(f"days={list(self.days)}.", cure="Expected days from 1 (Monday) to 7.")

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Look each day up among those of rest."""
        days = ", ".join(str(day) for day in self.days)
        return {f"{name}_is_weekend": f"isodow({local(name, self.zone)}) IN ({days})" for name in inputs}
