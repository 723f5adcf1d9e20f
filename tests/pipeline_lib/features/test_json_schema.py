"""The schema for editors takes every file that we read, and underlines what we would refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from bighead.pipeline_lib.features import codec
from bighead.pipeline_lib.features.json_schema import feature_set_schema

VALIDATOR = Draft202012Validator(feature_set_schema())
ROOT = Path(__file__).parents[3]
PAPER = """
name: bookings
owner: team:homes
keys: [listing]
event_time: ts
source: {type: hive, query: SELECT 1, dependencies: [stays], start_date: "2010-01-01"}
operation: sum
windows: [7d, 14]
features: {nights: Total number of nights booked, price: null}
"""


def told(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(feature_set_schema())
    operation = feature_set_schema()["properties"]["aggregations"]["items"]["properties"]["operation"]
    assert "average" in operation["anyOf"][0]["enum"]
    assert "Who answers for it" in feature_set_schema()["properties"]["owner"]["description"]


def test_the_papers_form_is_taken():
    assert told(PAPER) == []
    assert codec.from_yaml(PAPER).name == "bookings"


def test_short_and_listed_operations_are_taken():
    assert told(PAPER.replace("operation: sum", "operation: [last_5, p99, std]")) == []
    listed = """
name: stays
owner: t
keys: [home]
source: {table: stays}
aggregations:
  - {column: x, operation: percentile, windows: [7d], quantiles: [0.5, 1]}
  - {column: x, operation: top_k, k: 3, buckets: city, where: y > 1, name: z, empty: {}}
  - {column: x, operation: decayed_sum, half_life: 3d, buckets: [city, kind], empty: {}}
"""
    assert told(listed) == []
    assert len(codec.from_yaml(listed).features) == 3


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_are_taken(path):
    if "source" in yaml.safe_load(path.read_text()):
        text = path.read_text().replace("start_date: 2013-01-01", 'start_date: "2013-01-01"')
        assert told(text) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("name: bookings", "name: Bookings"), "does not match"),
        (("operation: sum", "operation: summ"), "not valid"),
        (("operation: sum", "operation: [sum, last_x]"), "not valid"),
        (("keys: [listing]", "kees: [listing]"), "'kees' was unexpected"),
        (("owner: team:homes", "tags: [a]"), "'owner' is a required property"),
        (("type: hive", "type: hivee"), "not valid under any of the given schemas"),
        (("windows: [7d, 14]", "windows: 7d"), "is not of type 'array'"),
        (("event_time: ts", "aggregations: []"), "should not be valid under"),
        (("event_time: ts", "boundary: sometimes"), "is not one of"),
    ],
)
def test_what_we_would_refuse_is_underlined(change, words):
    assert any(words in each for each in told(PAPER.replace(*change)))
