"""LogisticRegression: scikit-learn's, kept as plain weights so that it is stored as arrays and runs natively."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import MissingExtraError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.pipeline.transformer import Model, PlanStep, State, matrix

LARGEST = float(np.finfo(np.float64).max)


@dataclass(eq=False)
class LogisticRegression(Model):
    """A linear model of log-odds, fitted by scikit-learn; missing values are refused at fit.

    Args:
        C: Inverse strength of the L2 penalty.
        max_iter: Most steps of the solver.
        tol: When it stops.
        fit_intercept: Whether there is a bias.
    """

    C: float = 1.0
    max_iter: int = 1000
    tol: float = 1e-4
    fit_intercept: bool = True
    classes: list[Any] = field(init=False, repr=False, default_factory=list)
    columns: tuple[str, ...] = field(init=False, repr=False, default=())
    # A row of weights a margin; one margin for two classes, else one a class.
    weights: list[list[float]] = field(init=False, repr=False, default_factory=list)
    biases: list[float] = field(init=False, repr=False, default_factory=list)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn weights.

        Raises:
            DataError: missing or infinite values, or a single class.
            MissingExtraError: scikit-learn is not installed.
        """
        assert labels is not None
        label_codes.check_finite("LogisticRegression", frame, LARGEST, missing=False)
        target, self.classes = label_codes.encode(labels)
        try:
            from sklearn.linear_model import LogisticRegression as Solver
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        solver = Solver(C=self.C, max_iter=self.max_iter, tol=self.tol, fit_intercept=self.fit_intercept)
        solver.fit(matrix(frame, np.float64), target)
        self.columns = tuple(frame.columns)
        self.weights, self.biases = solver.coef_.tolist(), np.atleast_1d(solver.intercept_).tolist()
        self.biases = self.biases if len(self.biases) == len(self.weights) else [0.0] * len(self.weights)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer probabilities; a missing value gives a missing answer."""
        rows = matrix(frame, np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            margins = [self._margin(rows, at) for at in range(len(self.weights))]
            answered = [sigmoid(margins[0])] if len(margins) == 1 else _softmax(margins)
        return pl.DataFrame([pl.Series(n, v) for n, v in zip(self.answers(), answered, strict=True)])

    def _margin(self, rows: np.ndarray[Any, Any], at: int) -> np.ndarray[Any, Any]:
        # Summed in the order of the columns, as the native plan does, for the same last bits.
        margin = np.full(len(rows), self.biases[at])
        for place, weight in enumerate(self.weights[at]):
            margin += weight * rows[:, place]
        return margin

    def state(self) -> State:
        """Weights by column, biases and classes."""
        weights = {f"margin{at}": row for at, row in enumerate(self.weights)}
        classes = [json.dumps(each) for each in self.classes]
        return {
            "weights": pl.DataFrame({"column": list(self.columns), **weights}),
            "biases": pl.DataFrame({"bias": self.biases}),
            "classes": pl.DataFrame({"class": classes}),
        }

    def restore(self, state: State) -> None:
        """Take up weights, biases and classes."""
        weights, biases, classes = state["weights"], state["biases"], state["classes"]
        assert isinstance(weights, pl.DataFrame)
        assert isinstance(biases, pl.DataFrame)
        assert isinstance(classes, pl.DataFrame)
        self.columns = tuple(weights["column"])
        self.weights = [weights[name].to_list() for name in weights.columns[1:]]
        self.biases = biases["bias"].to_list()
        self.classes = [json.loads(each) for each in classes["class"]]

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return one linear step a margin, then sigmoid or softmax."""
        margins = [f"{name}·margin" for name in outputs]
        steps: list[PlanStep] = [
            {"op": "linear", "inputs": list(inputs), "output": name, "weights": weights, "bias": bias}
            for name, weights, bias in zip(margins, self.weights, self.biases, strict=True)
        ]
        if len(margins) == 1:
            return [*steps, {"op": "sigmoid", "input": margins[0], "output": outputs[0]}]
        return [*steps, {"op": "softmax", "inputs": margins, "outputs": list(outputs)}]

    def gains(self) -> dict[str, float]:
        """Return the mean |weight| of each column: comparable where the columns are on one scale."""
        strength = np.abs(np.array(self.weights)).mean(axis=0)
        return dict(zip(self.columns, strength.tolist(), strict=True))


def sigmoid(margin: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return 1 / (1 + exp(-margin)), without overflow on either side."""
    grown = np.exp(-np.abs(margin))
    answered: np.ndarray[Any, Any] = np.where(margin >= 0, 1.0 / (1.0 + grown), grown / (1.0 + grown))
    return answered


def _softmax(margins: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    largest = np.maximum.reduce(margins)
    grown = [np.exp(margin - largest) for margin in margins]
    total = sum(grown[1:], grown[0].copy())
    return [each / total for each in grown]
