"""Steps 2 and 3 of 9: cleaned rows, backfills, and the value of a feature as of any time."""

from __future__ import annotations

from bighead.pipeline_lib.point_in_time.backfill import backfill
from bighead.pipeline_lib.point_in_time.clean import clean
from bighead.pipeline_lib.point_in_time.join import Answers, JoinReport, answers_at, values_at
from bighead.pipeline_lib.point_in_time.leak import Finding, missingness_leak
from bighead.pipeline_lib.point_in_time.memory import Memory
from bighead.pipeline_lib.point_in_time.reading import RowReader, SourceRows, StoreRows
from bighead.pipeline_lib.point_in_time.touched import days_touched, touched_days
from bighead.pipeline_lib.point_in_time.trace import trace
from bighead.pipeline_lib.point_in_time.training import (
    TrainingFrame,
    build_training_set,
    features_at,
    training_rows,
)

__all__ = [
    "Answers",
    "Finding",
    "JoinReport",
    "Memory",
    "RowReader",
    "SourceRows",
    "StoreRows",
    "TrainingFrame",
    "answers_at",
    "backfill",
    "build_training_set",
    "clean",
    "days_touched",
    "features_at",
    "missingness_leak",
    "touched_days",
    "trace",
    "training_rows",
    "values_at",
]
