"""MinMaxScaler: every column lies between two bounds in training."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of


@dataclass(eq=False)
class MinMaxScaler(ColumnTransformer):
    """Shift and stretch each column so that its training values lie from `low` to `high`; a constant becomes `low`.

    Missing stays missing. The reference is scikit-learn's MinMaxScaler.

    Args:
        low, high: The bounds.
        clip: Whether values beyond those of training become the bounds.

    >>> step = MinMaxScaler()
    >>> step.fit(pl.DataFrame({"n": [2.0, 4.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [3.0, 6.0, None]}))["n"].to_list()
    [0.5, 2.0, None]

    Raises:
        DefinitionError: bounds that do not grow.
        DataError: at fit, a column without a number, or with an infinite one.
    """

    low: float = 0.0
    high: float = 1.0
    clip: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise DefinitionError(f"low={self.low}, high={self.high}.", cure="Expected low < high.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn where x becomes 0, and how much of x is 1."""
        numbers = numbers_of(series)
        least, span = float(numbers.min()), float(numbers.max() - numbers.min())
        scale = (span or 1.0) / (self.high - self.low)
        return {"center": least - self.low * scale, "scale": scale}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Shift and stretch, and clip where that is asked for."""
        if not self.clip:
            return [scaled(read, write, **learnt)]
        between = f"{write} scaled"
        return [
            scaled(read, between, **learnt),
            mapped(between, write, "clip", low=self.low, high=self.high),
        ]
