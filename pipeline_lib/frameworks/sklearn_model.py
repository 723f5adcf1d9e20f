"""SklearnClassifier and SklearnRegressor: any classifier or regressor of scikit-learn as a model that can be stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.sklearn_step import SklearnStep
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, Model


class SklearnModel(SklearnStep, Model):
    """What both share."""

    takes = ANYTHING | {"sparse"}

    def __init__(self, estimator: Any) -> None:
        super().__init__(estimator)
        self.classes: list[Any] = []

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Fit a copy of the estimator on the columns and the labels.

        Raises:
            DataError: missing or infinite values that it does not take, labels that it cannot learn.
        """
        assert labels is not None
        if self.classifies:
            target, self.classes = label_codes.encode(labels)
        else:
            target = label_codes.numbers(labels)
        rows = self._prepared(frame)
        self.estimator.fit(rows, target)
        self.schema = dict.fromkeys(self.answers(), pl.Float64())

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answer each row; a row with a missing or infinite number that the estimator does not take gets none."""
        made = self._native(frame, self.answers())
        return self._answers(frame, self._python) if made is None else made

    def _python(self, rows: Any) -> pl.DataFrame:
        raise NotImplementedError

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that every answer is made of every input."""
        return dict.fromkeys(outputs, tuple(inputs))

    def gains(self) -> dict[str, float]:
        """Return the estimator's own `feature_importances_`, or the mean size of its `coef_`.

        Raises:
            NotImplementedError: it has neither.
        """
        found = getattr(self.estimator, "feature_importances_", None)
        if found is None and hasattr(self.estimator, "coef_"):
            coef = self.estimator.coef_
            found = np.abs(np.atleast_2d(coef.toarray() if hasattr(coef, "toarray") else coef)).mean(axis=0)
        if found is None or len(found) != len(self.columns):
            return Model.gains(self)
        return dict(zip(self.columns, np.asarray(found, dtype=np.float64).tolist(), strict=True))

    def _about(self) -> dict[str, Any]:
        return {**super()._about(), "classes": [json.dumps(each) for each in self.classes]}

    def _take_up(self, about: Mapping[str, Any]) -> None:
        super()._take_up(about)
        self.classes = [json.loads(each) for each in about["classes"]]


class SklearnClassifier(SklearnModel):
    """A classifier of scikit-learn.

    It answers `probability` (of the second class) or a `probability_<class>` each. One that knows no probabilities, as
    LinearSVC, answers `decision` or `decision_<class>`: 1 for the class that it predicts, else 0.

    Args:
        estimator: A classifier of scikit-learn; each fit takes a copy of it.

    >>> from sklearn.naive_bayes import GaussianNB
    >>> step = SklearnClassifier(GaussianNB())
    >>> step.fit(pl.DataFrame({"n": [0.0, 0.1, 0.9, 1.0]}), pl.Series(["no", "no", "yes", "yes"]))
    >>> step.transform(pl.DataFrame({"n": [0.0, 1.0, None]}))["probability"].round(3).to_list()
    [0.0, 1.0, None]
    """

    def __init__(self, estimator: Any) -> None:
        if estimator is not None and not hasattr(estimator, "predict"):
            raise DefinitionError(f"a {type(estimator).__name__} does not predict.", cure="Use a classifier.")
        super().__init__(estimator)

    def answers(self) -> tuple[str, ...]:
        """Return the names of the columns that the model answers: of probabilities, or of decisions."""
        word = "probability" if hasattr(self.estimator, "predict_proba") else "decision"
        return (word,) if len(self.classes) == 2 else tuple(f"{word}_{each}" for each in self.classes)

    def _python(self, rows: Any) -> pl.DataFrame:
        if hasattr(self.estimator, "predict_proba"):
            answered = np.asarray(self.estimator.predict_proba(rows), dtype=np.float64)
        else:
            answered = np.eye(len(self.classes))[np.asarray(self.estimator.predict(rows)).astype(np.int64)]
        columns = answered[:, 1:] if len(self.classes) == 2 else answered
        return pl.DataFrame(
            [pl.Series(name, columns[:, at]).fill_nan(None) for at, name in enumerate(self.answers())]
        )


class SklearnRegressor(SklearnModel):
    """A regressor of scikit-learn, which answers `prediction`.

    Args:
        estimator: A regressor of scikit-learn; each fit takes a copy of it.

    >>> from sklearn.linear_model import LinearRegression
    >>> step = SklearnRegressor(LinearRegression())
    >>> step.fit(pl.DataFrame({"n": [0.0, 1.0]}), pl.Series([1.0, 3.0]))
    >>> step.transform(pl.DataFrame({"n": [2.0, None]}))["prediction"].round(9).to_list()
    [5.0, None]
    """

    classifies = False

    def _python(self, rows: Any) -> pl.DataFrame:
        answered = np.asarray(self.estimator.predict(rows), dtype=np.float64).reshape(-1)
        return pl.DataFrame({"prediction": pl.Series(answered).fill_nan(None)})
