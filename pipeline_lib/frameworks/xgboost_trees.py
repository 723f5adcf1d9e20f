"""XGBoost's own JSON, read into the trees of the native plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bighead_kernels import logit_single

from bighead.pipeline_lib.errors import UnsupportedStepError

# How each objective turns margins into answers: by sigmoid, by softmax, or not at all.
LINKS = {
    "binary:logistic": "sigmoid",
    "reg:logistic": "sigmoid",
    "multi:softprob": "softmax",
    "reg:squarederror": "identity",
    "reg:absoluteerror": "identity",
    "reg:pseudohubererror": "identity",
}


def lower_trees(model: dict[str, Any], inputs: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
    """Return plan steps that answer as a boosted forest does, bit for bit.

    Args:
        model: What `Booster.save_raw("json")` holds.
        inputs: Names of its features, in order.
        outputs: Names of its answers.

    Raises:
        UnsupportedStepError: a booster or objective that has no native form.
    """
    learner = model["learner"]
    objective, booster = learner["objective"]["name"], learner["gradient_booster"]
    if booster["name"] != "gbtree" or objective not in LINKS:
        raise UnsupportedStepError(
            f"XGBoost's {booster['name']} with {objective!r} has no native form.",
            cure="It runs in Python, slower.",
        )
    link = LINKS[objective]
    margins = [f"{name}·margin" for name in outputs] if link != "identity" else list(outputs)
    groups = booster["model"]["tree_info"]
    trees = [_tree(tree, group) for tree, group in zip(booster["model"]["trees"], groups, strict=True)]
    forest = {"op": "trees", "inputs": list(inputs), "outputs": margins, "trees": trees, "missing": "nan"}
    base = {"base_score": _margins(learner["learner_model_param"]["base_score"], link, len(outputs))}
    steps: list[dict[str, Any]] = [{**forest, **base}]
    if link == "sigmoid":
        linked = {"input": margins[0], "output": outputs[0]}
        steps.append({"op": "sigmoid", **linked, "precision": "float32"})
    elif link == "softmax":
        steps.append({"op": "softmax", "inputs": margins, "outputs": list(outputs), "precision": "float32"})
    return steps


def _margins(base_score: str, link: str, count: int) -> list[float]:
    """Base scores are stored as answers; the sum starts from their margins."""
    listed = json.loads(base_score)
    scores = [float(each) for each in (listed if isinstance(listed, list) else [listed])]
    scores = scores * count if len(scores) == 1 else scores
    return [logit_single(score) for score in scores] if link == "sigmoid" else scores


def _tree(tree: dict[str, Any], group: int) -> dict[str, Any]:
    if any(tree["split_type"]):
        raise UnsupportedStepError("XGBoost's categorical splits have no native form.")
    # A leaf's value stands where an inner node has its threshold.
    leaves = [left < 0 for left in tree["left_children"]]
    conditions = tree["split_conditions"]
    return {
        "group": group,
        "left": tree["left_children"],
        "right": tree["right_children"],
        "feature": tree["split_indices"],
        "threshold": [0.0 if leaf else value for leaf, value in zip(leaves, conditions, strict=True)],
        "default_left": [bool(left) for left in tree["default_left"]],
        "leaf": [value if leaf else 0.0 for leaf, value in zip(leaves, conditions, strict=True)],
    }
