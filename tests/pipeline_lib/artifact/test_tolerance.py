"""The stored example holds an artifact to its answers, more loosely where a step says that they may differ."""

from __future__ import annotations

import dataclasses

import pytest
from bundles import FRAME, saved

from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean


def test_a_step_whose_answers_may_differ_says_by_how_much(tmp_path, monkeypatch):
    p = Pipeline("scaled")
    p["price"] >>= NaNToMean()
    saved(p.fit(FRAME), tmp_path / "bundle")
    loaded = load(tmp_path / "bundle")
    off = [{name: value + 1e-6 for name, value in row.items()} for row in loaded.example["answers"]]
    changed = dataclasses.replace(loaded, example={**loaded.example, "answers": off})
    with pytest.raises(ArtifactError, match="it was"):
        changed.reproduce()
    monkeypatch.setattr(NaNToMean, "tolerance", 1e-5)
    changed.reproduce()
