"""What both support vector machines end in: a regressor, or a classifier that may be calibrated."""

from __future__ import annotations

from typing import Any

from bighead.pipeline_lib.frameworks import SklearnClassifier, SklearnRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.task import Task


def with_support_vectors(
    pipeline: Pipeline, task: Task, classifier: Any, regressor: Any, *, probabilities: bool
) -> Pipeline:
    """Put scikit-learn's classifier or regressor behind what prepares the columns, and return the pipeline.

    Args:
        pipeline: What prepares the columns.
        task: Which of them.
        classifier: One that decides without probabilities.
        regressor: One for numbers.
        probabilities: Whether the classifier is calibrated in five folds (Platt, 1999).
    """
    if task == "regression":
        pipeline >>= SklearnRegressor(regressor)
        return pipeline
    if probabilities:
        from sklearn.calibration import CalibratedClassifierCV

        classifier = CalibratedClassifierCV(classifier, ensemble=False)
    pipeline >>= SklearnClassifier(classifier)
    return pipeline
