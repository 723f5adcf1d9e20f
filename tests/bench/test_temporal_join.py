"""The benchmark's own join agrees with a naive one, so that what is timed is what is meant."""

from __future__ import annotations

import importlib
from datetime import timedelta
from pathlib import Path

import polars as pl


def test_the_timed_join_equals_a_naive_one(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.temporal_join")
    bench.make_data(tmp_path, events=400, rows=60, keys=5)
    events, rows = pl.read_parquet(tmp_path / "events.parquet"), pl.read_parquet(tmp_path / "rows.parquet")
    got = bench.join(tmp_path)
    for row, answer in zip(rows.iter_rows(named=True), got.iter_rows(named=True), strict=True):
        for days in bench.DAYS:
            start = row["ts"] - timedelta(days=days)
            inside = events.filter(
                (pl.col("k") == row["k"]) & (pl.col("ts") >= start) & (pl.col("ts") < row["ts"])
            )
            assert answer[f"count_{days}"] == inside.height
            assert answer[f"max_{days}"] == inside["amount"].max()
