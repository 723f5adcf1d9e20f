"""Transforms that are made of the kernel's primitives: one description for tables, rows and the serving plan.

A subclass says in `lower` which primitives make its outputs. `transform` runs these over a table, and the plan of an
artifact runs them over rows: there is no second implementation that could differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.plan_of_step import PlanOfStep
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, PlanStep, State, Transformer

# What a column taught: floats, integers, texts, or lists of one of these, by their names.
Learnt = dict[str, Any]


class NativeTransformer(Transformer):
    """Base of transforms of primitives; it answers float64 where the primitives do, null for missing values."""

    takes = NUMBERS
    cure = "Encode strings, as p[columns] >>= OneHotLabelEncoder()."

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the outputs for inputs of these names: by default the same."""
        return tuple(inputs)

    def state(self) -> State:
        """Nothing is learnt by default."""
        return {}

    def restore(self, state: State) -> None:
        """There is nothing to take up by default."""

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Run the primitives over the columns."""
        names = self.names(frame.columns)
        if not names:
            return pl.DataFrame(height=frame.height)
        return PlanOfStep.of(self, frame.columns, names).answer(frame)


@dataclass(eq=False)
class ColumnTransformer(NativeTransformer):
    """Base of transforms that make of each column one of the same name, by itself.

    A subclass says in `learn` what a column teaches, and in `steps` what is made of it.
    """

    learnt: dict[str, Learnt] = field(init=False, repr=False, default_factory=dict)

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Return what a column teaches; nothing by default."""
        return {}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Return the primitives that make `write` of `read`; names between them start with `write`."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it is made of")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn from each column."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.learnt = {series.name: _finite(series.name, self.learn(series, labels)) for series in frame}

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the primitives of every column, in the order of fit; without fit nothing was learnt."""
        learnt = [*self.learnt.values()] or [{} for _ in inputs]
        told = zip(inputs, outputs, learnt, strict=True)
        return [step for read, write, each in told for step in self.steps(read, write, each)]

    def state(self) -> State:
        """Return what each column taught, a row each."""
        rows = [{"column": name, **learnt} for name, learnt in self.learnt.items()]
        return {"learnt": pl.DataFrame(rows, infer_schema_length=None)} if rows else {}

    def restore(self, state: State) -> None:
        """Take up what was learnt."""
        table = state.get("learnt", pl.DataFrame())
        assert isinstance(table, pl.DataFrame)
        self.learnt = {row.pop("column"): row for row in table.to_dicts()}


def _finite(name: str, learnt: Learnt) -> Learnt:
    """Refuse what no plan can say: means and spans of numbers that are too large for their own sums."""
    for key, value in learnt.items():
        numbers = [x for x in (value if isinstance(value, list) else [value]) if isinstance(x, float)]
        if not all(map(isfinite, numbers)):
            raise DataError(
                f"column {name!r} is too large to learn from: its {key} would be {value}.",
                cure="Scale it at its source, or Clipper(low=…, high=…) first.",
            )
    return learnt


def passed(read: str, write: str) -> PlanStep:
    """Return the primitive that passes a number on under another name; integers and truths become numbers.

    >>> passed("a", "b")
    {'op': 'cast', 'input': 'a', 'output': 'b'}
    """
    return {"op": "cast", "input": read, "output": write}


def mapped(read: str, write: str, function: str, **parameters: Any) -> PlanStep:
    """Return the primitive that applies a function of one number.

    >>> mapped("a", "b", "clip", low=0.0, high=None)
    {'op': 'map', 'input': 'a', 'output': 'b', 'function': {'name': 'clip', 'low': 0.0, 'high': None}}
    """
    return {"op": "map", "input": read, "output": write, "function": {"name": function, **parameters}}


def scaled(read: str, write: str, center: float, scale: float) -> PlanStep:
    """Return the primitive (x − center) / scale.

    >>> scaled("a", "b", 1.0, 2.0)
    {'op': 'affine', 'input': 'a', 'output': 'b', 'center': 1.0, 'scale': 2.0}
    """
    return {"op": "affine", "input": read, "output": write, "center": center, "scale": scale}
