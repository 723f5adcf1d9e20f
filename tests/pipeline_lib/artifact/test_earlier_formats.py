"""Bundles that were saved by earlier versions open, and answer what they answered then.

`format_1` was saved before pipelines held times, texts in plans or other pipelines; a new format gets a
folder of its own, and none is ever written again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bighead.pipeline_lib.artifact import load

BUNDLES = sorted(path.parent for path in Path(__file__).parent.glob("format_*/*/manifest.json"))


def test_there_are_some_of_every_kind() -> None:
    assert {each.name for each in BUNDLES} == {"forest", "linear", "python", "transforms"}


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda each: f"{each.parent.name}-{each.name}")
def test_an_earlier_bundle_answers_what_it_answered(bundle: Path) -> None:
    artifact = load(bundle)
    artifact.reproduce()
    assert (artifact.plan is None) == (bundle.name == "python")
    # The steps in Python answer alike, not only the stored plan.
    in_python = type(artifact)(artifact.manifest, artifact.pipeline, None, artifact.example)
    in_python.reproduce()
