"""RobustScaler: a column is centred and scaled by quantiles, which outliers do not move."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of


@dataclass(eq=False)
class RobustScaler(ColumnTransformer):
    """Subtract the median and divide by the distance between two quantiles; where that is 0, by 1.

    Missing stays missing. The reference is scikit-learn's RobustScaler.

    Args:
        centring: Whether the median is subtracted.
        scaling: Whether the distance divides.
        low, high: The quantiles, from 0 to 1.
        unit_variance: Scale so that normally distributed values get a variance of 1.

    >>> step = RobustScaler()
    >>> step.fit(pl.DataFrame({"n": [0.0, 1.0, 2.0, 3.0, 400.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [2.0, 4.0, None]}))["n"].to_list()
    [0.0, 1.0, None]

    Raises:
        DefinitionError: quantiles that do not grow between 0 and 1.
        DataError: at fit, a column without a number, or with an infinite one.
    """

    centring: bool = True
    scaling: bool = True
    low: float = 0.25
    high: float = 0.75
    unit_variance: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high <= 1:
            raise DefinitionError(f"low={self.low}, high={self.high}.", cure="Expected 0 ≤ low < high ≤ 1.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the median and the distance."""
        numbers = numbers_of(series)
        low, high = np.quantile(numbers, [self.low, self.high])
        scale = float(high - low) or 1.0
        # As scikit-learn: a distance that is only rounding is none.
        scale = 1.0 if scale < 10 * np.finfo(np.float64).eps else scale
        if self.unit_variance:
            scale /= _normal(self.high) - _normal(self.low)
        center = float(np.median(numbers)) if self.centring else 0.0
        return {"center": center, "scale": scale if self.scaling else 1.0}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Shift and scale."""
        return [scaled(read, write, **learnt)]


def _normal(share: float) -> float:
    return NormalDist().inv_cdf(share)
