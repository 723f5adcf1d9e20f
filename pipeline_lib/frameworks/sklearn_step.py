"""What the steps around scikit-learn's estimators share: how they read columns, are cloned, and are stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import ArtifactError, DataError, UnsupportedStepError
from bighead.pipeline_lib.frameworks.labels import check_finite
from bighead.pipeline_lib.frameworks.sklearn_input import Reading, check_columns
from bighead.pipeline_lib.frameworks.sklearn_lowering import lowered
from bighead.pipeline_lib.frameworks.sklearn_output import scattered
from bighead.pipeline_lib.frameworks.sklearn_state import put_together, take_apart
from bighead.pipeline_lib.frameworks.sklearn_state.classes import path_of
from bighead.pipeline_lib.frameworks.sklearn_state.plain import Unknown, plain
from bighead.pipeline_lib.pipeline.dtypes import polars_type, word_of
from bighead.pipeline_lib.pipeline.plan_of_step import PlanOfStep
from bighead.pipeline_lib.pipeline.schema import type_of
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, NUMBERS, PlanStep, State, Transformer

LARGEST = float(np.finfo(np.float64).max)


class SklearnStep(Transformer):
    """Base of steps around one estimator of scikit-learn, which is not changed: each fit takes a copy."""

    takes = ANYTHING | {"sparse"}

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.columns: tuple[str, ...] = ()
        self.schema: dict[str, pl.DataType] = {}
        self._reading: Reading | None = None
        # None before it was looked for, False where there is none.
        self._plan: PlanOfStep | Literal[False] | None = None

    @property
    def random_state(self) -> Any:
        """The seed of the estimator; 0 where it has none to give. Without a seed it is fitted with 0."""
        return getattr(self.estimator, "random_state", 0)

    @random_state.setter
    def random_state(self, seed: int) -> None:
        self.estimator.set_params(random_state=seed)

    def _prepared(self, frame: pl.DataFrame) -> Any:
        """Return the rows to learn from, after a look at them; the estimator is then seeded."""
        reading = Reading.of(self.estimator, frame)
        numbers = frame.select(
            pl.col(n) for n, d in frame.schema.items() if d.is_numeric() or d == pl.Boolean
        )
        if reading.form != "frame" and not reading.infinite:
            check_finite(type(self.estimator).__name__, numbers, LARGEST, missing=reading.missing)
        self.columns, self._reading, self._plan = tuple(frame.columns), reading, None
        self.estimator = _seeded(self.estimator)
        return reading.rows(frame)

    def _answers(self, frame: pl.DataFrame, answer: Callable[[Any], pl.DataFrame]) -> pl.DataFrame:
        """Return what the estimator answers to the rows that it takes, and missing for the others."""
        if self._reading is None:
            raise DataError(
                f"the {type(self.estimator).__name__} is not fitted.", cure="Call p.fit(frame, labels)."
            )
        check_columns(self.columns, frame)
        taken = self._reading.answerable(frame)
        if not taken.any():
            return pl.DataFrame(
                {n: pl.Series(n, [None] * frame.height, dtype=d) for n, d in self.schema.items()}
            )
        try:
            if taken.all():
                return answer(self._reading.rows(frame))
            return scattered(answer(self._reading.rows(frame.filter(pl.Series(taken)))), taken)
        except (AttributeError, LookupError, RuntimeError, MemoryError) as error:
            raise DataError(
                f"{type(self.estimator).__name__} says: {type(error).__name__}: {error}", cure="Train again."
            ) from error

    def clone(self) -> Self:
        """Return the step around an unfitted copy of the estimator."""
        from sklearn.base import clone

        return type(self)(clone(self.estimator))

    def params(self) -> dict[str, Any]:
        """Return the estimator's class and, as JSON for people to read, its parameters."""
        given = {name: _shown(value) for name, value in self.estimator.get_params(deep=False).items()}
        return {"estimator": path_of(type(self.estimator)), "parameters": json.dumps(given, sort_keys=True)}

    def state(self) -> State:
        """The estimator as JSON and arrays, and what the step knows of its columns.

        Raises:
            UnsupportedStepError: the estimator holds something that cannot be stored; the message says where.
        """
        said, arrays = take_apart(self.estimator)
        return {
            "estimator.json": said,
            "estimator.arrays": arrays,
            "step.json": json.dumps(self._about()).encode(),
        }

    def _about(self) -> dict[str, Any]:
        assert self._reading is not None
        words = {name: word_of(dtype) for name, dtype in self.schema.items()}
        return {"columns": [*self.columns], "answers": words, "reading": self._reading.plain()}

    def restore(self, state: State) -> None:
        """Take up the estimator and the rest.

        Raises:
            ArtifactError: it cannot be put together.
        """
        said, arrays, about = state["estimator.json"], state["estimator.arrays"], state["step.json"]
        assert isinstance(said, bytes)
        assert isinstance(arrays, bytes)
        assert isinstance(about, bytes)
        self.estimator = put_together(said, arrays)
        self._take_up(json.loads(about))

    def _take_up(self, about: Mapping[str, Any]) -> None:
        self.columns = tuple(str(each) for each in about["columns"])
        self.schema = {str(name): polars_type(word) for name, word in about["answers"].items()}
        reading = about["reading"]
        widths = {str(name): int(width) for name, width in reading["widths"].items()}
        self._reading = Reading(
            str(reading["form"]), bool(reading["missing"]), bool(reading["infinite"]), widths
        )

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: State) -> Self:
        """Build a fitted step; the state holds the parameters, too.

        Raises:
            ArtifactError: the state holds another class than the parameters say.
        """
        step = cls(None)
        step.restore(state)
        if path_of(type(step.estimator)) != params["estimator"]:
            raise ArtifactError(f"the state of a {params['estimator']} is another's.", cure="Train again.")
        return step

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the estimator as steps of the native plan.

        Raises:
            UnsupportedStepError: it has none; the artifact then runs it in Python.
        """
        steps = (
            lowered(self.estimator, inputs, outputs)
            if self._reading and self._reading.form == "numbers"
            else None
        )
        if steps is None:
            raise UnsupportedStepError(
                f"the estimator {type(self.estimator).__name__} has no native form.",
                cure="It runs in Python, slower.",
            )
        return steps

    def _native(self, frame: pl.DataFrame, outputs: Sequence[str]) -> pl.DataFrame | None:
        """Return the answers of the native form, so that tables and served rows get the same; None without one."""
        if self._reading is None:
            raise DataError(
                f"the {type(self.estimator).__name__} is not fitted.", cure="Call p.fit(frame, labels)."
            )
        check_columns(self.columns, frame)
        kinds = {type_of(dtype) for dtype in frame.dtypes}
        if self._plan is None:
            self._plan = self._plan_of(outputs)
        return self._plan.answer(frame) if self._plan and self._plan.names and kinds <= NUMBERS else None

    def _plan_of(self, outputs: Sequence[str]) -> PlanOfStep | Literal[False]:
        try:
            return PlanOfStep.of(self, self.columns, outputs)
        except UnsupportedStepError:
            return False


def _seeded(estimator: Any) -> Any:
    """Return a copy whose seeds are 0 where none are given: equal rows teach equal things."""
    from sklearn.base import clone

    seeded = clone(estimator)
    given = seeded.get_params(deep=True)
    lacking = [
        name for name, value in given.items() if name.split("__")[-1] == "random_state" and value is None
    ]
    return seeded.set_params(**dict.fromkeys(lacking, 0)) if lacking else seeded


def _shown(value: Any) -> Any:
    try:
        return plain(value)
    except (Unknown, ValueError):
        return repr(value)[:200]
