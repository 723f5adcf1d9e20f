"""A linear support vector machine: the widest margin between classes, or a tube around numbers."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.errors import MissingExtraError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared
from bighead.pipeline_lib.predefined.support_vectors import with_support_vectors
from bighead.pipeline_lib.predefined.task import Task, check_task


def linear_svm(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    task: Task = "binary",
    inverse_penalty: float = 1.0,
    probabilities: bool = False,
    name: str = "linear_svm",
) -> Pipeline:
    """Return an unfitted pipeline around scikit-learn's LinearSVC or LinearSVR.

    Args:
        numeric: Columns of numbers; missing becomes the mean.
        categorical: Columns of texts.
        task: `binary` and `multiclass` are the same here; or `regression`.
        inverse_penalty: scikit-learn's `C`.
        probabilities: Whether a classifier answers probabilities, calibrated in five folds (Platt, 1999). Without,
            it answers decisions of 0 and 1, natively.
        name: Of the pipeline.

    >>> p = linear_svm(["n"])
    >>> p.fit({"n": [0.0, 1.0, 8.0, 9.0]}, [0, 0, 1, 1]).transform({"n": [0.5, 8.5]})
    {'decision': array([0., 1.])}

    Raises:
        UnknownNameError: another task.
        DefinitionError: no columns.
        MissingExtraError: scikit-learn is not installed.
    """
    check_task(task)
    try:
        from sklearn.svm import LinearSVC, LinearSVR
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    classifier = LinearSVC(C=inverse_penalty, max_iter=100_000)
    regressor = LinearSVR(C=inverse_penalty, max_iter=100_000)
    pipeline = prepared(name, numeric, categorical)
    return with_support_vectors(pipeline, task, classifier, regressor, probabilities=probabilities)
