"""EndTailImputer: a missing number becomes one at the end of its column's distribution, where models can tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

METHODS = ("gaussian", "iqr", "max")


@dataclass(eq=False)
class EndTailImputer(ColumnTransformer):
    """Replace missing numbers by one far out. The reference is feature_engine's EndTailImputer.

    By method that number is
    `gaussian`: mean ± `fold` · standard deviation (of a sample);
    `iqr`: the upper or lower quartile ± `fold` · the distance between them;
    `max`: `fold` · the greatest value, on the right only.

    Args:
        method: How the end is found.
        tail: `right` or `left`.
        fold: How far out it lies.

    >>> step = EndTailImputer("max", fold=2.0)
    >>> step.fit(pl.DataFrame({"n": [1.0, 5.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [None, 3.0]}))["n"].to_list()
    [10.0, 3.0]

    Raises:
        UnknownNameError: another method or tail.
        DefinitionError: a fold that is not above 0, or a left tail by the maximum.
        DataError: at fit, a column without a number, or with an infinite one.
    """

    method: str = "gaussian"
    tail: str = "right"
    fold: float = 3.0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UnknownNameError("method of an EndTailImputer", self.method, METHODS)
        if self.tail not in ("left", "right"):
            raise UnknownNameError("tail", self.tail, ("left", "right"))
        if not 0 < self.fold < np.inf or (self.method == "max" and self.tail == "left"):
            raise DefinitionError(
                f"method={self.method!r}, tail={self.tail!r}, fold={self.fold}.",
                cure="Expected a fold above 0, and for 'max' the right tail.",
            )

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the end."""
        numbers, side = numbers_of(series), 1.0 if self.tail == "right" else -1.0
        if self.method == "max":
            return {"value": self.fold * float(numbers.max())}
        if self.method == "gaussian":
            off = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else 0.0
            return {"value": float(np.mean(numbers)) + side * self.fold * off}
        low, high = (float(each) for each in np.quantile(numbers, [0.25, 0.75]))
        return {"value": (high if side > 0 else low) + side * self.fold * (high - low)}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Fill."""
        return [{"op": "fill", "input": read, "output": write, "value": learnt["value"]}]
