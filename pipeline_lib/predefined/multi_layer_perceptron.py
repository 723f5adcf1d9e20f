"""A multi-layer perceptron: dense layers of scikit-learn's, run natively."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.errors import MissingExtraError
from bighead.pipeline_lib.frameworks import SklearnClassifier, SklearnRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared
from bighead.pipeline_lib.predefined.task import Task, check_task


def multi_layer_perceptron(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    task: Task = "binary",
    layers: Sequence[int] = (64, 32),
    penalty: float = 1e-4,
    rounds: int = 500,
    seed: int = 0,
    name: str = "multi_layer_perceptron",
) -> Pipeline:
    """Return an unfitted pipeline around scikit-learn's MLPClassifier, or MLPRegressor of standardised labels.

    Args:
        numeric: Columns of numbers; missing becomes the mean.
        categorical: Columns of texts.
        task: `binary` and `multiclass` are the same here; or `regression`.
        layers: How wide each hidden layer is; behind each comes max(0, x).
        penalty: Of the squared weights.
        rounds: Over all rows, at most; scikit-learn warns where it would have gone on.
        seed: Where it starts.
        name: Of the pipeline.

    >>> multi_layer_perceptron(["n"], layers=[4]).steps[-1].estimator.hidden_layer_sizes
    (4,)

    Raises:
        UnknownNameError: another task.
        DefinitionError: no columns.
        MissingExtraError: scikit-learn is not installed.
    """
    check_task(task)
    try:
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.neural_network import MLPClassifier, MLPRegressor
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    pipeline = prepared(name, numeric, categorical)
    given = {
        "hidden_layer_sizes": tuple(layers),
        "alpha": penalty,
        "random_state": seed,
        "max_iter": rounds,
    }
    if task == "regression":
        # Steps are of one size, whatever the labels' unit: they are standardised first.
        regressor = TransformedTargetRegressor(MLPRegressor(**given), transformer=StandardScaler())
        pipeline >>= SklearnRegressor(regressor)
    else:
        pipeline >>= SklearnClassifier(MLPClassifier(**given))
    return pipeline
