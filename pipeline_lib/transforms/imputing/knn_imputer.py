"""KNNImputer: a missing number becomes the mean of those in the nearest rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms.wrapped import WrappedTransform

WEIGHTS = ("uniform", "distance")


@dataclass(eq=False)
class KNNImputer(WrappedTransform):
    """Replace a missing number by the mean over the training rows that are nearest by the numbers that are there.

    The reference is scikit-learn's KNNImputer, by which it is calculated, in Python (Troyanskaya et al., 2001).
    Scale the columns first where their units differ. The last bits of `distance` depend on how many rows are answered
    at once. A column without any number is left out, as scikit-learn does.

    Args:
        neighbours: How many rows.
        weights: `uniform`, or `distance` for nearer rows to count more.

    >>> import polars as pl
    >>> step = KNNImputer(1)
    >>> step.fit(pl.DataFrame({"a": [0.0, 1.0, 9.0], "b": [0.0, 10.0, 90.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.1], "b": [None]}, schema_overrides={"b": pl.Float64}))["b"].to_list()
    [10.0]

    Raises:
        DefinitionError: fewer than one neighbour.
        UnknownNameError: other weights.
        DataError: at fit, infinite values.
        MissingExtraError: scikit-learn is not installed.
    """

    neighbours: int = 5
    weights: str = "uniform"

    def __post_init__(self) -> None:
        if self.neighbours < 1:
            raise DefinitionError(f"neighbours={self.neighbours}.", cure="Expected one or more.")
        if self.weights not in WEIGHTS:
            raise UnknownNameError("weights of neighbours", self.weights, WEIGHTS)

    def wrapped(self) -> Any:
        """Return scikit-learn's KNNImputer."""
        from sklearn.impute import KNNImputer as Wrapped

        return Wrapped(n_neighbors=self.neighbours, weights=self.weights)
