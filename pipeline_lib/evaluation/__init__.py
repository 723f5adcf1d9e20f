"""Step 4 of 9, evaluate: metrics, curves stored as data, importance by input feature."""

from __future__ import annotations

from bighead.pipeline_lib.evaluation.evaluation import (
    Evaluation,
    Scores,
    evaluate,
    evaluate_classes,
    evaluate_numbers,
)
from bighead.pipeline_lib.evaluation.importance import importance
from bighead.pipeline_lib.evaluation.shap_trees import shap_values

__all__ = [
    "Evaluation",
    "Scores",
    "evaluate",
    "evaluate_classes",
    "evaluate_numbers",
    "importance",
    "shap_values",
]
