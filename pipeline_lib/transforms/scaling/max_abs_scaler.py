"""MaxAbsScaler: every column lies between −1 and 1 in training, and 0 stays 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of


@dataclass(eq=False)
class MaxAbsScaler(ColumnTransformer):
    """Divide each column by its greatest training value without its sign; zeros only are divided by 1.

    Missing stays missing. The reference is scikit-learn's MaxAbsScaler.

    >>> step = MaxAbsScaler()
    >>> step.fit(pl.DataFrame({"n": [-4.0, 2.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [2.0, None]}))["n"].to_list()
    [0.5, None]

    Raises:
        DataError: at fit, a column without a number, or with an infinite one.
    """

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the greatest value without its sign."""
        return {"scale": float(np.abs(numbers_of(series)).max()) or 1.0}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Divide."""
        return [scaled(read, write, 0.0, learnt["scale"])]
