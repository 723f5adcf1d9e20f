"""What projections share: each answer is a weighted sum of the columns, learnt by scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, MissingExtraError
from bighead.pipeline_lib.frameworks.labels import check_finite
from bighead.pipeline_lib.frameworks.sklearn_lowering.projections import weights_of
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep, State, matrix

LARGEST = float(np.finfo(np.float64).max)


@dataclass(eq=False)
class Projection(NativeTransformer):
    """Base of projections; a row with a missing number is answered with missing."""

    prefix: ClassVar[str] = "projection"
    components: int = 2
    columns: tuple[str, ...] = field(init=False, repr=False, default=())
    # A row of weights and a bias for each answer.
    weights: list[list[float]] = field(init=False, repr=False, default_factory=list)
    biases: list[float] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.components < 1:
            raise DefinitionError(f"components={self.components}.", cure="Expected one or more.")

    def solver(self) -> Any:
        """Return scikit-learn's estimator, unfitted."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it is fitted by")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn weights.

        Raises:
            DataError: missing or infinite values.
            MissingExtraError: scikit-learn is not installed.
        """
        check_finite(type(self).__name__, frame, LARGEST, missing=False)
        try:
            solver = self.solver()
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        solver.fit(matrix(frame, np.float64))
        weights, biases = weights_of(solver)
        self.columns = tuple(frame.columns)
        self.weights, self.biases = weights.tolist(), biases.tolist()

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the prefix with a number for each answer.

        Raises:
            DataError: nothing is learnt before fit.
        """
        if not self.weights:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        return tuple(f"{self.prefix}{place}" for place in range(len(self.weights)))

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return a sum of weights for each answer."""
        return [
            {"op": "linear", "inputs": list(inputs), "output": name, "weights": weights, "bias": bias}
            for name, weights, bias in zip(outputs, self.weights, self.biases, strict=True)
        ]

    def state(self) -> State:
        """Weights by column, and biases."""
        weights = {f"answer{at}": row for at, row in enumerate(self.weights)}
        return {
            "weights": pl.DataFrame({"column": list(self.columns), **weights}),
            "biases": pl.DataFrame({"bias": self.biases}),
        }

    def restore(self, state: State) -> None:
        """Take up weights and biases."""
        weights, biases = state["weights"], state["biases"]
        assert isinstance(weights, pl.DataFrame)
        assert isinstance(biases, pl.DataFrame)
        self.columns = tuple(weights["column"])
        self.weights = [weights[name].to_list() for name in weights.columns[1:]]
        self.biases = biases["bias"].to_list()
