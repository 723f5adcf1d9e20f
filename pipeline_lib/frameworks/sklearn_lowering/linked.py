"""From the raw predictions of boosted trees to what scikit-learn answers, by the loss that they were grown for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.pipeline.native import scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep


def margin_names(outputs: Sequence[str]) -> list[str]:
    """Return names for what the answers are made of.

    >>> margin_names(["prediction"])
    ['prediction·margin']
    """
    return [f"{name}·margin" for name in outputs]


def affine(reads: Sequence[str], writes: Sequence[str], *, scale: float = 1.0) -> list[PlanStep]:
    """Return each number divided by `scale`."""
    return [scaled(read, write, 0.0, scale) for read, write in zip(reads, writes, strict=True)]


def linked(estimator: Any, margins: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return the steps from raw predictions to answers; None for a loss that has no native form."""
    loss, link = type(estimator._loss).__name__, type(estimator._loss.link).__name__
    if link == "MultinomialLogit":
        return [{"op": "softmax", "inputs": list(margins), "outputs": list(outputs)}]
    if link == "LogitLink":
        return [{"op": "sigmoid", "input": margins[0], "output": outputs[0]}]
    if link == "HalfLogitLink" or loss == "ExponentialLoss":
        twice = f"{margins[0]}·twice"
        return [
            scaled(margins[0], twice, 0.0, 0.5),
            {"op": "sigmoid", "input": twice, "output": outputs[0]},
        ]
    if link == "LogLink":
        return [{"op": "exp", "input": margins[0], "output": outputs[0]}]
    return affine(margins, outputs) if link == "IdentityLink" else None
