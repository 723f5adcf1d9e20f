"""Which classes of scikit-learn may be stored and built again: its estimators, and the parts they are made of."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

# Importing these would run tests or plugins.
_CLOSED = frozenset({"tests", "conftest", "externals", "experimental", "datasets", "callback"})
# scikit-learn shows these where they belong only once somebody has asked for experiments.
_EXPERIMENTAL = frozenset({"HalvingGridSearchCV", "HalvingRandomSearchCV", "IterativeImputer"})
# Instances of classes of these modules are their attributes, and nothing else.
PART_MODULES = frozenset(
    {
        "sklearn._loss.link",
        "sklearn._loss.loss",
        "sklearn.calibration",
        "sklearn.cluster._birch",
        "sklearn.cluster._bisect_k_means",
        "sklearn.ensemble._hist_gradient_boosting.predictor",
        "sklearn.gaussian_process.kernels",
        "sklearn.metrics._scorer",
        "sklearn.model_selection._split",
        "sklearn.neural_network._stochastic_optimizers",
        "sklearn.utils._metadata_requests",
    }
)
# Classes of these are made again of numbers.
COMPILED_MODULES = frozenset({"sklearn._loss._loss", "sklearn.linear_model._sgd_fast"})


def is_estimator(cls: type) -> bool:
    """Whether a class is an estimator of scikit-learn itself."""
    from sklearn.base import BaseEstimator

    return issubclass(cls, BaseEstimator) and _is_open(cls.__module__)


def path_of(cls: type) -> str:
    """Return where a class is imported from: the public place where there is one.

    >>> from sklearn.svm import SVC
    >>> path_of(SVC)
    'sklearn.svm:SVC'
    """
    public = ".".join(cls.__module__.split(".")[:2])
    experimental = cls.__name__ in _EXPERIMENTAL
    shown = not experimental and getattr(importlib.import_module(public), cls.__name__, None) is cls
    return f"{public if shown else cls.__module__}:{cls.__name__}"


@cache
def estimator_at(path: str) -> type[Any]:
    """Return the estimator of a path.

    Raises:
        ValueError: no estimator of scikit-learn.
    """
    cls = _imported(path)
    if not is_estimator(cls):
        raise ValueError(f"{path} is no estimator of scikit-learn")
    return cls


@cache
def part_at(path: str, modules: frozenset[str]) -> type[Any]:
    """Return a class that one of some modules defines.

    Raises:
        ValueError: another class.
    """
    cls = _imported(path)
    if cls.__module__ not in modules:
        raise ValueError(f"{path} is no part of an estimator")
    return cls


def _is_open(module: str) -> bool:
    parts = module.split(".")
    return parts[0] == "sklearn" and len(parts) > 1 and not _CLOSED & set(parts)


def _imported(path: str) -> type[Any]:
    module, _, name = path.partition(":")
    if not _is_open(module):
        raise ValueError(f"{path} is nothing that a bundle may name")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise ValueError(f"there is no {module} in this scikit-learn") from error
    if not isinstance(found, type):
        raise ValueError(f"there is no class {path} in this scikit-learn")
    return found
