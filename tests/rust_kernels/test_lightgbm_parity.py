"""The plan's trees against LightGBM itself: raw scores bit for bit, on rows made to hurt."""

from __future__ import annotations

import json

import lightgbm
import numpy as np
import polars as pl
import pytest
from bighead_kernels import Plan

from bighead.pipeline_lib.errors import DataError, UnsupportedStepError
from bighead.pipeline_lib.frameworks.lightgbm_trees import lower_lightgbm

COLUMNS = ["a", "b", "c", "d", "room", "city"]
CATEGORICAL = {"room": 5, "city": 90}
HARD = [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-35, -1e-35, 9e-36, 1e-30, 0.0, -0.0, -0.5, -1.0, 5.0, 89.9]


def rows(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    made = random.normal(size=(count, len(COLUMNS)))
    made[:, 1] = np.where(random.random(count) < 0.4, 0.0, made[:, 1])
    for place, name in enumerate(COLUMNS):
        if name in CATEGORICAL:
            made[:, place] = random.integers(0, CATEGORICAL[name], count)
    # One column never lacks a value, so that its nodes know no missing.
    lacking = random.random(made.shape) < 0.1
    lacking[:, 3] = False
    made[lacking] = np.nan
    return made


def fuzzed(seed: int) -> np.ndarray:
    made, random = rows(1_500, seed), np.random.default_rng(seed)
    return np.where(random.random(made.shape) < 0.33, random.choice(HARD, made.shape), made)


DATA = rows(1_200, seed=1)
SIGNAL = (
    np.nan_to_num(DATA[:, 0])
    + (DATA[:, 1] == 0)
    + np.nan_to_num(DATA[:, 3])
    + np.isin(DATA[:, 4], [1, 3])
    - 0.5 * (np.nan_to_num(DATA[:, 5]) % 7 == 2)
    + np.isnan(DATA[:, 2])
)
POSITIVE = np.exp(0.3 * SIGNAL)


def trained(target: np.ndarray, rounds: int = 25, **params: object) -> lightgbm.Booster:
    learner = {"num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 3, "verbosity": -1}
    learner |= {"min_data_in_leaf": 5, "min_data_per_group": 5, "cat_smooth": 1.0}
    given = lightgbm.Dataset(DATA, target.astype(np.float64), categorical_feature=[4, 5])
    return lightgbm.train({**learner, **params}, given, num_boost_round=rounds)


def check(booster: lightgbm.Booster, seed: int = 5, width: int = 1) -> str:
    """Compare raw scores bit for bit and answers within rounding; return the model's text."""
    text = booster.model_to_string()
    booster = lightgbm.Booster(model_str=text)
    outputs = [f"p{at}" for at in range(width)]
    steps = lower_lightgbm(text, COLUMNS, outputs)
    inputs = [{"name": name, "dtype": "float64"} for name in COLUMNS]
    given = fuzzed(seed)
    frame = pl.DataFrame(given, schema=COLUMNS)
    for raw in (True, False):
        names = steps[0]["outputs"] if raw else outputs
        averaged = raw and "\naverage_output\n" in text
        plan = Plan.from_spec(json.dumps({"format": 1, "inputs": inputs, "steps": steps, "outputs": names}))
        seen = pl.DataFrame(plan.predict(frame)).to_numpy()
        expected = booster.predict(given, raw_score=raw, num_threads=1).reshape(-1, width)
        if raw and not averaged:
            assert np.array_equal(seen.view(np.uint64), np.ascontiguousarray(expected).view(np.uint64))
        elif not raw:
            np.testing.assert_allclose(seen, expected, rtol=4e-15, atol=0)
        single = np.array(plan.predict_rows(frame.fill_nan(None).to_dicts()))
        assert np.array_equal(seen.view(np.uint64), single.view(np.uint64))
    return text


@pytest.mark.parametrize("onehot", [1, 4, 100])
def test_categories_are_split_as_lightgbm_splits_them(onehot):
    assert (
        "num_cat=0"
        not in check(trained(SIGNAL > 1, objective="binary", max_cat_to_onehot=onehot)).split("Tree=")[1]
    )


@pytest.mark.parametrize(
    "missing", [{}, {"zero_as_missing": True}, {"use_missing": False}], ids=["nan", "zero", "none"]
)
@pytest.mark.parametrize("depth", [1, 4, -1])
def test_every_kind_of_missing(missing, depth):
    text = check(trained(SIGNAL, objective="regression", max_depth=depth, **missing))
    decisions = [line[14:].split() for line in text.splitlines() if line.startswith("decision_type=")]
    kinds = {int(each) >> 2 & 3 for tree in decisions for each in tree}
    assert {"zero_as_missing": 1, "use_missing": 0}.get(next(iter(missing), ""), 2) in kinds


def test_a_node_that_saw_nothing_missing_takes_it_for_zero():
    plain = DATA[:, [0, 3, 3, 3, 3, 3]].copy()
    plain = np.nan_to_num(plain)
    given = lightgbm.Dataset(plain, SIGNAL)
    learner = {"objective": "regression", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}
    check(lightgbm.train(learner, given, 20))


@pytest.mark.parametrize("objective", ["multiclass", "multiclassova"])
@pytest.mark.parametrize("boosting", ["gbdt", "dart", "rf"])
def test_several_classes(objective, boosting):
    labels = np.digitize(SIGNAL, [0.5, 2.0])
    bagged = {"bagging_freq": 1, "bagging_fraction": 0.6} if boosting == "rf" else {}
    check(trained(labels, objective=objective, num_class=3, boosting=boosting, **bagged), width=3)


OBJECTIVES = {
    "regression": SIGNAL,
    "regression_l1": SIGNAL,
    "huber": SIGNAL,
    "fair": SIGNAL,
    "quantile": SIGNAL,
    "mape": POSITIVE,
    "poisson": np.floor(POSITIVE),
    "gamma": POSITIVE,
    "tweedie": np.floor(POSITIVE),
    "binary": SIGNAL > 1,
    "cross_entropy": 1 / (1 + np.exp(-SIGNAL)),
}


@pytest.mark.parametrize("boosting", ["gbdt", "dart", "rf"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_has_its_link(objective, boosting):
    bagged = {"bagging_freq": 1, "bagging_fraction": 0.6} if boosting == "rf" else {}
    check(trained(OBJECTIVES[objective], objective=objective, boosting=boosting, drop_rate=0.3, **bagged))


def test_a_steeper_sigmoid():
    check(trained(SIGNAL > 1, objective="binary", sigmoid=1.7))


@pytest.mark.parametrize("seed", range(6))
def test_random_boosters_over_random_rows(seed):
    random = np.random.default_rng(seed)
    params = {
        "boosting": random.choice(["gbdt", "dart"]),
        "num_leaves": int(random.integers(2, 80)),
        "max_cat_to_onehot": int(random.integers(1, 8)),
        "zero_as_missing": bool(random.random() < 0.4),
        "bagging_fraction": random.uniform(0.4, 1),
        "objective": random.choice(["binary", "regression", "poisson"]),
    }
    check(trained(SIGNAL > 1, rounds=int(random.integers(1, 40)), **params), seed)


def test_nothing_to_split_on_is_a_tree_of_one_leaf():
    check(trained(np.ones(len(DATA)), rounds=3, objective="regression"))


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"linear_tree": True}, "linear trees have no native form"),
        ({"reg_sqrt": True}, "'regression sqrt' has no native form"),
    ],
)
def test_what_has_no_native_form_is_said(params, match):
    text = trained(POSITIVE, rounds=2, objective="regression", **params).model_to_string()
    with pytest.raises(UnsupportedStepError, match=match):
        lower_lightgbm(text, COLUMNS, ["p"])


def test_what_is_no_model_is_refused():
    with pytest.raises(DataError, match="no model of LightGBM's"):
        lower_lightgbm("hello", COLUMNS, ["p"])
