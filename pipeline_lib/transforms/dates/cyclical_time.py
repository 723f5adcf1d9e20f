"""CyclicalTime: hours, weekdays and months as points on a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from bighead.pipeline_lib.features.zone import check_zone
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.transforms.dates.parts import PARTS, check_parts, local

_ROUND = {part: period for part, (_, period) in PARTS.items() if period is not None}


@dataclass(eq=False)
class CyclicalTime(ExpressedTransformer):
    """Answer `<name>_<part>_sin` and `_cos` for each part of each time: Sunday is as near to Monday as Saturday.

    Parts that count from 1 start at the angle 0. Missing stays missing. The reference is numpy.sin and numpy.cos of
    2π(part − first) / period.

    Args:
        parts: Of quarter, month, day, day_of_year, day_of_week, hour, minute, second, minute_of_day.
        zone: A zone of the IANA database.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(2013, 1, 1)]}, schema={"at": pl.Datetime("us", "UTC")})
    >>> CyclicalTime(["month"]).transform(times).to_dicts()
    [{'at_month_sin': 0.0, 'at_month_cos': 1.0}]

    Raises:
        DefinitionError: no parts, or a part or zone that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    parts: Sequence[str] = ("month", "day_of_week", "hour")
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_parts(self.parts, [*_ROUND])
        check_zone(self.zone)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Turn each part into an angle, and take its sine and cosine."""
        made = {}
        for name in inputs:
            for part in self.parts:
                count = PARTS[part][0].format(local(name, self.zone))
                first = 0 if part in ("hour", "minute", "second", "minute_of_day") else 1
                angle = f"(({count}) - {first}) * {2 * pi / _ROUND[part]!r}"
                made[f"{name}_{part}_sin"] = f"sin({angle})"
                made[f"{name}_{part}_cos"] = f"cos({angle})"
        return made
