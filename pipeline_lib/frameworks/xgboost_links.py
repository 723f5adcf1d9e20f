"""How XGBoost turns margins into answers and base scores into margins, by objective, all in single precision.

Source: XGBoost's objectives (`PredTransform`, `ProbToMargin`); its parameter documentation lists them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from bighead_kernels import log_single, logit_single

SIGMOID = {"binary:logistic", "reg:logistic"}
SOFTMAX = {"multi:softprob"}
EXP = {"count:poisson", "reg:gamma", "reg:tweedie"}
HINGE = {"binary:hinge"}
IDENTITY = {
    "binary:logitraw",
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "rank:pairwise",
    "rank:ndcg",
    "rank:map",
}
LINKED = SIGMOID | SOFTMAX | EXP | HINGE | IDENTITY


def base_margins(objective: str, stored: str, count: int) -> list[float]:
    """Return where the sum of each margin starts.

    >>> base_margins("binary:logistic", "[5E-1]", 1)
    [-0.0]

    Args:
        objective: XGBoost's word.
        stored: The model's `base_score`: a number, or since 3.1 a JSON list of them.
        count: How many margins there are.
    """
    listed = json.loads(stored)
    scores = [float(np.float32(each)) for each in (listed if isinstance(listed, list) else [listed])]
    scores = scores * count if len(scores) == 1 else scores
    if objective in SIGMOID:
        return [logit_single(score) for score in scores]
    return [log_single(score) for score in scores] if objective in EXP else scores


def margin_names(objective: str, outputs: Sequence[str]) -> list[str]:
    """Return the names of the margins: those of the answers where these are the margins themselves."""
    return list(outputs) if objective in IDENTITY else [f"{name}·margin" for name in outputs]


def link_steps(objective: str, margins: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
    """Return the plan steps from margins to answers."""
    if objective in IDENTITY:
        return []
    if objective in SOFTMAX:
        many = {"inputs": list(margins), "outputs": list(outputs)}
        return [{"op": "softmax", **many, "precision": "float32"}]
    one = {"input": margins[0], "output": outputs[0]}
    if objective in HINGE:
        return [{"op": "map", **one, "function": {"name": "above", "threshold": 0.0}}]
    return [{"op": "exp" if objective in EXP else "sigmoid", **one, "precision": "float32"}]
