"""VarianceThreshold: columns that hardly vary are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.numbers_of import numbers_of
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class VarianceThreshold(ColumnSelection):
    """Pass on the columns whose variance (of the population) is above a threshold; missing values do not count.

    The reference is scikit-learn's VarianceThreshold. Under 0 it looks at the greatest difference too, since rounding
    gives equal numbers a variance.

    Args:
        threshold: 0 leaves out constants only.

    >>> step = VarianceThreshold()
    >>> step.fit(pl.DataFrame({"a": [1.0, 1.0], "b": [1.0, 2.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [5.0], "b": [6.0]})).columns
    ['b']

    Raises:
        DefinitionError: a threshold below 0.
        DataError: at fit, a column without a number or with an infinite one, or no column goes on.
    """

    threshold: float = 0.0

    def __post_init__(self) -> None:
        if not self.threshold >= 0:
            raise DefinitionError(f"threshold={self.threshold}.", cure="Expected 0 or more.")

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that vary."""
        return [series.name for series in frame if self._spread(series) > self.threshold]

    def _spread(self, series: pl.Series) -> float:
        numbers = numbers_of(series)
        variance = float(np.var(numbers))
        return min(variance, float(np.ptp(numbers))) if self.threshold == 0 else variance
