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

__all__ = ["Evaluation", "Scores", "evaluate", "evaluate_classes", "evaluate_numbers", "importance"]
