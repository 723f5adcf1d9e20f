"""Linear models: margins are sums of weights, and a link makes answers of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.pipeline.native import mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep

_SOFTMAX = ("LogisticRegression", "LogisticRegressionCV", "LinearDiscriminantAnalysis")
# Above this are 0 and what is greater: the least double below 0.
_JUST_BELOW_0 = -5e-324


def margin(inputs: Sequence[str], output: str, weights: Any, bias: Any) -> PlanStep:
    """Return bias + Σ weight · x.

    >>> margin(["a"], "m", [2.0], 1.0)
    {'op': 'linear', 'inputs': ['a'], 'output': 'm', 'weights': [2.0], 'bias': 1.0}
    """
    numbers = np.asarray(weights, dtype=np.float64).tolist()
    return {"op": "linear", "inputs": list(inputs), "output": output, "weights": numbers, "bias": float(bias)}


def lower_linear_model(
    estimator: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> list[PlanStep] | None:
    """Return a linear classifier, regressor or generalised linear model; None for others."""
    from sklearn.linear_model._base import LinearClassifierMixin, LinearModel
    from sklearn.linear_model._glm.glm import _GeneralizedLinearRegressor

    cls = type(estimator)
    if not hasattr(estimator, "coef_") or hasattr(estimator.coef_, "tocsr"):
        return None
    if issubclass(cls, LinearClassifierMixin):
        return _classifier(estimator, inputs, outputs)
    if issubclass(cls, _GeneralizedLinearRegressor):
        return _generalised(estimator, inputs, outputs)
    if issubclass(cls, LinearModel) or cls.__name__ == "SGDRegressor":
        return _regressor(estimator, inputs, outputs)
    return None


def _regressor(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    weights = np.asarray(estimator.coef_)
    if weights.size != len(inputs) or len(outputs) != 1:
        return None
    return [margin(inputs, outputs[0], weights.ravel(), np.ravel(estimator.intercept_)[0])]


def _generalised(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    link = type(estimator._base_loss.link).__name__
    if link == "IdentityLink":
        return _regressor(estimator, inputs, outputs)
    if link != "LogLink":
        return None
    between = f"{outputs[0]}·margin"
    steps = _regressor(estimator, inputs, [between])
    return None if steps is None else [*steps, mapped(between, outputs[0], "exp")]


def _classifier(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    weights = np.atleast_2d(estimator.coef_)
    if weights.shape[0] != len(outputs) or weights.shape[1] != len(inputs):
        return None
    biases = np.broadcast_to(np.ravel(estimator.intercept_), len(outputs))
    margins = [f"{name}·margin" for name in outputs]
    steps = [margin(inputs, *each) for each in zip(margins, weights, biases, strict=True)]
    linked = _link(estimator, margins, outputs)
    return None if linked is None else [*steps, *linked]


def _link(estimator: Any, margins: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return margins as probabilities, or as decisions where the classifier knows none."""
    one = len(margins) == 1
    if not hasattr(estimator, "predict_proba"):
        return [mapped(margins[0], outputs[0], "above", threshold=0.0)] if one else decided(margins, outputs)
    softmax = type(estimator).__name__ in _SOFTMAX
    if not softmax and getattr(estimator, "loss", None) != "log_loss":
        return None
    if one:
        return [{"op": "sigmoid", "input": margins[0], "output": outputs[0]}]
    if softmax:
        return [{"op": "softmax", "inputs": list(margins), "outputs": list(outputs)}]
    # One against the rest: each by itself, and shares of their sum.
    shares = [f"{name}·share" for name in outputs]
    steps: list[PlanStep] = [
        {"op": "sigmoid", "input": read, "output": write} for read, write in zip(margins, shares, strict=True)
    ]
    return [*steps, {"op": "normalize", "inputs": shares, "outputs": list(outputs), "norm": "l1"}]


def decided(margins: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
    """Return 1 for the greatest of several margins, 0 for the others; equal ones that are greatest share it."""
    greatest = f"{outputs[0]}·greatest"
    steps: list[PlanStep] = [
        {"op": "combine", "inputs": list(margins), "output": greatest, "combination": "max"}
    ]
    for read, write in zip(margins, outputs, strict=True):
        off = f"{write}·off"
        steps += [
            {"op": "combine", "inputs": [read, greatest], "output": off, "combination": "subtract"},
            mapped(off, write, "above", threshold=_JUST_BELOW_0),
        ]
    return steps
