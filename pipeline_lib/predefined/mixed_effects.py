"""Mixed effects: numbers filled and scaled, texts one-hot, a linear model with effects of each entity."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.frameworks import MixedModelClassifier, MixedModelRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared
from bighead.pipeline_lib.predefined.task import Task, check_task
from bighead.pipeline_lib.transforms import SQLTransformer


def mixed_effects(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    entity: str,
    slopes: Sequence[str] = (),
    task: Task = "binary",
    name: str = "mixed_effects",
) -> Pipeline:
    """Return an unfitted pipeline for two classes or a number; it runs natively, and learns a million entities.

    Args:
        numeric: Columns of numbers; missing becomes the mean.
        categorical: Columns of texts; a value that training never saw is none of the known ones.
        entity: The column that names whose row it is: texts or whole numbers.
        slopes: Numeric columns whose weight differs by entity, too.
        task: `binary` or `regression`; for `multiclass` take logistic_regression.
        name: Of the pipeline.

    >>> p = mixed_effects(["n"], entity="host")
    >>> p = p.fit({"n": [0.0, 1.0, 2.0, 3.0], "host": ["a", "a", "b", "b"]}, ["no", "yes", "no", "yes"])
    >>> p.predict({"n": [3.0], "host": ["new"]})
    array(['yes'], dtype=object)

    Raises:
        DefinitionError: no columns.
        UnknownNameError: another task.
    """
    check_task(task, ("binary", "regression"))
    pipeline = prepared(name, numeric, categorical)
    # Texts and whole numbers go on as they are; `[]` would make floats of them.
    quoted = entity.replace('"', '""')
    pipeline[[entity]] >>= SQLTransformer({entity: f'"{quoted}"'})
    model = MixedModelRegressor if task == "regression" else MixedModelClassifier
    pipeline >>= model(entity, list(slopes))
    return pipeline
