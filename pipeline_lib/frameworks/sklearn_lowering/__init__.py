"""Fitted estimators of scikit-learn as steps of the native plan, an idea a file; most have no such form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bighead.pipeline_lib.frameworks.sklearn_lowering.held import lower_held
from bighead.pipeline_lib.frameworks.sklearn_lowering.layers import lower_perceptron
from bighead.pipeline_lib.frameworks.sklearn_lowering.linear import lower_linear_model
from bighead.pipeline_lib.frameworks.sklearn_lowering.projections import lower_projection
from bighead.pipeline_lib.frameworks.sklearn_lowering.scalers import lower_scaler
from bighead.pipeline_lib.frameworks.sklearn_lowering.selections import lower_selection
from bighead.pipeline_lib.frameworks.sklearn_lowering.trees import lower_sklearn_trees
from bighead.pipeline_lib.pipeline.transformer import PlanStep

# Each returns steps that write the outputs, or None for an estimator that is not its own; the first that knows it is
# taken. A form answers as scikit-learn does within 1e-9, and missing for what scikit-learn refuses.
Form = Callable[[Any, Sequence[str], Sequence[str]], list[PlanStep] | None]
FORMS: tuple[Form, ...] = (
    lower_linear_model,
    lower_scaler,
    lower_selection,
    lower_projection,
    lower_perceptron,
    lower_sklearn_trees,
)


def lowered(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return a fitted estimator as steps that read and write these names; None where it has no native form."""
    if not type(estimator).__module__.startswith("sklearn."):
        return None
    held = lower_held(lowered, estimator, inputs, outputs)
    if held is not None:
        return held
    for form in FORMS:
        steps = form(estimator, inputs, outputs)
        if steps is not None:
            return steps
    return None
