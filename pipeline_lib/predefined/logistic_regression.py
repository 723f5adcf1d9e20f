"""Logistic regression: numbers filled and scaled, texts one-hot, a linear model of log-odds."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.frameworks import LogisticRegression
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.predefined.preparation import prepared


def logistic_regression(
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    *,
    inverse_penalty: float = 1.0,
    name: str = "logistic_regression",
) -> Pipeline:
    """Return an unfitted pipeline for two classes or more; it runs natively.

    Args:
        numeric: Columns of numbers; missing becomes the mean.
        categorical: Columns of texts; a value that training never saw is none of the known ones.
        inverse_penalty: scikit-learn's `C`: more fits the training rows closer.
        name: Of the pipeline.

    >>> p = logistic_regression(["n"])
    >>> p.fit({"n": [0.0, 1.0, 2.0, None, 8.0, 9.0]}, ["no", "no", "no", "no", "yes", "yes"]).predict({"n": [9.0]})
    array(['yes'], dtype=object)

    Raises:
        DefinitionError: no columns.
    """
    pipeline = prepared(name, numeric, categorical)
    pipeline >>= LogisticRegression(C=inverse_penalty)
    return pipeline
