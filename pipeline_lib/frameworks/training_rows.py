"""What a forest learns from: columns, a target, and how much each row counts; and which rows are kept aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError

_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class TrainingRows:
    """Columns and what belongs to their rows; no weights are equal ones."""

    frame: pl.DataFrame
    target: _Array
    weights: _Array | None = None

    def taken(self, places: _Array) -> TrainingRows:
        """Return some of the rows."""
        weights = None if self.weights is None else self.weights[places]
        return TrainingRows(self.frame[places.tolist()], self.target[places], weights)

    def split(self, fraction: float, seed: int) -> tuple[TrainingRows, TrainingRows]:
        """Return rows to learn from and rows kept aside, drawn by a seed, each in order.

        >>> rows = TrainingRows(pl.DataFrame({"n": range(10)}), np.arange(10))
        >>> learnt, aside = rows.split(0.2, seed=0)
        >>> learnt.frame.height, aside.frame.height
        (8, 2)

        Raises:
            DefinitionError: a fraction that leaves no row on one side.
        """
        count = round(fraction * self.frame.height)
        if not 0 < count < self.frame.height:
            raise DefinitionError(
                f"validation_fraction={fraction} keeps {count} of {self.frame.height} rows aside.",
                cure="Expected between 0 and 1, so that both sides have rows.",
            )
        order = np.random.default_rng(seed).permutation(self.frame.height)
        return self.taken(np.sort(order[count:])), self.taken(np.sort(order[:count]))


def training_rows(frame: pl.DataFrame, target: _Array, weight_column: str | None) -> TrainingRows:
    """Return the rows with their weights apart.

    Raises:
        UnknownNameError: there is no column of weights.
        DataError: weights that are missing, infinite, negative, or all 0.
    """
    if weight_column is None:
        return TrainingRows(frame, target)
    if weight_column not in frame.columns:
        raise UnknownNameError("column of weights", weight_column, frame.columns)
    given = frame[weight_column]
    weights = given.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    if not (np.isfinite(weights).all() and (weights >= 0).all() and (weights > 0).any()):
        raise DataError(
            f"the weights in {weight_column!r} are missing, infinite, negative or all 0.",
            cure="Give every row a finite weight of 0 or more.",
        )
    return TrainingRows(frame.drop(weight_column), target, weights)
