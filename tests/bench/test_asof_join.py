"""The benchmark's own join agrees with a naive one, so that what is timed is what is meant."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl


def test_the_timed_join_equals_a_naive_one(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.asof_join")
    bench.make_data(tmp_path, events=400, rows=60)
    events, rows = pl.read_parquet(tmp_path / "unique.parquet"), pl.read_parquet(tmp_path / "rows.parquet")
    events = events.with_columns(k=pl.col("k") % 5)
    events.write_parquet(tmp_path / "unique.parquet")
    rows.with_columns(k=pl.col("k") % 5).write_parquet(tmp_path / "rows.parquet")
    got, found = bench.join(tmp_path), 0
    for row, answer in zip(rows.with_columns(k=pl.col("k") % 5).rows(named=True), got["last"], strict=True):
        before = events.filter((pl.col("k") == row["k"]) & (pl.col("ts") < row["ts"])).sort("ts")
        assert answer == (before["amount"][-1] if before.height else None)
        found += before.height > 0
    assert found > 30
