"""Scalers and imputers: each column by itself, as our own transforms of these names do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bighead.pipeline_lib.frameworks.sklearn_lowering.linear import margin
from bighead.pipeline_lib.pipeline.native import mapped, passed, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep


def lower_scaler(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    """Return a scaler or imputer of numbers; None for others."""
    name = type(estimator).__name__
    if not type(estimator).__module__.startswith(("sklearn.preprocessing", "sklearn.impute")):
        return None
    if name == "Normalizer" and len(inputs) == len(outputs):
        return [{"op": "normalize", "inputs": list(inputs), "outputs": list(outputs), "norm": estimator.norm}]
    if name == "SimpleImputer":
        return _imputer(estimator, inputs, outputs)
    if len(inputs) != len(outputs):
        return None
    if name == "Binarizer":
        return [
            mapped(read, write, "above", threshold=float(estimator.threshold))
            for read, write in zip(inputs, outputs, strict=True)
        ]
    if name == "MinMaxScaler":
        return _min_max(estimator, inputs, outputs)
    shift = _shift(estimator, name, len(inputs))
    if shift is None:
        return None
    return [scaled(*each) for each in zip(inputs, outputs, *shift, strict=True)]


def _shift(estimator: Any, name: str, count: int) -> tuple[list[float], list[float]] | None:
    """What is subtracted from each column, and what it is divided by then."""
    if name == "StandardScaler":
        center, scale = estimator.mean_ if estimator.with_mean else None, estimator.scale_
    elif name == "RobustScaler":
        center, scale = estimator.center_, estimator.scale_
    elif name == "MaxAbsScaler" and not getattr(estimator, "clip", False):
        center, scale = None, estimator.scale_
    else:
        return None
    centers = np.zeros(count) if center is None else np.asarray(center, dtype=np.float64)
    scales = np.ones(count) if scale is None else np.asarray(scale, dtype=np.float64)
    return centers.tolist(), scales.tolist()


def _min_max(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
    low, high = (float(each) for each in estimator.feature_range)
    steps: list[PlanStep] = []
    for read, write, stretch, least in zip(inputs, outputs, estimator.scale_, estimator.min_, strict=True):
        between = f"{write}·stretched" if estimator.clip else write
        steps.append(margin([read], between, [stretch], least))
        if estimator.clip:
            steps.append(mapped(between, write, "clip", low=low, high=high))
    return steps


def _imputer(estimator: Any, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep] | None:
    values = np.asarray(estimator.statistics_)
    plain = values.dtype.kind == "f" and np.isfinite(values).all() and estimator.indicator_ is None
    unseen = estimator.missing_values
    if not plain or len(inputs) != len(outputs) or not (isinstance(unseen, float) and np.isnan(unseen)):
        return None
    steps: list[PlanStep] = []
    for read, write, value in zip(inputs, outputs, values.tolist(), strict=True):
        number = f"{write}·number"
        # A whole number would be filled as one, and a mean seldom is.
        steps += [
            passed(read, number),
            {"op": "fill", "input": number, "output": write, "value": float(value)},
        ]
    return steps
