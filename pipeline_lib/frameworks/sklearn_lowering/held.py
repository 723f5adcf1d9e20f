"""Estimators that answer by others that they hold: pipelines, searches, RANSAC, rescaled labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bighead.pipeline_lib.frameworks.sklearn_lowering.linear import margin
from bighead.pipeline_lib.frameworks.sklearn_output import names_of
from bighead.pipeline_lib.pipeline.transformer import PlanStep

Lower = Callable[[Any, Sequence[str], Sequence[str]], list[PlanStep] | None]
# Where the one that answers is kept.
_KEPT = {
    "GridSearchCV": "best_estimator_",
    "HalvingGridSearchCV": "best_estimator_",
    "HalvingRandomSearchCV": "best_estimator_",
    "RANSACRegressor": "estimator_",
    "RandomizedSearchCV": "best_estimator_",
}


def lower_held(
    lower: Lower, estimator: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> list[PlanStep] | None:
    """Return an estimator by those it holds, lowered by `lower`; None for others, or where one has no form."""
    name = type(estimator).__name__
    if name == "Pipeline":
        return _chain(lower, estimator, inputs, outputs)
    if name == "TransformedTargetRegressor":
        return _rescaled(lower, estimator, inputs, outputs)
    kept = getattr(estimator, _KEPT.get(name) or "", None)
    return None if kept is None else lower(kept, inputs, outputs)


def _rescaled(
    lower: Lower, estimator: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> list[PlanStep] | None:
    """A regressor of standardised labels answers in their own units."""
    scaler = estimator.transformer_
    if type(scaler).__name__ != "StandardScaler" or len(outputs) != 1:
        return None
    between = f"{outputs[0]}·standardised"
    steps = lower(estimator.regressor_, inputs, [between])
    scale = 1.0 if scaler.scale_ is None else scaler.scale_[0]
    mean = 0.0 if not scaler.with_mean else scaler.mean_[0]
    return None if steps is None else [*steps, margin([between], outputs[0], [scale], mean)]


def _chain(
    lower: Lower, pipeline: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> list[PlanStep] | None:
    """Each step reads what the one before it wrote."""
    members = [each for _, each in pipeline.steps if each is not None and each != "passthrough"]
    steps: list[PlanStep] = []
    reads = list(inputs)
    for place, each in enumerate(members):
        last = place == len(members) - 1
        named = names_of(each, [str(at) for at in range(len(reads))]) if not last else None
        if not last and named is None:
            return None
        writes = list(outputs) if last else [f"{outputs[0]}·{place}·{at}" for at in range(len(named or ()))]
        made = lower(each, reads, writes)
        if made is None:
            return None
        steps += made
        reads = writes
    return steps or None
