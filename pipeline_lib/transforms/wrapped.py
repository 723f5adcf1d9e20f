"""Transforms that scikit-learn calculates, under parameters of ours: stored as arrays, run in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.frameworks.sklearn_transformer import SklearnTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, PlanStep, State, Transformer


@dataclass(eq=False)
class WrappedTransform(Transformer):
    """Base of wrapped transforms. A subclass says in `wrapped` which object of scikit-learn it is."""

    takes = NUMBERS
    cure = "Encode strings, as p[columns] >>= OneHotLabelEncoder()."
    inner: SklearnTransformer | None = field(init=False, repr=False, default=None)

    def wrapped(self) -> Any:
        """Return the object, unfitted."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it wraps")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Fit the object."""
        self.fit_transform(frame, labels)

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Fit the object, and return what it makes of the rows.

        Raises:
            MissingExtraError: scikit-learn is not installed.
        """
        try:
            self.inner = SklearnTransformer(self.wrapped())
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        return self.inner.fit_transform(frame, labels)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what the object makes of the rows."""
        return self._fitted().transform(frame)

    def state(self) -> State:
        """The object as JSON and arrays."""
        return self._fitted().state()

    def restore(self, state: State) -> None:
        """Take up the object."""
        self.inner = SklearnTransformer(None)
        self.inner.restore(state)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the object's native form.

        Raises:
            UnsupportedStepError: it has none.
        """
        return self._fitted().lower(inputs, outputs)

    def _fitted(self) -> SklearnTransformer:
        if self.inner is None:
            raise DataError(f"the {type(self).__name__} is not fitted.", cure="Call p.fit(frame, labels).")
        return self.inner
