"""Step 4 and 5 of 9: what a model is – its pipeline, data, schedules, machines and gates."""

from __future__ import annotations

from bighead.pipeline_lib.model_config.compute import (
    ScheduledComputeConfig,
    Schedules,
    SingleMachineConfig,
    SparkConfig,
)
from bighead.pipeline_lib.model_config.config import ModelConfig
from bighead.pipeline_lib.model_config.gate import Gate, Holdout
from bighead.pipeline_lib.model_config.serving import OnlineServingConfig, TransformConfig

__all__ = [
    "Gate",
    "Holdout",
    "ModelConfig",
    "OnlineServingConfig",
    "ScheduledComputeConfig",
    "Schedules",
    "SingleMachineConfig",
    "SparkConfig",
    "TransformConfig",
]
