"""A step of a pipeline: named columns in, named columns out.

Authors write `transform`, and `fit` where there is something to learn; the pipeline checks names, types and
row counts around them. What can be stored without pickle has `state` and `restore`; what runs natively has `lower`.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import UnsupportedStepError

# What a step learnt, by a word for each part: tables become Arrow files, bytes become UBJ files.
State = dict[str, pl.DataFrame | bytes]
PlanStep = dict[str, Any]
# The kinds of types that a step may take (`dtypes.family`).
NUMBERS = frozenset({"float64", "int64", "bool"})
ANYTHING = NUMBERS | {"string"}
EVERYTHING = ANYTHING | {"datetime", "bytes", "list", "tensor", "sparse"}


class Transformer:
    """Base of all steps. A subclass that is a dataclass gets `params`, `clone` and storing from its fields.

    >>> class Log(Transformer):
    ...     def transform(self, frame):
    ...         return frame.select(pl.all().log1p())
    >>> Log().transform(pl.DataFrame({"nights": [0.0]})).to_dicts()
    [{'nights': 0.0}]
    """

    takes: ClassVar[frozenset[str]] = ANYTHING
    cure: ClassVar[str] = "Give this step columns that it takes."
    # Whether fitting it beside other steps would disturb them, or be disturbed: by threads, or by global state.
    alone: ClassVar[bool] = False
    # By how much (absolute, and relative) an answer may differ with the rows beside it and with the machine.
    tolerance: ClassVar[float] = 0.0

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn from columns (null is missing, NaN does not occur) and labels; nothing by default."""

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return new columns, a row for each row, in order."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to transform")

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Learn, and return what the steps behind learn from: by default what `transform` makes of the same rows.

        A step that learns labels returns what it would make of each row without having seen its label.
        """
        self.fit(frame, labels)
        return self.transform(frame)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return which inputs each output is made of: those of its own name, else all."""
        known = set(inputs)
        return {name: (name,) if name in known else tuple(inputs) for name in outputs}

    def params(self) -> dict[str, Any]:
        """Return the arguments that this step was made with, as JSON values."""
        if not dataclasses.is_dataclass(self):
            return {}
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.init}

    def clone(self) -> Self:
        """Return an unfitted step of the same parameters."""
        if dataclasses.is_dataclass(self):
            return type(self)(**copy.deepcopy(self.params()))
        return copy.deepcopy(self)

    def state(self) -> State:
        """Return what `fit` learnt, as tables and bytes.

        Raises:
            UnsupportedStepError: it cannot be stored without pickle.
        """
        raise UnsupportedStepError(
            f"the step {type(self).__name__} cannot be stored without pickle.",
            cure="Build it of bighead's own transforms and frameworks, which store arrays.",
        )

    def restore(self, state: State) -> None:
        """Take up what `state` returned."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to restore")

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: State) -> Self:
        """Build a fitted step from its parameters and state."""
        step = cls(**params)
        step.restore(state)
        return step

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return this step as steps of the native plan, reading and writing these names.

        Raises:
            UnsupportedStepError: it has no native form; the artifact then runs it in Python.
        """
        raise UnsupportedStepError(
            f"the step {type(self).__name__} has no native form.", cure="It runs in Python, slower."
        )


class Model(Transformer):
    """A step that learns labels. A classifier answers `probability`, a regressor `prediction`."""

    classifies: ClassVar[bool] = True
    alone = True
    takes = NUMBERS
    cure = "Encode strings first, as p[columns] >>= OneHotLabelEncoder()."
    classes: list[Any]

    def answers(self) -> tuple[str, ...]:
        """Return the names of the columns that the model answers."""
        if not self.classifies:
            return ("prediction",)
        if len(self.classes) == 2:
            return ("probability",)
        return tuple(f"probability_{each}" for each in self.classes)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that every answer is made of every input."""
        return dict.fromkeys(outputs, tuple(inputs))

    def gains(self) -> dict[str, float]:
        """Return how much each input column contributed in training, by name; higher is more."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its inputs contributed")


def arrow_column(name: str, array: Any) -> pl.Series:
    """Return an Arrow array, as the kernels answer it, as a column of that name."""
    return pl.Series(array).rename(name)


def matrix(frame: pl.DataFrame, dtype: type[np.float32] | type[np.float64]) -> np.ndarray[Any, Any]:
    """Return columns as one matrix, row-major, with NaN where a value is missing.

    Values go through 64 bits, as they do in the native plan, so that both round alike.
    """
    rows = np.empty((frame.height, frame.width), dtype=dtype)
    with np.errstate(over="ignore"):
        for place, series in enumerate(frame):
            rows[:, place] = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return rows
