"""DropCorrelated: columns that follow one before them are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class DropCorrelated(ColumnSelection):
    """Leave out each column whose |correlation| with an earlier one that goes on is above a threshold.

    Correlation is Pearson's, over the rows in which both numbers are there and finite; a constant correlates with
    nothing. The reference is pandas.DataFrame.corr, as feature-engine's DropCorrelatedFeatures uses it.

    Args:
        threshold: From 0 to 1.

    >>> step = DropCorrelated(0.9)
    >>> step.fit(pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 6.1], "c": [1.0, 0.0, 1.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]})).columns
    ['a', 'c']

    Raises:
        DefinitionError: a threshold beyond these.
    """

    threshold: float = 0.8

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise DefinitionError(f"threshold={self.threshold}.", cure="Expected 0 to 1.")

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that follow none before them."""
        kept: list[tuple[str, np.ndarray]] = []
        for series in frame:
            values = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
            if not any(_correlation(values, other) > self.threshold for _, other in kept):
                kept.append((series.name, values))
        return [name for name, _ in kept]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """|Pearson's correlation|, 0 where there is none."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 2:
        return 0.0
    # Scaled first, so that squares of huge numbers do not overflow.
    left, right = _centred(one[both]), _centred(other[both])
    spread = float(np.sqrt(left @ left) * np.sqrt(right @ right))
    return abs(float(left @ right)) / spread if spread > 0 else 0.0


def _centred(values: np.ndarray) -> np.ndarray:
    largest = np.abs(values).max()
    if largest == 0 or np.ptp(values) == 0:
        return np.zeros_like(values)
    scaled = values / largest
    centred: np.ndarray = scaled - scaled.mean()
    return centred
