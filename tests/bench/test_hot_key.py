"""What the hot key's two sides compute is the same, and a difference would be seen."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl


def test_both_sides_agree_and_a_difference_is_seen(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.hot_key")
    events, rows = bench.make_data(200, 300)
    mine, theirs = bench.ours(events, rows), bench.polars(events, rows)
    assert mine.height == 300
    assert bench.equal(mine, theirs)
    assert not bench.equal(mine.with_columns(count_7=pl.col("count_7") + 1), theirs)
    assert not bench.equal(mine.with_columns(sum_90=pl.col("sum_90") * 1.001), theirs)
