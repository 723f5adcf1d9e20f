"""FourierFeatures: waves of a period and its parts, for seasons of any length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer, column
from bighead.pipeline_lib.transforms.dates.units import SECONDS, check_unit


@dataclass(eq=False)
class FourierFeatures(ExpressedTransformer):
    """Answer `<name>_sin_<k>` and `<name>_cos_<k>` of 2πkt / period for k from 1 to `order`, t since 1970 in UTC.

    Missing stays missing. The reference is numpy.sin and numpy.cos; the idea is Fourier terms of dynamic harmonic
    regression (Hyndman and Athanasopoulos, Forecasting: Principles and Practice).

    Args:
        period: How long a season is.
        order: How many waves.
        unit: Of the period: millisecond, second, minute, hour, day or week.

    >>> from datetime import datetime
    >>> import polars as pl
    >>> times = pl.DataFrame({"at": [datetime(1970, 1, 1)]}).cast(pl.Datetime("us", "UTC"))
    >>> FourierFeatures(7.0).transform(times).to_dicts()
    [{'at_sin_1': 0.0, 'at_cos_1': 1.0}]

    Raises:
        DefinitionError: a period or order that is not above 0, or a unit that there is not.
    """

    takes = frozenset({"datetime"})
    cure = "Give times; texts become times by ParseDatetime."
    period: float = 365.2425
    order: int = 1
    unit: str = "day"

    def __post_init__(self) -> None:
        check_unit(self.unit)
        if not 0 < self.period < float("inf") or self.order < 1:
            raise DefinitionError(f"period={self.period}, order={self.order}.", cure="Expected both above 0.")

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Take the place within the season first, so that late times lose no digits."""
        period, made = self.period * SECONDS[self.unit], {}
        for name in inputs:
            place = f"(epoch({column(name)}) % {period!r}) / {period!r}"
            for k in range(1, self.order + 1):
                for wave in ("sin", "cos"):
                    made[f"{name}_{wave}_{k}"] = f"{wave}({place} * {2 * pi * k!r})"
        return made
