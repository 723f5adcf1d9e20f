"""Both sides of bench.spark give the same, whatever the case."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl
import pytest

# How often the most frequent of the keys of 3,000 events may come.
MOST = {"skewed": (40, 130), "even": (90, 150), "hot": (900, 1_100)}


@pytest.mark.parametrize("case", MOST)
def test_the_kernel_and_the_windows_of_spark_agree(case, spark, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.spark")
    assert tuple(MOST) == bench.CASES
    bench.make_data(tmp_path, 3_000, 300, case)
    most = pl.read_parquet(tmp_path / "events.parquet")["k"].value_counts()["count"].max()
    assert MOST[case][0] < most < MOST[case][1]
    bench.join(spark, tmp_path)
    bench.window(spark, tmp_path)
    assert bench.equal(tmp_path)
    ours = pl.read_parquet(tmp_path / "ours" / "*.parquet")
    assert ours.height == 300
    assert ours["p_amount_count_sliding_90d"].sum() > 0
    wrong = ours.with_columns(pl.col("p_amount_max_sliding_90d") + 1e-9)
    for file in sorted((tmp_path / "ours").glob("*.parquet")):
        file.unlink()
    wrong.write_parquet(tmp_path / "ours" / "00000.parquet")
    assert not bench.equal(tmp_path)
