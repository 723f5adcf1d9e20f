"""Our side of the serving benchmarks: the pipeline as a user writes it."""

from __future__ import annotations

import polars as pl

from bench.serving_data import CATEGORICAL, NUMERIC
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, StandardScaler


def fitted(training: pl.DataFrame) -> Pipeline:
    """Return the fitted pipeline: impute, scale, one-hot, 100 trees of depth 5."""
    pipeline = Pipeline("bench_serving")
    pipeline[NUMERIC] >>= [NaNToMean(), StandardScaler()]
    pipeline[CATEGORICAL] >>= OneHotLabelEncoder()
    pipeline >>= XGBClassifier(n_estimators=100, max_depth=5, learning_rate=0.1)
    return pipeline.fit(training.drop("label"), training["label"])
