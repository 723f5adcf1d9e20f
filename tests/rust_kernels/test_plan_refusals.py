"""What a plan refuses, and that it says where and why."""

from __future__ import annotations

import json

import polars as pl
import pytest
from bighead_kernels import InputError, Plan

INPUTS = [
    {"name": "x", "dtype": "float64"},
    {"name": "n", "dtype": "int64"},
    {"name": "b", "dtype": "bool"},
    {"name": "c", "dtype": "string"},
    {"name": "must", "dtype": "float64", "nullable": False},
]
FILL = {"op": "fill", "input": "x", "output": "y", "value": 0.0}


def spec(**changes: object) -> str:
    return json.dumps({"format": 1, "inputs": INPUTS, "steps": [FILL], "outputs": ["y"]} | changes)


PLAN = Plan.from_spec(spec())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("x", "a", "row 1: column 'x' is the string 'a', expected float64"),
        ("x", True, "row 1: column 'x' is the bool True, expected float64"),
        ("x", [1.0], "row 1: column 'x' is a list, expected float64"),
        ("x", 10**400, "row 1: column 'x' is the integer 1" + "0" * 59 + "…, expected float64"),
        ("n", 1.0, "row 1: column 'n' is the number 1.0, expected int64"),
        ("n", False, "row 1: column 'n' is the bool False, expected int64"),
        ("n", 2**63, "row 1: column 'n' is the integer 9223372036854775808, expected int64"),
        ("b", 1, "row 1: column 'b' is the integer 1, expected bool"),
        ("c", 1, "row 1: column 'c' is the integer 1, expected string"),
        ("c", b"a", "row 1: column 'c' is a bytes, expected string"),
        ("c", "\ud800", "row 1: column 'c' is the string '\\ud800', expected string"),
        ("must", None, "row 1: column 'must' is missing, expected float64"),
        ("must", float("nan"), "row 1: column 'must' is missing, expected float64"),
        ("extra", 1, "row 1: column 'extra' is no input; the inputs are 'x', 'n', 'b', 'c', 'must'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(column, value, message):
    with pytest.raises(InputError) as raised:
        PLAN.predict_rows([{"must": 1.0}, {"must": 1.0, column: value}])
    assert str(raised.value) == message
    assert (raised.value.row, raised.value.column) == (1, column)
    assert isinstance(raised.value, ValueError)


def test_an_absent_column_that_must_be_there_is_named():
    with pytest.raises(InputError, match="row 0: column 'must' is missing"):
        PLAN.predict_row({"x": 1.0})


def test_a_missing_value_is_counted_over_all_blocks_of_a_table():
    frame = pl.DataFrame({"x": [1.0] * 5_000, "must": [1.0] * 4_321 + [None] + [1.0] * 678})
    frame = frame.with_columns(n=pl.lit(1), b=pl.lit(True), c=pl.lit("a"))
    with pytest.raises(InputError) as raised:
        PLAN.predict(frame)
    assert (raised.value.row, raised.value.column) == (4_321, "must")
    with pytest.raises(InputError) as raised:
        PLAN.predict_rows(frame.to_dicts())
    assert (raised.value.row, raised.value.column) == (4_321, "must")


def test_a_table_of_another_shape_is_refused():
    frame = pl.DataFrame({"x": [1.0], "n": [1], "b": [True], "c": ["a"], "must": [1.0]})
    with pytest.raises(InputError, match="column 'n' is missing from the table, expected int64"):
        PLAN.predict(frame.drop("n"))
    with pytest.raises(InputError, match="column 'n' has the type Float64, expected int64"):
        PLAN.predict(frame.cast({"n": pl.Float64}))
    with pytest.raises(InputError, match="column 'x' has the type Boolean, expected float64"):
        PLAN.predict(frame.cast({"x": pl.Boolean}))


def test_a_row_that_is_no_dictionary_is_refused():
    with pytest.raises(ValueError, match=r"row 1 is a list, expected a dict of columns"):
        PLAN.predict_rows([{"must": 1.0}, []])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "the plan has format 2, this build reads format 1"),
        ({"outputs": []}, "the plan has no outputs"),
        ({"outputs": ["z"]}, "output: there is no column 'z' before it"),
        (
            {"steps": [FILL | {"input": "z"}]},
            r"step 0 \(fill\): there is no column 'z' before it; there are 'b', 'c'",
        ),
        ({"steps": [FILL, FILL]}, r"step 1 \(fill\): the name 'y' is taken"),
        ({"steps": [FILL | {"value": "a"}]}, "column 'x' holds numbers, the value is a string"),
        ({"steps": [FILL | {"input": "c"}]}, "column 'c' holds strings, the value is a number"),
        ({"steps": [FILL | {"op": "fil"}]}, "unknown variant `fil`"),
        ({"steps": [FILL | {"more": 1}]}, "unknown field `more`"),
        ({"steps": [{"op": "hash", "input": "c", "output": "y", "buckets": 0}]}, "0 buckets"),
        (
            {"steps": [{"op": "index", "input": "c", "output": "y", "categories": [1], "unknown": -1}]},
            "category 1 can",
        ),
        (
            {"steps": [{"op": "one_hot", "input": "c", "outputs": ["y"], "categories": []}]},
            "1 outputs for 0 categories",
        ),
        (
            {"steps": [{"op": "linear", "inputs": ["x"], "output": "y", "weights": [], "bias": 0}]},
            "0 weights for 1",
        ),
    ],
)
def test_a_plan_that_cannot_mean_anything_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Plan.from_spec(spec(**changes))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": NaN}', "null", "[" * 5_000])
def test_text_that_is_no_plan_is_refused(text):
    with pytest.raises(ValueError, match="the plan cannot be read"):
        Plan.from_spec(text)
