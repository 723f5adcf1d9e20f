"""Trees of scikit-learn: single ones, random forests, boosted ones and histogram-based ones, and isolation forests.

Inputs of the first three are rounded to single precision and compared by `<=` with thresholds in double precision;
those of histogram-based trees are compared as they are. Sums are in double precision, in the order of the trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.frameworks.infinite_thresholds import all_left, finite
from bighead.pipeline_lib.frameworks.sklearn_lowering.histogram_trees import lower_histogram_trees
from bighead.pipeline_lib.frameworks.sklearn_lowering.linked import affine, linked, margin_names
from bighead.pipeline_lib.pipeline.transformer import PlanStep

_SINGLE = {"DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"}
_FORESTS = {"RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"}
_BOOSTED = {"GradientBoostingClassifier", "GradientBoostingRegressor"}
_HISTOGRAM = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}


def lower_sklearn_trees(
    estimator: Any, inputs: Sequence[str], outputs: Sequence[str], *, cover: bool = False
) -> list[PlanStep] | None:
    """Return fitted trees as steps of the native plan; None for other estimators, and for several targets.

    Answers are missing where scikit-learn refuses a row: infinite inputs, and missing ones unless it takes them.

    Args:
        estimator: What was fitted.
        inputs: Names of its features, in order.
        outputs: Names of its answers: of two classes the second's probability, of more each one's; or the prediction.
        cover: Whether to say the weight of training rows at each node.
    """
    name = type(estimator).__name__
    if name in _HISTOGRAM:
        return lower_histogram_trees(estimator, inputs, outputs, cover=cover)
    if name in _BOOSTED:
        return _boosted(estimator, inputs, outputs, cover)
    if name not in _SINGLE | _FORESTS or estimator.n_outputs_ != 1:
        return None
    grown = [estimator] if name in _SINGLE else estimator.estimators_
    sums = margin_names(outputs)
    if name.endswith("Classifier"):
        # Of two classes the second one's probability is answered; one class alone has a probability of 1.
        place = 1 if len(outputs) == 1 and estimator.n_classes_ == 2 else slice(None)
    else:
        place = 0
    trees = [_tree(each.tree_, each.tree_.value[:, 0, place], cover) for each in grown]
    forest = _forest(estimator, inputs, sums, trees, [0.0] * len(sums))
    return [forest, *affine(sums, outputs, scale=float(len(grown)))]


def _boosted(
    estimator: Any, inputs: Sequence[str], outputs: Sequence[str], cover: bool
) -> list[PlanStep] | None:
    if type(estimator.init_).__module__ != "sklearn.dummy" and estimator.init_ != "zero":
        # It starts from another estimator's predictions.
        return None
    base = estimator._raw_predict_init(np.zeros((1, len(inputs))))[0]
    sums = margin_names(outputs)
    if len(base) != len(sums):
        return None
    trees = [
        _tree(each.tree_, estimator.learning_rate * each.tree_.value[:, 0, 0], cover) | {"group": group}
        for round_ in estimator.estimators_
        for group, each in enumerate(round_)
    ]
    steps = linked(estimator, sums, outputs)
    return None if steps is None else [_forest(estimator, inputs, sums, trees, base.tolist()), *steps]


def _forest(
    estimator: Any,
    inputs: Sequence[str],
    outputs: Sequence[str],
    trees: list[dict[str, Any]],
    base: list[float],
) -> PlanStep:
    missing = estimator.__sklearn_tags__().input_tags.allow_nan
    return {
        "op": "trees",
        "inputs": list(inputs),
        "outputs": list(outputs),
        "trees": trees,
        "base_score": base,
        "arithmetic": "rounded_inputs",
        "refused": "infinite" if missing else "infinite_or_missing",
    }


def _tree(tree: Any, values: Any, cover: bool) -> dict[str, Any]:
    lowered = {
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": finite(tree.threshold.tolist()),
        "default_left": tree.missing_go_to_left.astype(bool).tolist(),
        "leaf": np.asarray(values, dtype=np.float64).ravel().tolist(),
    }
    categories = all_left(tree.threshold.tolist(), (tree.children_left < 0).tolist())
    lowered |= {"categories": categories} if categories else {}
    return lowered | ({"cover": tree.weighted_n_node_samples.tolist()} if cover else {})
