"""SimpleImputer: what is missing becomes the mean, the median, the commonest, or a constant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of

STRATEGIES = ("mean", "median", "most_frequent", "constant")


@dataclass(eq=False)
class SimpleImputer(ColumnTransformer):
    """Replace missing values by one that was learnt, column by column; strings by the commonest or a constant.

    The reference is scikit-learn's SimpleImputer; of values that come equally often the least is the commonest.

    Args:
        strategy: `mean`, `median`, `most_frequent` or `constant`.
        constant: What missing becomes under `constant`: a number, or a text in columns of strings.

    >>> step = SimpleImputer("median")
    >>> step.fit(pl.DataFrame({"n": [1.0, None, 3.0, 100.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [None, 5.0]}))["n"].to_list()
    [3.0, 5.0]

    Raises:
        UnknownNameError: another strategy.
        DefinitionError: a constant that is no text and no finite number.
        DataError: at fit, a column without a value, or with an infinite one, unless under `constant`; a mean or
            median of strings, or a constant of another kind than its column.
    """

    strategy: str = "mean"
    constant: float | str = 0.0

    takes = ANYTHING

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise UnknownNameError("strategy of imputing", self.strategy, STRATEGIES)
        if not isinstance(self.constant, str) and not np.isfinite(self.constant):
            raise DefinitionError(f"constant={self.constant}.", cure="Expected a finite number, or a text.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn what stands in."""
        if series.dtype == pl.String:
            return {"value": None, "text": self._text(series)}
        if self.strategy == "constant":
            if isinstance(self.constant, str):
                raise self._unfit(series, "numbers", "a number")
            return {"value": float(self.constant), "text": None}
        return {"value": self._number(series), "text": None}

    def _number(self, series: pl.Series) -> float:
        numbers = numbers_of(series)
        if self.strategy == "most_frequent":
            values, counts = np.unique(numbers, return_counts=True)
            return float(values[np.argmax(counts)])
        return float(np.mean(numbers) if self.strategy == "mean" else np.median(numbers))

    def _text(self, series: pl.Series) -> str:
        if self.strategy == "constant":
            if not isinstance(self.constant, str):
                raise self._unfit(series, "strings", "a text")
            return self.constant
        if self.strategy != "most_frequent":
            raise DataError(
                f"column {series.name!r} holds strings, which have no {self.strategy}.",
                cure="SimpleImputer('most_frequent'), or 'constant'.",
            )
        counts = series.drop_nulls().value_counts().sort(["count", series.name], descending=[True, False])
        if not counts.height:
            raise DataError(f"no value at all in {series.name!r}.", cure="Leave it out, or 'constant'.")
        return str(counts[series.name][0])

    def _unfit(self, series: pl.Series, holds: str, wanted: str) -> DataError:
        return DataError(
            f"column {series.name!r} holds {holds}, and constant={self.constant!r}.",
            cure=f"Give {wanted}: SimpleImputer('constant', constant=…).",
        )

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Fill."""
        if not learnt and self.strategy != "constant":
            raise DataError(f"the SimpleImputer({self.strategy!r}) is not fitted.", cure="Call p.fit(frame).")
        learnt = learnt or {"value": self.constant, "text": None}
        value = learnt["value"] if learnt.get("text") is None else learnt["text"]
        return [{"op": "fill", "input": read, "output": write, "value": value}]
