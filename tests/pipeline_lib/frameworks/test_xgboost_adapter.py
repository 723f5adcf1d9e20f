"""What the adapters of XGBoost do beside plain trees: categories, weights, early stopping, boosters, forests."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import xgboost
from bighead_kernels import Plan
from bundles import on_all, saved
from listings import listings

from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.frameworks import XGBClassifier, XGBRegressor, XGBRFClassifier, XGBRFRegressor
from bighead.pipeline_lib.pipeline.lowering import lower, to_json

FRAME, LABELS = listings()
SMALL = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1}
