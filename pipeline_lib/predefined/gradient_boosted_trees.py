"""Gradient-boosted trees: numbers as they are, missing ones too, texts one-hot, XGBoost."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.frameworks import XGBClassifier, XGBRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared
from bighead.pipeline_lib.predefined.task import Task, check_task


def gradient_boosted_trees(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    task: Task = "binary",
    trees: int = 200,
    depth: int = 6,
    learning_rate: float = 0.1,
    name: str = "gradient_boosted_trees",
) -> Pipeline:
    """Return an unfitted pipeline that runs natively.

    Args:
        numeric: Columns of numbers; missing ones go each node's own way.
        categorical: Columns of texts.
        task: `binary`, `multiclass` or `regression`.
        trees: How many rounds of boosting.
        depth: Of each tree, at most.
        learning_rate: What each round counts.
        name: Of the pipeline.

    >>> p = gradient_boosted_trees(["n"], task="regression", trees=50, learning_rate=0.5)
    >>> p.fit({"n": [0.0, 1.0, None]}, [1.0, 5.0, 9.0]).predict({"n": [None]}).round(2)
    array([9.])

    Raises:
        UnknownNameError: another task.
        DefinitionError: no columns.
    """
    check_task(task)
    pipeline = prepared(name, numeric, categorical, scaled=False)
    if task == "regression":
        pipeline >>= XGBRegressor(n_estimators=trees, max_depth=depth, learning_rate=learning_rate)
        return pipeline
    objective = "binary:logistic" if task == "binary" else "multi:softprob"
    pipeline >>= XGBClassifier(
        objective=objective, n_estimators=trees, max_depth=depth, learning_rate=learning_rate
    )
    return pipeline
