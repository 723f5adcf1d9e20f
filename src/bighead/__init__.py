"""Bighead: a feature is a function of (entity, time), computed by one merge algebra.

The names a project needs, each loaded when it is first used:

>>> import bighead
>>> bighead.Aggregation("price", "sum", windows=["7d"]).operation
'sum'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.ports import bind_default

if TYPE_CHECKING:
    from bighead.client import Client
    from bighead.pipeline_lib.features import (
        Aggregation,
        CalendarSource,
        Categorical,
        ChainedSource,
        EntitySource,
        EventSource,
        FeatureRef,
        FeatureSet,
        Input,
        Label,
        LeftTable,
        Mutations,
        Tensor,
        TrainingSet,
        Window,
    )
    from bighead.pipeline_lib.model_config import (
        Gate,
        Holdout,
        ModelConfig,
        OnlineServingConfig,
        ScheduledComputeConfig,
        Schedules,
        SingleMachineConfig,
        SparkConfig,
        TransformConfig,
    )
    from bighead.pipeline_lib.pipeline import Pipeline, Transformer
    from bighead.pipeline_lib.quality import Drift, Freshness, Lateness, NullRate, Range, Unique, Volume
    from bighead.session import Session

_FEATURES, _MODELS = "bighead.pipeline_lib.features", "bighead.pipeline_lib.model_config"
_QUALITY = "bighead.pipeline_lib.quality"
_PUBLIC = {
    "Aggregation": _FEATURES,
    "CalendarSource": _FEATURES,
    "Categorical": _FEATURES,
    "ChainedSource": _FEATURES,
    "Client": "bighead.client",
    "Drift": _QUALITY,
    "EntitySource": _FEATURES,
    "EventSource": _FEATURES,
    "FeatureRef": _FEATURES,
    "FeatureSet": _FEATURES,
    "Freshness": _QUALITY,
    "Gate": _MODELS,
    "Holdout": _MODELS,
    "Input": _FEATURES,
    "Label": _FEATURES,
    "Lateness": _QUALITY,
    "LeftTable": _FEATURES,
    "ModelConfig": _MODELS,
    "Mutations": _FEATURES,
    "NullRate": _QUALITY,
    "OnlineServingConfig": _MODELS,
    "Pipeline": "bighead.pipeline_lib.pipeline",
    "Range": _QUALITY,
    "ScheduledComputeConfig": _MODELS,
    "Schedules": _MODELS,
    "Session": "bighead.session",
    "SingleMachineConfig": _MODELS,
    "SparkConfig": _MODELS,
    "Tensor": _FEATURES,
    "TrainingSet": _FEATURES,
    "TransformConfig": _MODELS,
    "Transformer": "bighead.pipeline_lib.pipeline",
    "Unique": _QUALITY,
    "Volume": _QUALITY,
    "Window": _FEATURES,
}
__all__ = [
    "Aggregation",
    "CalendarSource",
    "Categorical",
    "ChainedSource",
    "Client",
    "Drift",
    "EntitySource",
    "EventSource",
    "FeatureRef",
    "FeatureSet",
    "Freshness",
    "Gate",
    "Holdout",
    "Input",
    "Label",
    "Lateness",
    "LeftTable",
    "ModelConfig",
    "Mutations",
    "NullRate",
    "OnlineServingConfig",
    "Pipeline",
    "Range",
    "ScheduledComputeConfig",
    "Schedules",
    "Session",
    "SingleMachineConfig",
    "SparkConfig",
    "Tensor",
    "TrainingSet",
    "TransformConfig",
    "Transformer",
    "Unique",
    "Volume",
    "Window",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'bighead' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _open_session() -> Session:
    # Stores and their libraries are heavy: they load with the first preview or collect, not with the name.
    from bighead.session import default_session

    return default_session()


bind_default(_open_session)
