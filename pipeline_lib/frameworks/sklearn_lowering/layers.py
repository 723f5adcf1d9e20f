"""Multi-layer perceptrons: dense layers, an activation behind each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.frameworks.sklearn_lowering.linear import margin
from bighead.pipeline_lib.pipeline.native import mapped, passed
from bighead.pipeline_lib.pipeline.transformer import PlanStep

MOST_WEIGHTS = 1 << 20


def lower_perceptron(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return scikit-learn's MLPClassifier or MLPRegressor; None for others."""
    if type(estimator).__name__ not in ("MLPClassifier", "MLPRegressor"):
        return None
    widths = [layer.shape for layer in estimator.coefs_]
    if sum(layer.size for layer in estimator.coefs_) > MOST_WEIGHTS or widths[-1][1] != len(outputs):
        return None
    if estimator.out_activation_ == "logistic" and len(outputs) > 1:
        return None
    steps: list[PlanStep] = []
    reads = list(inputs)
    for depth, (weights, biases) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        sums = [f"{outputs[0]}·layer {depth}·{place}" for place in range(len(biases))]
        steps += [margin(reads, *each) for each in zip(sums, weights.T, biases, strict=True)]
        if depth == len(widths) - 1:
            return [*steps, *_activated(estimator.out_activation_, sums, list(outputs))]
        reads = [f"{name}·active" for name in sums]
        steps += _activated(estimator.activation, sums, reads)
    return None


def _activated(function: str, reads: Sequence[str], writes: Sequence[str]) -> list[PlanStep]:
    if function == "softmax":
        return [{"op": "softmax", "inputs": list(reads), "outputs": list(writes)}]
    return [_one(function, read, write) for read, write in zip(reads, writes, strict=True)]


def _one(function: str, read: str, write: str) -> PlanStep:
    if function == "relu":
        return mapped(read, write, "clip", low=0.0, high=None)
    if function == "logistic":
        return {"op": "sigmoid", "input": read, "output": write}
    if function == "identity":
        return passed(read, write)
    return mapped(read, write, function)
