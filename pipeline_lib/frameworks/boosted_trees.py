"""What boosted trees of XGBoost and LightGBM share: categories as codes, weights, what is stored and what is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import category_codes
from bighead.pipeline_lib.frameworks.labels import check_finite
from bighead.pipeline_lib.frameworks.training_rows import TrainingRows, training_rows
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, Model, PlanStep, State

# Parameters that are ours, or are told to the libraries in other words.
OURS = frozenset(
    {
        "n_estimators",
        "n_jobs",
        "random_state",
        "monotone_constraints",
        "early_stopping_rounds",
        "validation_fraction",
        "weight_column",
    }
)


class BoostedTrees(Model):
    """Base of boosted trees; a subclass has these as fields, and a booster that it makes of `_raw`."""

    weight_column: str | None
    classes: list[Any]
    _given: tuple[str, ...]
    _categories: category_codes.Categories
    _raw: bytes

    takes = ANYTHING

    def _learnt(
        self,
        library: str,
        frame: pl.DataFrame,
        target: np.ndarray[Any, Any],
        largest: float,
        *,
        strings: bool,
    ) -> TrainingRows:
        """Learn the categories of columns of strings, and return the rows with their codes, the weights apart."""
        given = training_rows(frame, target, self.weight_column)
        self._categories = category_codes.learn(given.frame, strings, library)
        coded = category_codes.encode(given.frame, self._categories)
        check_finite(library, coded, largest, missing=True)
        self._given = tuple(frame.columns)
        return TrainingRows(coded, given.target, given.weights)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the trees see, in order."""
        return tuple(name for name in self._given if name != self.weight_column)

    def _coded(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What the trees see of some rows."""
        return category_codes.encode(frame.select(self.columns), self._categories)

    def _answered(self, answered: Any, height: int) -> pl.DataFrame:
        """Numbers of a booster as columns of float64."""
        columns = np.asarray(answered, dtype=np.float64).reshape(height, -1)
        return pl.DataFrame([pl.Series(name, columns[:, at]) for at, name in enumerate(self.answers())])

    def state(self) -> State:
        """The booster's bytes, its columns, the classes as JSON, and the categories of columns of strings."""
        columns = pl.DataFrame({"column": list(self._given)}, schema={"column": pl.String})
        classes = pl.DataFrame(
            {"class": [json.dumps(each) for each in self.classes]}, schema={"class": pl.String}
        )
        kept: State = {"booster": self._raw, "columns": columns, "classes": classes}
        return kept | ({"categories": category_codes.to_table(self._categories)} if self._categories else {})

    def restore(self, state: State) -> None:
        """Take up booster, columns, classes and categories; the library is needed only once Python answers."""
        raw, columns, classes = state["booster"], state["columns"], state["classes"]
        categories = state.get("categories", pl.DataFrame(schema=category_codes.SCHEMA))
        assert isinstance(raw, bytes)
        assert isinstance(columns, pl.DataFrame)
        assert isinstance(classes, pl.DataFrame)
        assert isinstance(categories, pl.DataFrame)
        self._raw, self._given = raw, tuple(columns["column"])
        self.classes = [json.loads(each) for each in classes["class"]]
        self._categories = category_codes.from_table(categories)

    def lower_inputs(self, inputs: Sequence[str], prefix: str) -> tuple[list[str], list[PlanStep]]:
        """Return the names of what the trees see, and the steps that write those of them that are codes."""
        told = zip(inputs, self._given, strict=True)
        reads = [read for read, name in told if name != self.weight_column]
        return category_codes.lower(reads, self.columns, self._categories, prefix)


def told(model: BoostedTrees, ours: frozenset[str]) -> dict[str, Any]:
    """Return the parameters that a library is told as they are: those that are set, and not ours."""
    return {name: value for name, value in model.params().items() if name not in ours and value is not None}


def constraints(limits: Mapping[str, int], columns: Sequence[str]) -> list[int]:
    """Return each column's constraint, 0 for none.

    >>> constraints({"b": -1}, ["a", "b"])
    [0, -1]

    Raises:
        UnknownNameError: a constraint on a column that there is not.
    """
    odd = [name for name in limits if name not in columns]
    if odd:
        raise UnknownNameError("column of monotone_constraints", odd[0], columns)
    return [limits.get(name, 0) for name in columns]
