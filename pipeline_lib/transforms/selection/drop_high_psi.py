"""DropHighPSI: columns whose values drift within the training rows are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class DropHighPSI(ColumnSelection):
    """Leave out the columns that are otherwise distributed in the last rows of training than in the first.

    Rows are taken in the order in which they come, so sort them by time. The reference is the
    population stability index as monitoring takes it: Σ (p − q) ln (p / q) over the deciles of the first rows, values
    beyond all of these, and missing. feature-engine calls it DropHighPSIFeatures.

    Args:
        threshold: What is above it is left out; 0.25 is commonly called a great shift.
        share: Of the rows, how many are first.

    >>> step = DropHighPSI()
    >>> step.fit(pl.DataFrame({"a": [*range(50), *range(50)], "b": [*range(100)]}), None)
    >>> step.transform(pl.DataFrame({"a": [1], "b": [1]})).columns
    ['a']

    Raises:
        DefinitionError: a threshold below 0, or a share that leaves a side without rows.
        DataError: at fit, a single row, or no column goes on.
    """

    threshold: float = 0.25
    share: float = 0.5

    def __post_init__(self) -> None:
        if not self.threshold >= 0 or not 0 < self.share < 1:
            raise DefinitionError(
                f"threshold={self.threshold}, share={self.share}.",
                cure="Expected a threshold of 0 or more, and a share between 0 and 1.",
            )

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that stay as they are."""
        first = round(frame.height * self.share)
        if not 0 < first < frame.height:
            raise DataError(f"{frame.height} rows cannot be cut in two.", cure="Give more rows.")
        return [series.name for series in frame if self._shift(series, first) <= self.threshold]

    def _shift(self, series: pl.Series, first: int) -> float:
        from bighead.pipeline_lib.monitoring.psi import bin_numbers, psi

        values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        binned = bin_numbers(values[:first], values[first:])
        sides = (binned.reference, binned.current)
        counts = [np.bincount(side, minlength=binned.bins).tolist() for side in sides]
        return psi(*counts)
