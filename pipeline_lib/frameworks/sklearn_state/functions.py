"""Functions that an estimator may hold, by name: NumPy's of numbers, and scikit-learn's own that score or distance."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

# Beside NumPy's ufuncs, which are looked up by their type.
_NUMPY = ("max", "mean", "median", "min", "sum", "std", "var", "average", "nan_to_num")
_SKLEARN = {
    "sklearn.cluster._kmeans": ("_kmeans_single_elkan", "_kmeans_single_lloyd"),
    "sklearn.feature_selection": (
        "chi2",
        "f_classif",
        "f_regression",
        "mutual_info_classif",
        "mutual_info_regression",
        "r_regression",
    ),
    "sklearn.metrics": (
        "accuracy_score",
        "average_precision_score",
        "balanced_accuracy_score",
        "f1_score",
        "log_loss",
        "mean_absolute_error",
        "mean_squared_error",
        "r2_score",
        "roc_auc_score",
    ),
    "sklearn.metrics.pairwise": (
        "chi2_kernel",
        "cosine_similarity",
        "laplacian_kernel",
        "linear_kernel",
        "polynomial_kernel",
        "rbf_kernel",
        "sigmoid_kernel",
    ),
}


def function_name(function: Callable[..., Any]) -> str | None:
    """Return the name under which a function is stored; None where it may not be.

    >>> function_name(np.log1p), function_name(print)
    ('numpy:log1p', None)
    """
    name = getattr(function, "__name__", "")
    return next((each for each in _places(name) if _at(each) is function), None)


def function_at(name: str) -> Callable[..., Any]:
    """Return the function of a name.

    Raises:
        ValueError: one that may not be stored.
    """
    if name not in _places(name.partition(":")[2]):
        raise ValueError(f"{name} is no function that a bundle may name")
    found: Callable[..., Any] = _at(name)
    return found


def _places(name: str) -> list[str]:
    """The allowed names of functions that are called so."""
    numpy = isinstance(getattr(np, name, None), np.ufunc) or name in _NUMPY
    own = [f"{module}:{name}" for module, names in _SKLEARN.items() if name in names]
    return [f"numpy:{name}", *own] if numpy else own


@cache
def _at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name, None)
