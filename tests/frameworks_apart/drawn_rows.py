"""Rows that networks learn from: numbers, images and texts, drawn by a seed."""

from __future__ import annotations

import numpy as np
import polars as pl

from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import StandardScaler

RANDOM = np.random.default_rng(0)
XOR = pl.DataFrame({"a": RANDOM.normal(size=400), "b": RANDOM.normal(size=400) * 10})
SIDE = (XOR["a"] * XOR["b"] > 0).cast(pl.Int64)


def numbers(step) -> Pipeline:
    p = Pipeline("xor")
    p[["a", "b"]] >>= [StandardScaler(), step]
    return p


def alone(step, frame, labels) -> Pipeline:
    p = Pipeline("alone")
    p[frame.columns] >>= step
    return p.fit(frame, labels)


def images(count=120, seed=1):
    """Squares and stripes."""
    random = np.random.default_rng(seed)
    blocks = random.normal(0, 0.3, (count, 1, 8, 8)).astype(np.float32)
    kinds = random.integers(0, 3, count)
    blocks[kinds == 1, 0, 2:6, 2:6] += 2
    blocks[kinds == 2, 0, ::2, :] += 2
    return pl.DataFrame({"image": pl.Series(blocks, dtype=pl.Array(pl.Float32, (1, 8, 8)))}), pl.Series(
        ["noise", "square", "stripes"]
    ).gather(kinds)


def texts(count=200, seed=1):
    """Texts that hold 7 beside 8 somewhere, or not."""
    random = np.random.default_rng(seed)
    lists = [random.integers(0, 7, random.integers(0, 12)).tolist() for _ in range(count)]
    found = random.integers(0, 2, count)
    for at in np.flatnonzero(found):
        place = int(random.integers(0, len(lists[at]) + 1))
        lists[at][place:place] = [7, 8]
    return pl.DataFrame({"tokens": pl.Series(lists, dtype=pl.List(pl.Int64))}), pl.Series(found)
