"""The catalogue of transforms is what the transforms say of themselves, and leaves none out."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import bighead.pipeline_lib.transforms as transforms
from bighead.pipeline_lib.artifact.storable_steps import STEPS
from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms import TRANSFORMS
from bighead.pipeline_lib.transforms.catalogue import catalogue, kind, lowers, reference

PAGE = Path(__file__).parents[3] / "docs" / "transforms.md"
NAMED = [
    value for name, value in vars(transforms).items() if inspect.isclass(value) and name != "Transformer"
]


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == catalogue(), (
        "python -m bighead.pipeline_lib.transforms.catalogue"
    )


def test_every_transform_is_in_it_once_and_can_be_stored():
    assert len({*TRANSFORMS}) == len(TRANSFORMS)
    assert {*NAMED} == {*TRANSFORMS}
    assert {each.__name__ for each in TRANSFORMS} <= {*STEPS}
    assert {*transforms.__all__} == {each.__name__ for each in TRANSFORMS} | {"FAMILIES", "TRANSFORMS"}


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda each: each.__name__)
def test_every_transform_names_its_reference_has_an_example_and_says_whether_it_lowers(transform):
    assert reference(transform) != "–"
    assert ">>> " in (inspect.getdoc(transform) or "")
    assert (transform.lower is Transformer.lower) == (lowers(transform) == "no")
    assert kind(transform) in ("kernel", "wrapped") or lowers(transform) == "yes"


def test_there_are_a_hundred_distinct_ones():
    assert len(TRANSFORMS) >= 100
