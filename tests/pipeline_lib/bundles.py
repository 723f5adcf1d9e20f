"""Bundles of the listings: what every test of artifacts saves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from listings import every_transform, forest, listings

from bighead.pipeline_lib.artifact import InputColumn, Manifest, save
from bighead.pipeline_lib.frameworks import LogisticRegression, XGBRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, TextStats

FRAME, LABELS = listings()
SPAN = (datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 2, 1, tzinfo=UTC))
ROW = {"price": 80.0, "nights": 3, "instant": True, "room": "flat", "city": "city 7"}


def columns_of(pipeline: Pipeline, **origins: str) -> list[InputColumn]:
    return [InputColumn(i.name, i.dtype, True, origins.get(i.name, "context")) for i in pipeline.graph.inputs]


def saved(pipeline: Pipeline, folder: Path, **more) -> Manifest:
    given_ = {"model": "rental", "inputs": columns_of(pipeline), "example_rows": FRAME.head(100)}
    return save(pipeline, folder, **{**given_, **more})


def in_python() -> Pipeline:
    """A pipeline that has no native form: its counts of texts have none."""
    p = Pipeline("in_python")
    p[["price", "nights"]] >>= NaNToMean()
    p["room"] >>= TextStats()
    p >>= XGBRegressor(objective="count:poisson", n_estimators=5)
    return p


def linear() -> Pipeline:
    p = Pipeline("linear")
    p[["price", "nights"]] >>= NaNToMean()
    p["room"] >>= OneHotLabelEncoder()
    p >>= LogisticRegression()
    return p


CASES = {
    "forest": (forest(), LABELS),
    "transforms": (every_transform(), None),
    "linear": (linear(), LABELS),
    "python": (in_python(), FRAME["nights"]),
}
