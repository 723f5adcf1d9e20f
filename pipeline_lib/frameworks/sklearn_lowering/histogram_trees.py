"""Histogram-based boosted trees of scikit-learn: double precision, missing values and categories at their nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.frameworks.infinite_thresholds import all_left, finite
from bighead.pipeline_lib.frameworks.sklearn_lowering.linked import linked, margin_names
from bighead.pipeline_lib.pipeline.native import passed
from bighead.pipeline_lib.pipeline.transformer import PlanStep

_WORD = 32


def lower_histogram_trees(
    estimator: Any, inputs: Sequence[str], outputs: Sequence[str], *, cover: bool = False
) -> list[PlanStep] | None:
    """Return fitted histogram-based trees as steps of the native plan; None where the loss has no native form."""
    margins = margin_names(outputs)
    base = np.ravel(estimator._baseline_prediction).tolist()
    steps = linked(estimator, margins, outputs)
    if steps is None or len(base) != len(margins):
        return None
    reads, coded = _inputs(estimator, inputs, outputs[0])
    trees = [
        _tree(predictor, cover) | {"group": group}
        for round_ in estimator._predictors
        for group, predictor in enumerate(round_)
    ]
    forest = {"op": "trees", "inputs": reads, "outputs": margins, "trees": trees, "base_score": base}
    return [*coded, {**forest, "arithmetic": "double"}, *steps]


def _inputs(estimator: Any, inputs: Sequence[str], prefix: str) -> tuple[list[str], list[PlanStep]]:
    """The names that the trees read, those of categories first as places among the categories of training."""
    if estimator._preprocessor is None:
        return list(inputs), []
    places = np.flatnonzero(estimator.is_categorical_).tolist()
    encoder = estimator._preprocessor.named_transformers_["encoder"]
    names: list[str] = []
    steps: list[PlanStep] = []
    for place, listed in zip(places, encoder.categories_, strict=True):
        number, code = f"{prefix}·{place} number", f"{prefix}·{place} code"
        known = [float(each) for each in listed if each == each]
        steps += [
            passed(inputs[place], number),
            {"op": "index", "input": number, "output": code, "categories": known, "unknown": None},
        ]
        names.append(code)
    return [*names, *(name for at, name in enumerate(inputs) if at not in set(places))], steps


def _tree(predictor: Any, cover: bool) -> dict[str, Any]:
    nodes = predictor.nodes
    ends = nodes["is_leaf"].astype(bool)
    thresholds = nodes["num_threshold"]
    lowered: dict[str, Any] = {
        "left": np.where(ends, -1, nodes["left"].astype(np.int64)).tolist(),
        "right": np.where(ends, -1, nodes["right"].astype(np.int64)).tolist(),
        "feature": nodes["feature_idx"].tolist(),
        "threshold": finite(thresholds.tolist()),
        "default_left": nodes["missing_go_to_left"].astype(bool).tolist(),
        "leaf": nodes["value"].tolist(),
    }
    categories = [
        {"node": at, "codes": _codes(predictor.raw_left_cat_bitsets[node["bitset_idx"]]), "left": True}
        for at, node in enumerate(nodes)
        if node["is_categorical"] and not node["is_leaf"]
    ]
    categories += all_left(thresholds.tolist(), (ends | nodes["is_categorical"].astype(bool)).tolist())
    lowered |= {"categories": categories} if categories else {}
    return lowered | ({"cover": nodes["count"].astype(float).tolist()} if cover else {})


def _codes(words: Any) -> list[int]:
    """Bits of 32-bit words as numbers."""
    return [bit for bit in range(_WORD * len(words)) if int(words[bit // _WORD]) >> bit % _WORD & 1]
