"""Plans as artifacts of before hold them are read today, and answer what they answered."""

from __future__ import annotations

import json

import pytest
from bighead_kernels import Plan

# What an artifact held before there were categories, other arithmetics and covers; never to be changed.
OLD = """
{"format":1,"inputs":[{"dtype":"float64","name":"price","nullable":true},{"dtype":"int64","name":"nights",
"nullable":false}],"outputs":["probability"],"steps":[{"base_score":[0.25],"inputs":["price","nights"],"missing":"nan",
"op":"trees","outputs":["probability\u00b7margin"],"trees":[{"default_left":[true,false,false],"feature":[0,0,0],
"group":0,"leaf":[0.0,-0.5,0.75],"left":[1,-1,-1],"right":[2,-1,-1],"threshold":[100.1,0.0,0.0]},{"default_left":
[false,false,true,false,false],"feature":[1,0,0,0,0],"group":0,"leaf":[0.0,0.1,0.0,0.2,0.30000001192092896],"left":
[1,-1,3,-1,-1],"right":[2,-1,4,-1,-1],"threshold":[3.0,0.0,10.5,0.0,0.0]}]},{"input":"probability\u00b7margin",
"op":"sigmoid","output":"probability","precision":"float32"}]}
"""
# In single precision, x < threshold to the left: 100.1 itself goes right.
ANSWERS = [
    ({"price": 1.0, "nights": 1}, 0.4625701606273651),
    ({"price": 100.1, "nights": 3}, 0.7858350276947021),
    ({"price": None, "nights": 5}, 0.4875026345252991),
    ({"price": 10.4, "nights": 9}, 0.4875026345252991),
]


@pytest.mark.parametrize(("row", "answer"), ANSWERS)
def test_an_old_plan_answers_what_it_answered(row, answer):
    plan = Plan.from_spec(OLD)
    assert plan.predict_row(row) == [answer]


def test_a_line_without_a_precision_is_in_double_precision():
    inputs = [{"name": "a", "dtype": "float64"}]
    step = {"op": "linear", "inputs": ["a"], "output": "y", "weights": [0.1], "bias": 0.2}
    plan = Plan.from_spec(json.dumps({"format": 1, "inputs": inputs, "steps": [step], "outputs": ["y"]}))
    assert plan.predict_row({"a": 3.0}) == [0.2 + 0.1 * 3.0]
