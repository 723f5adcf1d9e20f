"""Any scikit-learn-like object as a step: it fits and answers in Python, but cannot be stored without pickle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, NUMBERS, Model, State, Transformer, matrix


class EstimatorStep(Transformer):
    """A transformer with `fit` and `transform`, such as scikit-learn's."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    takes = ANYTHING

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Fit the object on an array of the columns."""
        self.estimator.fit(_array(frame), None if labels is None else labels.to_numpy())

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what the object answers, named by the object where it can."""
        made = self.estimator.transform(_array(frame))
        dense = np.asarray(made.todense() if hasattr(made, "todense") else made)
        columns = dense.reshape(frame.height, -1)
        names = _names(self.estimator, frame.columns, columns.shape[1])
        return pl.DataFrame([pl.Series(name, columns[:, at]) for at, name in enumerate(names)])

    def clone(self) -> Self:
        """Return the step around an unfitted copy of the object."""
        return type(self)(_unfitted(self.estimator))

    def params(self) -> dict[str, Any]:
        """Return the object's name; its parameters stay its own."""
        return {"estimator": type(self.estimator).__name__}

    def state(self) -> State:
        """Refuse.

        Raises:
            UnsupportedStepError: always; the cure names what can be stored.
        """
        raise _refused(self.estimator)


class EstimatorModel(Model):
    """A classifier with `predict_proba`, or a regressor with `predict`, such as scikit-learn's."""

    takes = NUMBERS

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.classes: list[Any] = []

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Fit the object on a matrix of the columns and the labels."""
        assert labels is not None
        if self.classifies:
            target, self.classes = label_codes.encode(labels)
        else:
            target = label_codes.numbers(labels)
        self.columns = tuple(frame.columns)
        self.estimator.fit(matrix(frame, np.float64), target)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return probabilities or predictions."""
        rows = matrix(frame, np.float64)
        if not self.classifies:
            return pl.DataFrame({"prediction": np.asarray(self.estimator.predict(rows), dtype=np.float64)})
        answered = np.asarray(self.estimator.predict_proba(rows), dtype=np.float64)
        columns = answered[:, 1:] if len(self.classes) == 2 else answered
        return pl.DataFrame([pl.Series(name, columns[:, at]) for at, name in enumerate(self.answers())])

    def clone(self) -> Self:
        """Return the step around an unfitted copy of the object."""
        return type(self)(_unfitted(self.estimator))

    def params(self) -> dict[str, Any]:
        """Return the object's name; its parameters stay its own."""
        return {"estimator": type(self.estimator).__name__}

    def state(self) -> State:
        """Refuse.

        Raises:
            UnsupportedStepError: always; the cure names what can be stored.
        """
        raise _refused(self.estimator)

    def gains(self) -> dict[str, float]:
        """Return the object's own `feature_importances_`, or the size of its `coef_`."""
        found = getattr(self.estimator, "feature_importances_", None)
        if found is None and hasattr(self.estimator, "coef_"):
            found = np.abs(np.atleast_2d(self.estimator.coef_)).mean(axis=0)
        if found is None:
            return super().gains()
        return dict(zip(self.columns, np.asarray(found, dtype=np.float64).tolist(), strict=True))


class EstimatorRegressor(EstimatorModel):
    """A regressor with `predict`."""

    classifies = False


def _array(frame: pl.DataFrame) -> np.ndarray[Any, Any]:
    if any(dtype == pl.String for dtype in frame.dtypes):
        return np.column_stack([series.to_numpy().astype(object) for series in frame])
    return matrix(frame, np.float64)


def _names(estimator: Any, columns: Sequence[str], count: int) -> list[str]:
    if hasattr(estimator, "get_feature_names_out"):
        try:
            named = [str(name) for name in estimator.get_feature_names_out(np.array(columns, dtype=object))]
        except (ValueError, AttributeError):
            named = []
        if len(named) == count:
            return named
    if count == len(columns):
        return list(columns)
    return [f"{type(estimator).__name__.lower()}_{at}" for at in range(count)]


def _unfitted(estimator: Any) -> Any:
    if hasattr(estimator, "get_params"):
        return type(estimator)(**estimator.get_params(deep=False))
    import copy

    return copy.deepcopy(estimator)


def _refused(estimator: Any) -> UnsupportedStepError:
    return UnsupportedStepError(
        f"the step {type(estimator).__name__} cannot be stored without pickle.",
        cure="Use bighead's transforms, XGBClassifier, XGBRegressor or LogisticRegression, which store arrays.",
    )
