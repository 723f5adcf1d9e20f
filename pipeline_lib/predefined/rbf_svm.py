"""A support vector machine of radial basis functions: near rows are alike."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.errors import MissingExtraError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared
from bighead.pipeline_lib.predefined.support_vectors import with_support_vectors
from bighead.pipeline_lib.predefined.task import Task, check_task


def rbf_svm(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    task: Task = "binary",
    inverse_penalty: float = 1.0,
    probabilities: bool = False,
    name: str = "rbf_svm",
) -> Pipeline:
    """Return an unfitted pipeline around scikit-learn's SVC or SVR; it is stored as arrays and runs in Python.

    Training grows with the square of the rows, and more: take some ten thousand at most.

    Args:
        numeric: Columns of numbers; missing becomes the mean.
        categorical: Columns of texts.
        task: `binary` and `multiclass` are the same here; or `regression`.
        inverse_penalty: scikit-learn's `C`.
        probabilities: Whether a classifier answers probabilities, calibrated in five folds (Platt, 1999), or decisions
            of 0 and 1.
        name: Of the pipeline.

    >>> p = rbf_svm(["n"])
    >>> p.fit({"n": [-9.0, 0.0, 1.0, 9.0]}, [1, 0, 0, 1]).transform({"n": [0.5, 9.5]})
    {'decision': array([0., 1.])}

    Raises:
        UnknownNameError: another task.
        DefinitionError: no columns.
        MissingExtraError: scikit-learn is not installed.
    """
    check_task(task)
    try:
        from sklearn.svm import SVC, SVR
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    classifier, regressor = SVC(C=inverse_penalty), SVR(C=inverse_penalty)
    pipeline = prepared(name, numeric, categorical)
    return with_support_vectors(pipeline, task, classifier, regressor, probabilities=probabilities)
