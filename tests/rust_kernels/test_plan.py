"""The plan's laws: a table and its rows give the same bits, steps mean what a few lines of Python mean."""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import polars as pl
import pytest
from bighead_kernels import Plan, hash_buckets
from hypothesis import given
from hypothesis import strategies as st

INPUTS = [
    {"name": "x", "dtype": "float64"},
    {"name": "n", "dtype": "int64"},
    {"name": "b", "dtype": "bool"},
    {"name": "c", "dtype": "string"},
]
STUMP = {"left": [1, -1, -1], "right": [2, -1, -1], "feature": [0, 0, 0], "threshold": [0.25, 0, 0]}
LEAVES = {"default_left": [False, False, False], "leaf": [0.0, -0.1, 0.2]}
EVERY_STEP = [
    {"op": "fill", "input": "x", "output": "x1", "value": 1.5},
    {"op": "affine", "input": "x1", "output": "x2", "center": 0.1, "scale": 3.0},
    {"op": "cast", "input": "n", "output": "n1"},
    {"op": "cast", "input": "b", "output": "b1"},
    {
        "op": "one_hot",
        "input": "c",
        "outputs": ["c=a", "c=", "c=null"],
        "categories": ["a", "", None],
        "unknown": "zero",
    },
    {"op": "fill", "input": "c", "output": "c1", "value": "a"},
    {"op": "index", "input": "c1", "output": "code", "categories": ["a", "b"], "unknown": -1},
    {"op": "index", "input": "n", "output": "n_code", "categories": [7, None], "unknown": None},
    {"op": "hash", "input": "c", "output": "bucket", "buckets": 64, "seed": 3},
    {"op": "hash", "input": "n", "output": "n_bucket", "buckets": 64},
    {
        "op": "linear",
        "inputs": ["x2", "c=a", "code"],
        "output": "linear",
        "weights": [0.5, -1.0, 0.25],
        "bias": 0.125,
    },
    {
        "op": "trees",
        "inputs": ["x", "bucket"],
        "outputs": ["m0", "m1"],
        "base_score": [0.1, -0.3],
        "trees": [
            {"group": 0, **STUMP, **LEAVES},
            {"group": 1, **STUMP, **LEAVES},
            {"group": 0, **STUMP, **LEAVES},
        ],
        "missing": "nan",
    },
    {"op": "sigmoid", "input": "linear", "output": "p"},
    {"op": "softmax", "inputs": ["m0", "m1"], "outputs": ["s0", "s1"]},
]
OUTPUTS = [
    "x2",
    "n1",
    "b1",
    "c=a",
    "c=",
    "c=null",
    "code",
    "n_code",
    "bucket",
    "n_bucket",
    "linear",
    "m0",
    "m1",
    "p",
    "s0",
    "s1",
]
SCHEMA = {"x": pl.Float64, "n": pl.Int64, "b": pl.Boolean, "c": pl.String}

row = st.fixed_dictionaries(
    {
        "x": st.one_of(st.none(), st.floats(), st.sampled_from([0.25, 1e308, -1e308, -0.0])),
        "n": st.one_of(st.none(), st.sampled_from([7, 8]), st.integers(-(2**63), 2**63 - 1)),
        "b": st.one_of(st.none(), st.booleans()),
        "c": st.one_of(st.none(), st.sampled_from(["a", "b", "", "unseen"]), st.text(max_size=40)),
    }
)


def plan(steps: list[dict], outputs: list[str], inputs: list[dict] | None = None) -> Plan:
    return Plan.from_spec(
        json.dumps({"format": 1, "inputs": inputs or INPUTS, "steps": steps, "outputs": outputs})
    )


EVERY = plan(EVERY_STEP, OUTPUTS)


def bits(rows: list) -> list[bytes]:
    return [struct.pack(f"{len(values)}d", *values) for values in rows]


def batch(plan: Plan, rows: list[dict]) -> list:
    answer = pl.DataFrame(plan.predict(pl.DataFrame(rows, schema=SCHEMA)))
    assert answer.columns == plan.outputs
    assert answer.null_count().sum_horizontal().sum() == 0
    return answer.rows()


@given(st.lists(row, max_size=20))
def test_a_table_and_its_rows_give_the_same_bits(rows):
    whole = bits(EVERY.predict_rows(rows))
    assert bits(batch(EVERY, rows)) == whole
    assert bits([EVERY.predict_row(values) for values in rows]) == whole


def test_many_rows_in_chunks_and_in_parallel_give_the_same_bits():
    rng = np.random.default_rng(1)
    rows = 9_000
    frame = pl.DataFrame(
        {
            "x": rng.normal(size=rows),
            "n": rng.integers(0, 10, rows),
            "b": rng.random(rows) < 0.5,
            "c": rng.choice(["a", "b", "", "z"], rows),
        }
    ).with_columns(pl.when(pl.int_range(rows) % 5 != 0).then(pl.all()))
    parts = pl.concat([frame[:17], frame[17:17], frame[17:5_000], frame[5_000:]], rechunk=False)
    assert parts.n_chunks() > 1
    one_by_one = [EVERY.predict_row(values) for values in frame.to_dicts()]
    assert bits(pl.DataFrame(EVERY.predict(parts)).rows()) == bits(one_by_one)
    assert bits(EVERY.predict_rows(frame.to_dicts())) == bits(one_by_one)


