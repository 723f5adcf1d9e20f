"""Listings to learn from: numbers, truth values and categories, some of them missing, and a label they decide."""

from __future__ import annotations

import numpy as np
import polars as pl

from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import (
    HashEncoder,
    NaNToMean,
    OneHotLabelEncoder,
    OrdinalEncoder,
    StandardScaler,
)

NUMERIC = ["price", "nights", "instant"]


def listings(rows: int = 600, seed: int = 0) -> tuple[pl.DataFrame, pl.Series]:
    random = np.random.default_rng(seed)
    price, nights = random.lognormal(4, 1, rows), random.integers(0, 30, rows)
    room = random.choice(["flat", "house", "été"], rows)
    frame = pl.DataFrame(
        {
            "price": [
                None if gap else value for gap, value in zip(random.random(rows) < 0.1, price, strict=True)
            ],
            "nights": nights,
            "instant": random.random(rows) < 0.5,
            "room": [
                None if gap else value for gap, value in zip(random.random(rows) < 0.1, room, strict=True)
            ],
            "city": random.choice([f"city {n}" for n in range(40)], rows),
        }
    )
    score = np.log(price) - 4 + nights / 15 - 1 + (room == "house") + random.normal(0, 0.7, rows)
    return frame, pl.Series("is_rental", (score > 0).astype(np.int8))


def forest(trees: int = 20, seed: int = 0) -> Pipeline:
    p = Pipeline("rental")
    p[NUMERIC] >>= [NaNToMean(), StandardScaler()]
    p["room"] >>= OneHotLabelEncoder()
    p["city"] >>= OrdinalEncoder()
    p >>= XGBClassifier(n_estimators=trees, max_depth=4, subsample=0.8, random_state=seed, n_jobs=1)
    return p


def every_transform() -> Pipeline:
    """A pipeline that ends in no model and uses every transform, one of them twice on a column."""
    p = Pipeline("columns")
    p["price"] >>= [NaNToMean(), StandardScaler()]
    p[["nights", "instant"]] >>= []
    p["room"] >>= OneHotLabelEncoder(missing="category")
    p["city"] >>= HashEncoder(buckets=16, seed=3)
    return p
