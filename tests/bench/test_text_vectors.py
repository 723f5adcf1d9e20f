"""The benchmark's messages are the same each time, both sides answer the same, and a difference would be seen."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl
from sklearn.feature_extraction.text import HashingVectorizer


def test_both_sides_agree_and_a_difference_is_seen(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    bench = importlib.import_module("bench.text_vectors")
    texts = bench.messages(300)
    assert texts == bench.messages(300)
    assert not all(text.isascii() for text in texts)
    theirs = HashingVectorizer(n_features=64)
    ours = bench.HashingVectorizer(n_features=64)
    assert bench.measure(ours.transform, theirs.transform, texts)["equal"]
    made = ours.transform(pl.DataFrame({"text": texts}))
    assert not bench.equal(made.reverse(), theirs.transform(texts))
    assert not bench.equal(made, HashingVectorizer(n_features=64, norm="l1").transform(texts))