@given(row)
def test_each_step_means_what_it_says(values):
    seen = dict(zip(OUTPUTS, EVERY.predict_row(values), strict=True))
    x, n, c = values["x"], values["n"], values["c"]
    missing = x is None or math.isnan(x)
    assert bits([[seen["x2"]]]) == bits([[((1.5 if missing else x) - 0.1) / 3.0]])
    assert math.isnan(seen["n1"]) if n is None else seen["n1"] == float(n)
    assert math.isnan(seen["b1"]) if values["b"] is None else seen["b1"] == values["b"]
    assert [seen["c=a"], seen["c="], seen["c=null"]] == [c == "a", c == "", c is None]
    assert seen["code"] == {"a": 0, None: 0, "b": 1}.get(c, -1)
    assert seen["n_code"] == {7: 0, None: 1}[n] if n in (7, None) else math.isnan(seen["n_code"])
    bucket = pl.Series(hash_buckets(pl.Series([c], dtype=pl.String), 64, 3))[0]
    assert math.isnan(seen["bucket"]) if bucket is None else seen["bucket"] == bucket
    single = np.float32
    with np.errstate(over="ignore"):
        leaf = single(-0.1) if not missing and single(x) < single(0.25) else single(0.2)
    assert seen["m0"] == float(single(0.1) + leaf + leaf)
    assert seen["m1"] == float(single(-0.3) + leaf)
    assert seen["s0"] + seen["s1"] == pytest.approx(1.0, abs=1e-15)
    linear = 0.125 + 0.5 * seen["x2"] - seen["c=a"] + 0.25 * seen["code"]
    assert seen["linear"] == pytest.approx(linear, rel=1e-12, abs=1e-12)
    assert 0.0 <= seen["p"] <= 1.0


def test_an_absent_key_none_and_nan_are_all_missing():
    rows = [{"c": "a"}, {"x": None, "c": "a"}, {"x": math.nan, "n": None, "b": None, "c": "a"}]
    assert len(set(bits(EVERY.predict_rows(rows)))) == 1


def test_nothing_gives_nothing():
    assert EVERY.predict_rows([]) == []
    assert batch(EVERY, []) == []


def test_a_plan_without_trees_or_features():
    constant = {
        "left": [-1],
        "right": [-1],
        "feature": [0],
        "threshold": [0],
        "default_left": [False],
        "leaf": [0.5],
    }
    forest = {
        "op": "trees",
        "inputs": [],
        "outputs": ["m"],
        "base_score": [1.0],
        "trees": [constant, constant],
    }
    assert plan([forest], ["m"]).predict_rows([{}, {}]) == [[2.0], [2.0]]


@pytest.mark.parametrize("kind", [pl.Int8, pl.UInt32, pl.Float32, pl.UInt64])
def test_a_float_input_takes_other_numbers(kind):
    answer = EVERY.predict(
        pl.DataFrame({"x": [1, None], "n": [7, 7], "b": [True, None], "c": ["a", "b"]}).cast({"x": kind})
    )
    rows = [{"x": 1, "n": 7, "b": True, "c": "a"}, {"n": 7, "c": "b"}]
    assert bits(pl.DataFrame(answer).rows()) == bits(EVERY.predict_rows(rows))


def test_a_table_may_have_more_columns_in_any_order():
    frame = pl.DataFrame({"z": [1], "c": ["a"], "b": [True], "n": [7], "x": [1.0]})
    assert bits(pl.DataFrame(EVERY.predict(frame)).rows()) == bits(
        [EVERY.predict_row({"c": "a", "b": True, "n": 7, "x": 1.0})]
    )


def test_what_a_plan_says_about_itself():
    assert EVERY.inputs == [
        ("x", "float64", True),
        ("n", "int64", True),
        ("b", "bool", True),
        ("c", "string", True),
    ]
    assert EVERY.outputs == OUTPUTS
    assert repr(EVERY) == "<Plan: 4 inputs, 16 outputs>"


def test_whole_numbers_and_texts_are_answered_as_such() -> None:
    column = {"op": "column", "kind": "text", "value": "c"}
    upper = {"op": "upper", "kind": "text", "args": [column]}
    plan = Plan.from_spec(
        json.dumps(
            {
                "format": 1,
                "inputs": [{"name": "n", "dtype": "int64"}, {"name": "c", "dtype": "string"}],
                "steps": [{"op": "expression", "output": "big", "expression": upper}],
                "outputs": ["n", "c", "big"],
            }
        )
    )
    # Two blocks and more, so that texts made in one are not those of another.
    rows = [{"n": 2**53 + at, "c": None if at % 3 else f"é{at}"} for at in range(300)]
    wanted = [[row["n"], row["c"], row["c"] and row["c"].upper()] for row in rows]
    assert plan.predict_rows(rows) == wanted
    table = pl.DataFrame(plan.predict(pl.DataFrame(rows)))
    assert table.dtypes == [pl.Int64, pl.String, pl.String]
    assert table.rows() == [tuple(row) for row in wanted]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"op": "column", "kind": "int", "value": "c"}, "column 'c' is not of the kind int"),
        ({"op": "column", "kind": "text", "value": "n"}, "column 'n' is not of the kind text"),
        ({"op": "column", "kind": "list[int]", "value": "n"}, "no values of the kind"),
        ({"op": "never", "kind": "int", "args": []}, "no arguments"),
    ],
)
def test_expressions_that_a_plan_cannot_hold_are_refused(column: dict[str, object], said: str) -> None:
    spec = {
        "format": 1,
        "inputs": [{"name": "n", "dtype": "int64"}, {"name": "c", "dtype": "string"}],
        "steps": [{"op": "expression", "output": "y", "expression": column}],
        "outputs": ["y"],
    }
    with pytest.raises(ValueError, match=r"step 0 \(expression\)") as refused:
        Plan.from_spec(json.dumps(spec))
    assert said in str(refused.value)
