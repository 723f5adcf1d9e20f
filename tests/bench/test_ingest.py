"""The benchmark of ingestion keeps every event once, on both sides."""

from __future__ import annotations

import importlib
from pathlib import Path


def test_both_sides_keep_each_event_once_and_posters_share_the_log(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.ingest")
    monkeypatch.setattr(bench, "BATCH", 50)
    mine = bench.ours(tmp_path / "ours", events=150, users=7)
    assert mine["kept"] == 150
    assert mine["log_bytes"] > 20
    assert mine["index_bytes"] > 0
    (tmp_path / "sqlite").mkdir()
    assert bench.sqlite(tmp_path / "sqlite", events=150, users=7)[1] == 150
    assert bench.posters(tmp_path / "posters", threads=3, seconds=0.2)["per_second"] > 0
