"""Step 1 of 9, define: windows, aggregations, sources, feature sets, training sets and their catalogue."""

from __future__ import annotations

from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.features.declared_types import Categorical, Tensor
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.mutations import Mutations
from bighead.pipeline_lib.features.request_input import Input
from bighead.pipeline_lib.features.source import (
    CalendarSource,
    ChainedSource,
    EntitySource,
    EventSource,
    Source,
)
from bighead.pipeline_lib.features.training_set import Label, LeftTable, TrainingSet
from bighead.pipeline_lib.features.window import Window, duration

__all__ = [
    "Aggregation",
    "CalendarSource",
    "Catalog",
    "Categorical",
    "ChainedSource",
    "EntitySource",
    "EventSource",
    "Feature",
    "FeatureRef",
    "FeatureSet",
    "Input",
    "Label",
    "LeftTable",
    "Mutations",
    "Source",
    "Tensor",
    "TrainingSet",
    "Window",
    "duration",
]
