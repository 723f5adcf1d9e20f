"""A key with a third of all events stays within the budget, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

CHILD = Path(__file__).parent / "large_join_child.py"


def write_skewed(folder: Path, rows: int, questions: int) -> None:
    """Write events over a year of which each third has the key 0, and questions alike."""
    random = np.random.default_rng(3)

    def frame(size: int, time: str) -> pl.DataFrame:
        key = np.where(random.random(size) < 1 / 3, 0, random.integers(1, 5_000, size))
        seconds = pl.Series(random.integers(0, 365 * 86_400, size))
        at = (pl.lit(datetime(2013, 1, 1, tzinfo=UTC)) + pl.duration(seconds=seconds)).cast(
            pl.Datetime("us", "UTC")
        )
        return pl.DataFrame({"k": key}).with_columns(at.alias(time))

    happened = frame(rows, "event_time").with_columns(
        available_at=pl.col("event_time"), x=pl.Series(random.integers(0, 1_000_000, rows))
    )
    happened.write_parquet(folder / "rows.parquet")
    frame(questions, "t").write_parquet(folder / "left.parquet")


def child(folder: Path, budget: int) -> dict[str, float]:
    """Join in a process of its own; return what it says."""
    ended = subprocess.run(
        [sys.executable, str(CHILD), str(folder), str(budget)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return found


def test_a_hot_key_is_joined_within_the_budget(tmp_path):
    write_skewed(tmp_path, 4_000_000, 400_000)
    at_once, spilled = child(tmp_path, 0), child(tmp_path, 64)
    assert spilled["slices"] >= 3
    parts = pl.read_parquet(tmp_path / "parts" / "*.parquet")
    assert parts.equals(pl.read_parquet(tmp_path / "at_once.parquet"))
    # The streams that deal rows and answers buffer some of each, which no budget bounds; margins are generous.
    assert spilled["mb"] < 64 + 300, spilled
    assert at_once["mb"] > 1.4 * spilled["mb"], (at_once, spilled)
