"""A linear predictor with a link, as plain weights: what generalised linear models learn, whoever fitted them.

Source: McCullagh and Nelder, Generalized Linear Models (1989): g(μ) = b + Σ w·x, and the answer is μ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.pipeline.native import mapped, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep, matrix

_Array = np.ndarray[Any, Any]
# The inverse of a link, one function after the other; of cloglog 1 − exp(−exp(m)) = −expm1(−exp(m)).
_CHAINS = {
    "log": ("exp",),
    "sqrt": ("square",),
    "inverse_power": ("reciprocal",),
    "inverse_squared": ("sqrt", "reciprocal"),
    "cloglog": ("exp", "minus", "expm1", "minus"),
}
_FUNCTIONS: dict[str, Callable[[_Array], _Array]] = {
    "exp": np.exp,
    "expm1": np.expm1,
    "minus": np.negative,
    "reciprocal": np.reciprocal,
    "sqrt": np.sqrt,
    "square": np.square,
}
LINKS = ("identity", "logit", *_CHAINS)


@dataclass(frozen=True)
class LinearPredictor:
    """Weights by column, a bias, and the link's name.

    >>> LinearPredictor(("n",), (2.0,), 1.0, "sqrt").answer(pl.DataFrame({"n": [1.0, None]})).tolist()
    [9.0, nan]
    """

    columns: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    link: str

    def answer(self, frame: pl.DataFrame) -> _Array:
        """Return μ of each row; a missing value gives a missing answer."""
        rows = matrix(frame.select(self.columns), np.float64)
        # Summed in the order of the columns, as the native plan does, for the same last bits.
        margin = np.full(len(rows), self.bias)
        with np.errstate(all="ignore"):
            for place, weight in enumerate(self.weights):
                margin += weight * rows[:, place]
            return _mean(margin, self.link)

    def lower(self, inputs: Sequence[str], output: str) -> list[PlanStep]:
        """Return the steps of the native plan."""
        margin = f"{output}·margin"
        linear: PlanStep = {
            "op": "linear",
            "inputs": list(inputs),
            "output": margin,
            "weights": list(self.weights),
            "bias": self.bias,
        }
        if self.link == "identity":
            return [{**linear, "output": output}]
        if self.link == "logit":
            return [linear, {"op": "sigmoid", "input": margin, "output": output}]
        names = [margin, *(f"{output}·{place}" for place in range(len(_CHAINS[self.link]) - 1)), output]
        pairs = zip(names, names[1:], _CHAINS[self.link], strict=False)
        return [linear, *(_step(read, write, function) for read, write, function in pairs)]

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return it as tables."""
        weights = {"column": list(self.columns), "weight": list(self.weights)}
        schema = {"column": pl.String, "weight": pl.Float64}
        return {
            "weights": pl.DataFrame(weights, schema=schema),
            "link": pl.DataFrame({"bias": [self.bias], "link": [self.link]}),
        }

    @classmethod
    def from_tables(cls, weights: pl.DataFrame, link: pl.DataFrame) -> LinearPredictor:
        """Return what `tables` took apart.

        Raises:
            ValueError: an unknown link.
        """
        bias, word = link.select("bias", "link").row(0)
        if word not in LINKS:
            raise ValueError(f"the link {word!r}")
        return cls(tuple(weights["column"]), tuple(weights["weight"]), float(bias), word)


def _mean(margin: _Array, link: str) -> _Array:
    """The inverse of the link."""
    if link == "logit":
        grown = np.exp(-np.abs(margin))
        return np.where(margin >= 0, 1.0 / (1.0 + grown), grown / (1.0 + grown))
    for function in _CHAINS.get(link, ()):
        made = np.asarray(_FUNCTIONS[function](margin))
        # As in the native plan: where a finite number has no finite value, it is missing.
        lacking = np.isinf(made) & np.isfinite(margin)
        margin = made if function == "minus" else np.where(lacking, np.nan, made)
    return margin


def _step(read: str, write: str, function: str) -> PlanStep:
    return scaled(read, write, 0.0, -1.0) if function == "minus" else mapped(read, write, function)
