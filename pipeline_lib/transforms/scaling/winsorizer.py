"""Winsorizer: values beyond bounds that were learnt become the bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

METHODS = ("quantiles", "gaussian", "iqr")


@dataclass(eq=False)
class Winsorizer(ColumnTransformer):
    """Clip each column to bounds of its training values. Missing stays missing, infinite values become the bounds.

    The reference is feature_engine's Winsorizer; the bounds are, by method,
    `quantiles`: the quantiles `fold` and 1 − `fold`;
    `gaussian`: mean ± `fold` · standard deviation (of a sample);
    `iqr`: the quartiles ∓ `fold` · the distance between them.

    Args:
        method: How bounds are found.
        fold: How far out they lie: for quantiles a share below 0.5.
        tails: `both`, `left` or `right`.

    >>> step = Winsorizer("iqr", fold=1.5)
    >>> step.fit(pl.DataFrame({"n": [0.0, 1.0, 2.0, 3.0, 4.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [-9.0, 9.0, None]}))["n"].to_list()
    [-2.0, 6.0, None]

    Raises:
        UnknownNameError: another method, or other tails.
        DefinitionError: a `fold` that gives no bounds.
        DataError: at fit, a column without a number, or with an infinite one.
    """

    method: str = "quantiles"
    fold: float = 0.05
    tails: str = "both"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UnknownNameError("method of a Winsorizer", self.method, METHODS)
        if self.tails not in ("both", "left", "right"):
            raise UnknownNameError("tails", self.tails, ("both", "left", "right"))
        if not 0 < self.fold < (0.5 if self.method == "quantiles" else np.inf):
            raise DefinitionError(
                f"fold={self.fold} of {self.method}.", cure="Expected above 0; a share below 0.5."
            )

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the bounds."""
        low, high = self._bounds(numbers_of(series))
        return {"low": None if self.tails == "right" else low, "high": None if self.tails == "left" else high}

    def _bounds(self, numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
        if self.method == "gaussian":
            off = self.fold * float(np.std(numbers, ddof=1)) if len(numbers) > 1 else 0.0
            return float(np.mean(numbers)) - off, float(np.mean(numbers)) + off
        share = self.fold if self.method == "quantiles" else 0.25
        low, high = (float(each) for each in np.quantile(numbers, [share, 1 - share]))
        off = 0.0 if self.method == "quantiles" else self.fold * (high - low)
        return low - off, high + off

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Clip."""
        return [mapped(read, write, "clip", low=learnt["low"], high=learnt["high"])]
