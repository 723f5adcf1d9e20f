"""KD-trees and ball trees: the points, the metric and the size of a leaf are all that they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

_MODULES = {"sklearn.neighbors._kd_tree": "KDTree", "sklearn.neighbors._ball_tree": "BallTree"}
_POINTS, _LEAF, _METRIC, _WEIGHTS = 0, 4, 11, 12
_ARGUMENTS = ("p", "w", "V", "VI")


def is_tree(value: Any) -> bool:
    """Whether an object is such a tree, of 64-bit points."""
    return _MODULES.get(type(value).__module__) == type(value).__name__


def parts(value: Any) -> dict[str, Any]:
    """Return what a tree is built of.

    Raises:
        ValueError: a metric that is a function.
    """
    state = value.__getstate__()
    metric = type(state[_METRIC]).__name__.removesuffix("64")
    names = [name for name, cls in _metrics().items() if cls.__name__.removesuffix("64") == metric]
    if not names:
        raise ValueError(f"measures by {metric}")
    return {
        "class": type(value).__name__,
        "points": np.asarray(state[_POINTS]),
        "leaf_size": state[_LEAF],
        "metric": sorted(names)[0],
        "arguments": _arguments(metric, state[_METRIC]),
        "weights": None if state[_WEIGHTS] is None else np.asarray(state[_WEIGHTS]),
    }


def tree(held: dict[str, Any]) -> Any:
    """Return the tree of its parts.

    Raises:
        ValueError: a metric or class that is none.
    """
    import sklearn.neighbors

    if held["class"] not in _MODULES.values() or held["metric"] not in _metrics():
        raise ValueError(f"{held['class']!r} measuring by {held['metric']!r} is no tree of neighbours")
    if set(held["arguments"]) - set(_ARGUMENTS):
        raise ValueError("a metric has other arguments than its own")
    cls = getattr(sklearn.neighbors, held["class"])
    return cls(
        held["points"],
        leaf_size=int(held["leaf_size"]),
        metric=held["metric"],
        sample_weight=held["weights"],
        **held["arguments"],
    )


def _metrics() -> dict[str, Any]:
    from sklearn.metrics._dist_metrics import METRIC_MAPPING64

    return {name: cls for name, cls in METRIC_MAPPING64.items() if cls.__name__ != "PyFuncDistance64"}


def _arguments(metric: str, distance: Any) -> dict[str, Any]:
    """What a metric was made with, as its state holds it."""
    power, first, second = (distance.__getstate__() or (2.0, None, None))[:3]
    if metric == "MinkowskiDistance":
        weights = np.asarray(first)
        return {"p": float(power), "w": weights} if weights.size > 1 else {"p": float(power)}
    if metric == "SEuclideanDistance":
        return {"V": np.asarray(first)}
    return {"VI": np.asarray(second)} if metric == "MahalanobisDistance" else {}
