"""CategoryNumbers: base of encoders that make one or several numbers of each category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from bighead_kernels import index

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, PlanStep, State, arrow_column
from bighead.pipeline_lib.transforms.categories import number_tables, seen_values
from bighead.pipeline_lib.transforms.categories.number_tables import Numbers

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Groups:
    """The rows of a column by category: the sorted categories, each row's place among them and its label."""

    categories: list[Any]
    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    labels: Floats

    @property
    def counts(self) -> Floats:
        """How many rows each category has."""
        return np.bincount(self.places, minlength=len(self.categories)).astype(np.float64)

    def sums(self, numbers: Floats) -> Floats:
        """Add up numbers of rows by category."""
        found: Floats = np.bincount(self.places, weights=numbers, minlength=len(self.categories)).astype(
            np.float64
        )
        return found


@dataclass(eq=False)
class CategoryNumbers(NativeTransformer):
    """Base of encoders. A subclass says in `encode` the numbers of each category; infinite categories are refused.

    Missing is a category of its own where training had a missing value, sorted last; a subclass with
    `missing_counts = False` takes it as never seen. With `several`, outputs are called `column_0`, `column_1` …
    """

    takes = ANYTHING
    missing_counts: ClassVar[bool] = True
    several: ClassVar[bool] = False
    learnt: dict[str, Numbers] = field(init=False, repr=False, default_factory=dict)

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Return for each output the number of each category, and the number of what is none."""
        raise NotImplementedError(f"{type(self).__name__} does not say its numbers")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the categories and their numbers; labels are not looked at."""
        self.learn(frame, np.zeros(frame.height))

    def learn(self, frame: pl.DataFrame, labels: Floats) -> None:
        """Learn the categories of each column and their numbers."""
        self.learnt = {series.name: self._numbers(series, labels) for series in frame}

    def _numbers(self, series: pl.Series, labels: Floats) -> Numbers:
        if series.dtype.is_float() and series.is_infinite().any():
            cure = "Leave such rows out, or Clipper(low=…, high=…) first."
            raise DataError(f"column {series.name!r} has infinite numbers.", cure=cure)
        seen = [*seen_values.learn(series.to_frame())[series.name]]
        if self.missing_counts and series.null_count():
            seen.append(None)
        places = arrow_column(series.name, index(series, seen, -1)).to_numpy()
        known = places >= 0
        with np.errstate(over="ignore", invalid="ignore"):
            values, unknown = self.encode(Groups(seen, places[known], labels[known]))
        if not all(np.isfinite(each).all() for each in [*values, np.array(unknown)]):
            cure = "Scale the labels, or leave the greatest out."
            raise DataError(f"the labels are too large for the numbers of {series.name!r}.", cure=cure)
        return Numbers(seen, [each.tolist() for each in values], [float(each) for each in unknown])

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the outputs."""
        return tuple(made for name in inputs for made in self._made_of(name))

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that each output is made of its own column."""
        return {made: (name,) for name in inputs for made in self._made_of(name)}

    def _made_of(self, name: str) -> list[str]:
        return (
            [f"{name}_{place}" for place in range(len(self.learnt[name].values))] if self.several else [name]
        )

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Look up the numbers of each column's categories."""
        rest = iter(outputs)
        return [
            step
            for read, numbers in zip(inputs, self.learnt.values(), strict=True)
            for step in number_tables.looked_up(read, [next(rest) for _ in numbers.values], numbers)
        ]

    def state(self) -> State:
        """Return categories with their numbers as one long table, and the numbers of what is no category."""
        return number_tables.to_state(self.learnt)

    def restore(self, state: State) -> None:
        """Take up categories and numbers."""
        self.learnt = number_tables.from_state(state)
