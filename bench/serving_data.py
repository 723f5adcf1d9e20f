"""The data of the serving benchmarks: 20 numeric columns, one with gaps, and 5 columns of 30 categories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

NUMERIC = [f"n{i}" for i in range(20)]
CATEGORICAL = [f"c{i}" for i in range(5)]
CATEGORIES = [f"v{i}" for i in range(30)]


def table(rows: int, seed: int = 0) -> pl.DataFrame:
    """Return the inputs and the column `label`, which depends on an interaction and on one category."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(size=rows) for name in NUMERIC}
    texts = {name: rng.choice(CATEGORIES, rows) for name in CATEGORICAL}
    frame = pl.DataFrame(numbers | texts)
    score = pl.col("n1") + pl.col("n2") * pl.col("n3") + (pl.col("c0") == "v3").cast(pl.Float64)
    gaps = pl.when(pl.int_range(pl.len()) % 7 != 0).then("n0")
    return frame.with_columns(label=(score > 0.3).cast(pl.Int64), n0=gaps)


def write(folder: Path, training: pl.DataFrame, questions: list[dict[str, Any]]) -> None:
    """Write what the peer reads."""
    training.write_parquet(folder / "train.parquet")
    (folder / "rows.json").write_text(json.dumps(questions))
