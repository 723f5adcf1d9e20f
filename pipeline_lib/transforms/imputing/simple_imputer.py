"""SimpleImputer: a missing number becomes the mean, the median, the commonest, or a constant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

STRATEGIES = ("mean", "median", "most_frequent", "constant")


@dataclass(eq=False)
class SimpleImputer(ColumnTransformer):
    """Replace missing numbers by one that was learnt, column by column.

    The reference is scikit-learn's SimpleImputer; of numbers that come equally often the least is the commonest.

    Args:
        strategy: `mean`, `median`, `most_frequent` or `constant`.
        constant: What missing becomes under `constant`.

    >>> step = SimpleImputer("median")
    >>> step.fit(pl.DataFrame({"n": [1.0, None, 3.0, 100.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [None, 5.0]}))["n"].to_list()
    [3.0, 5.0]

    Raises:
        UnknownNameError: another strategy.
        DefinitionError: a constant that is no finite number.
        DataError: at fit, a column without a number, or with an infinite one, unless under `constant`.
    """

    strategy: str = "mean"
    constant: float = 0.0

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise UnknownNameError("strategy of imputing", self.strategy, STRATEGIES)
        if not np.isfinite(self.constant):
            raise DefinitionError(f"constant={self.constant}.", cure="Expected a finite number.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn what stands in."""
        if self.strategy == "constant":
            return {"value": float(self.constant)}
        numbers = numbers_of(series)
        if self.strategy == "most_frequent":
            values, counts = np.unique(numbers, return_counts=True)
            return {"value": float(values[np.argmax(counts)])}
        return {"value": float(np.mean(numbers) if self.strategy == "mean" else np.median(numbers))}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Fill."""
        value = learnt.get("value", self.constant)
        return [{"op": "fill", "input": read, "output": write, "value": float(value)}]
