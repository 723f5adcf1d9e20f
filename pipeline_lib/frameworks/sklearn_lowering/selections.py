"""Selections: some columns go on as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bighead.pipeline_lib.pipeline.native import passed
from bighead.pipeline_lib.pipeline.transformer import PlanStep


def lower_selection(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return a selector of columns; None for others."""
    from sklearn.feature_selection import SelectorMixin

    if not isinstance(estimator, SelectorMixin):
        return None
    chosen = [inputs[place] for place in estimator.get_support(indices=True)]
    if len(chosen) != len(outputs):
        return None
    return [passed(read, write) for read, write in zip(chosen, outputs, strict=True)]
