"""XGBoost's own JSON, read into the trees, or the line, of the native plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.xgboost_links import LINKED, base_margins, link_steps, margin_names

_CATEGORICAL = 1


def lower_trees(model: dict[str, Any], inputs: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
    """Return plan steps that answer as a booster does, bit for bit.

    Args:
        model: What `Booster.save_raw("json")` holds.
        inputs: Names of its features, in order.
        outputs: Names of its answers.

    Raises:
        UnsupportedStepError: a booster or objective that has no native form.
    """
    learner = model["learner"]
    objective, booster = learner["objective"]["name"], learner["gradient_booster"]
    if objective not in LINKED:
        raise UnsupportedStepError(
            f"XGBoost's {booster['name']} with {objective!r} has no native form.",
            cure="It runs in Python, slower.",
        )
    margins = margin_names(objective, outputs)
    base = base_margins(objective, learner["learner_model_param"]["base_score"], len(outputs))
    if booster["name"] == "gblinear":
        steps = _lines(booster["model"]["weights"], base, inputs, margins)
    else:
        steps = [forest(model, inputs, margins, base)]
    return [*steps, *link_steps(objective, margins, outputs)]


def forest(
    model: dict[str, Any],
    inputs: Sequence[str],
    outputs: Sequence[str],
    base: Sequence[float],
    *,
    cover: bool = False,
) -> dict[str, Any]:
    """Return the plan step of a booster's trees; with `cover`, the weight of training rows at each node too.

    Raises:
        UnsupportedStepError: leaves that hold several numbers.
    """
    booster = model["learner"]["gradient_booster"]
    inner = (booster["gbtree"] if booster["name"] == "dart" else booster)["model"]
    weights = booster.get("weight_drop") or [1.0] * len(inner["trees"])
    told = zip(inner["trees"], inner["tree_info"], weights, strict=True)
    trees = [_tree(tree, group, np.float32(weight)) for tree, group, weight in told]
    if cover:
        for lowered, tree in zip(trees, inner["trees"], strict=True):
            lowered["cover"] = tree["sum_hessian"]
    step = {"op": "trees", "inputs": list(inputs), "outputs": list(outputs), "missing": "nan"}
    return {**step, "trees": trees, "base_score": list(base)}


def _tree(tree: dict[str, Any], group: int, weight: np.float32) -> dict[str, Any]:
    if int(tree["tree_param"].get("size_leaf_vector", "1")) > 1:
        raise UnsupportedStepError("XGBoost's leaves of several numbers have no native form.")
    # A leaf's value stands where an inner node has its threshold.
    leaves = [left < 0 for left in tree["left_children"]]
    conditions = tree["split_conditions"]
    lowered = {
        "group": group,
        "left": tree["left_children"],
        "right": tree["right_children"],
        "feature": tree["split_indices"],
        "threshold": [0.0 if leaf else value for leaf, value in zip(leaves, conditions, strict=True)],
        "default_left": [bool(left) for left in tree["default_left"]],
        "leaf": [
            # A tree's weight is multiplied in single precision before the leaf is added.
            float(weight * np.float32(value)) if leaf else 0.0
            for leaf, value in zip(leaves, conditions, strict=True)
        ],
    }
    categories = _categories(tree)
    return {**lowered, "categories": categories} if categories else lowered


def _categories(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """The categories that go right at each node that tests them; all others go left."""
    listed = tree.get("categories", [])
    spans = zip(
        tree.get("categories_nodes", []),
        tree.get("categories_segments", []),
        tree.get("categories_sizes", []),
        strict=True,
    )
    return [
        {"node": node, "codes": listed[start : start + size], "left": False}
        for node, start, size in spans
        if tree["split_type"][node] == _CATEGORICAL
    ]


def _lines(
    weights: Sequence[float], base: Sequence[float], inputs: Sequence[str], outputs: Sequence[str]
) -> list[dict[str, Any]]:
    """A line for each margin: weights lie input by input, biases behind them."""
    table = np.array(weights, dtype=np.float32).reshape(len(inputs) + 1, len(outputs))
    # XGBoost 3 starts all lines from the first base score, whatever their number.
    biases = table[-1] + np.float32(base[0])
    return [
        {
            "op": "linear",
            "inputs": list(inputs),
            "output": name,
            "weights": table[:-1, at].tolist(),
            "bias": float(biases[at]),
            "precision": "float32",
        }
        for at, name in enumerate(outputs)
    ]
