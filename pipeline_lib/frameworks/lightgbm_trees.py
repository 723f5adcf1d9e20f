"""LightGBM's trees in the native plan: in double precision, with the link of the objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.lightgbm_text import LightGBMText

_IDENTITY = {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}
_EXP = {"poisson", "gamma", "tweedie"}
_SIGMOID = {"binary", "multiclassova", "cross_entropy"}


def lower_lightgbm(text: str, inputs: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
    """Return plan steps that answer as a booster of LightGBM does: raw scores bit for bit, links within rounding.

    Args:
        text: What `Booster.model_to_string()` says.
        inputs: Names of its features, in order.
        outputs: Names of its answers.

    Raises:
        UnsupportedStepError: an objective or leaves that have no native form.
    """
    model = LightGBMText.read(text)
    scores = [f"{name}·score" for name in outputs]
    return [forest(model, inputs, scores), *_links(model, scores, outputs)]


def forest(
    model: LightGBMText, inputs: Sequence[str], outputs: Sequence[str], *, cover: bool = False
) -> dict[str, Any]:
    """Return the plan step of a model's trees; with `cover`, how many training rows reached each node too."""
    step = {"op": "trees", "inputs": list(inputs), "outputs": list(outputs), "arithmetic": "double"}
    return {**step, "trees": model.lowered(cover=cover), "base_score": [0.0] * len(outputs)}


def _links(model: LightGBMText, scores: Sequence[str], outputs: Sequence[str]) -> list[dict[str, Any]]:
    name, *told = model.objective or ("",)
    steps: list[dict[str, Any]] = []
    if model.averages:
        means = [f"{name}·mean" for name in scores]
        steps = _each(scores, means, op="affine", center=0.0, scale=float(_rounds(model)))
        scores = means
    if name in _IDENTITY and "sqrt" not in told:
        return [*steps, *_each(scores, outputs, op="affine", center=0.0, scale=1.0)]
    if name in _EXP:
        return [*steps, *_each(scores, outputs, op="exp")]
    if name in _SIGMOID:
        steep = [float(each.partition(":")[2]) for each in told if each.startswith("sigmoid:")] or [1.0]
        steeper = [f"{name}·steep" for name in scores]
        steps += _each(scores, steeper, op="linear", weights=[steep[0]], bias=0.0)
        return [*steps, *_each(steeper, outputs, op="sigmoid")]
    if name == "multiclass":
        return [*steps, {"op": "softmax", "inputs": list(scores), "outputs": list(outputs)}]
    raise UnsupportedStepError(
        f"LightGBM's objective {' '.join(model.objective)!r} has no native form.",
        cure="It runs in Python, slower.",
    )


def _rounds(model: LightGBMText) -> int:
    return len(model.trees) // model.groups


def _each(reads: Sequence[str], writes: Sequence[str], *, op: str, **told: Any) -> list[dict[str, Any]]:
    """The same step for each score."""
    return [
        {"op": op, **({"inputs": [read]} if op == "linear" else {"input": read}), "output": write, **told}
        for read, write in zip(reads, writes, strict=True)
    ]
