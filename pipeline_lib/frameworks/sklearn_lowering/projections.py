"""Projections: each answer is a weighted sum of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.frameworks.sklearn_lowering.linear import margin
from bighead.pipeline_lib.pipeline.transformer import PlanStep

_PROJECTIONS = {
    "sklearn.decomposition": ("PCA", "IncrementalPCA", "TruncatedSVD"),
    "sklearn.random_projection": ("GaussianRandomProjection", "SparseRandomProjection"),
}
# The weights stand in the plan as text: beyond these it takes longer to read than to answer.
MOST_WEIGHTS = 1 << 20


def lower_projection(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return a projection; None for others."""
    family = ".".join(type(estimator).__module__.split(".")[:2])
    if type(estimator).__name__ not in _PROJECTIONS.get(family, ()):
        return None
    weights, biases = weights_of(estimator)
    if weights.shape != (len(outputs), len(inputs)) or weights.size > MOST_WEIGHTS:
        return None
    return [margin(inputs, *each) for each in zip(outputs, weights, biases, strict=True)]


def weights_of(estimator: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return a fitted projection as a row of weights and a bias for each answer.

    >>> from sklearn.decomposition import PCA
    >>> weights, biases = weights_of(PCA(1).fit([[0.0], [2.0]]))
    >>> weights.tolist(), biases.tolist()
    ([[1.0]], [-1.0])
    """
    held = estimator.components_
    weights = np.asarray(held.toarray() if hasattr(held, "toarray") else held, dtype=np.float64)
    mean = getattr(estimator, "mean_", None)
    biases = np.zeros(len(weights)) if mean is None else -(weights @ mean)
    if getattr(estimator, "whiten", False):
        scale = np.maximum(np.sqrt(estimator.explained_variance_), np.finfo(np.float64).eps)
        weights, biases = weights / scale[:, None], biases / scale
    return weights, biases
