"""Every booster and objective in the plan against XGBoost: bit for bit, on rows made to hurt."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import xgboost
from bighead_kernels import Plan

from bighead.pipeline_lib.frameworks.xgboost_trees import lower_trees

COLUMNS = ["a", "b", "c", "d", "room", "city"]
CATEGORICAL = {"room": 5, "city": 90}
TYPES = ["c" if name in CATEGORICAL else "float" for name in COLUMNS]
LARGEST = np.finfo(np.float32).max
HARD = [np.nan, np.inf, -np.inf, 1e39, -1e39, 3e38, 1e-45, 0.0, -0.0, -1.0, 5.0, 89.0, 90.0, 2.0**24, 4e9]


def rows(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    made = random.normal(size=(count, len(COLUMNS)))
    for place, name in enumerate(COLUMNS):
        if name in CATEGORICAL:
            made[:, place] = random.integers(0, CATEGORICAL[name], count)
    made[random.random(made.shape) < 0.1] = np.nan
    return made


def fuzzed(seed: int) -> np.ndarray:
    """Rows of which a third of the values are hard ones."""
    made, random = rows(1_500, seed), np.random.default_rng(seed)
    return np.where(random.random(made.shape) < 0.33, random.choice(HARD, made.shape), made)


DATA = rows(800, seed=1)
SIGNAL = np.nan_to_num(DATA[:, 0]) + np.isin(DATA[:, 4], [1, 3]) - 0.5 * (np.nan_to_num(DATA[:, 5]) % 7 == 2)
POSITIVE = np.exp(SIGNAL)


def trained(target: np.ndarray, rounds: int = 25, **params: object) -> xgboost.Booster:
    given = xgboost.DMatrix(DATA, label=target, feature_types=TYPES, enable_categorical=True, nthread=1)
    learner = {"max_depth": 4, "nthread": 1, "seed": 3, "tree_method": "hist", **params}
    return xgboost.train(learner, given, num_boost_round=rounds)


def check(booster: xgboost.Booster, seed: int = 5, width: int = 1) -> None:
    """Compare margins and answers of fuzzed rows, as a table and one by one."""
    outputs = [f"p{at}" for at in range(width)]
    steps = lower_trees(json.loads(booster.save_raw("json")), COLUMNS, outputs)
    written = [name for step in steps for name in step.get("outputs", [step.get("output")])]
    inputs = [{"name": name, "dtype": "float64"} for name in COLUMNS]
    given = fuzzed(seed)
    with np.errstate(over="ignore"):
        theirs = np.clip(given.astype(np.float32), -LARGEST, LARGEST)
    asked = xgboost.DMatrix(theirs, feature_types=TYPES, enable_categorical=True)
    frame = pl.DataFrame(given, schema=COLUMNS)
    for names, margin in ((written[:width], True), (outputs, False)):
        expected = booster.predict(asked, output_margin=margin).reshape(-1, width)
        spec = {"format": 1, "inputs": inputs, "steps": steps, "outputs": names}
        plan = Plan.from_spec(json.dumps(spec))
        seen = pl.DataFrame(plan.predict(frame)).to_numpy()
        assert np.array_equal(bits(seen), bits(expected))
        single = np.array(plan.predict_rows(frame.fill_nan(None).to_dicts()))
        assert np.array_equal(bits(seen), bits(single))


def bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)


@pytest.mark.parametrize("booster", ["gbtree", "dart"])
@pytest.mark.parametrize("onehot", [1, 4, 100])
def test_categories_are_split_as_xgboost_splits_them(booster, onehot):
    made = trained(SIGNAL > 0, objective="binary:logistic", booster=booster, max_cat_to_onehot=onehot)
    check(made)
    booster = json.loads(made.save_raw("json"))["learner"]["gradient_booster"]
    trees = booster.get("gbtree", booster)["model"]["trees"]
    assert sum(len(tree["categories_nodes"]) for tree in trees) > 10


@pytest.mark.parametrize("normalize", ["tree", "forest"])
@pytest.mark.parametrize("sample", ["uniform", "weighted"])
def test_dropped_trees_keep_their_weights(normalize, sample):
    dropped = {"booster": "dart", "rate_drop": 0.4, "normalize_type": normalize, "sample_type": sample}
    made = trained(SIGNAL, rounds=40, objective="reg:squarederror", **dropped)
    assert len(set(json.loads(made.save_raw("json"))["learner"]["gradient_booster"]["weight_drop"])) > 5
    check(made)


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
def test_several_classes_start_from_a_base_score_each(booster):
    labels = np.digitize(SIGNAL, [0.0, 1.5])
    if booster == "gblinear":
        linear = xgboost.DMatrix(np.nan_to_num(DATA), label=labels)
        params = {"updater": "coord_descent", "num_class": 3, "objective": "multi:softprob", "nthread": 1}
        check(xgboost.train({"booster": booster, **params}, linear, 8), width=3)
        return
    made = trained(labels, objective="multi:softprob", num_class=3, booster=booster, rate_drop=0.2)
    check(made, width=3)


@pytest.mark.parametrize("parallel", [1, 7])
def test_random_forests(parallel):
    forest = {"num_parallel_tree": parallel, "subsample": 0.7, "colsample_bynode": 0.7, "learning_rate": 1.0}
    check(trained(SIGNAL > 0, rounds=3, objective="binary:logistic", **forest))


OBJECTIVES = {
    "reg:squarederror": SIGNAL,
    "reg:squaredlogerror": POSITIVE,
    "reg:absoluteerror": SIGNAL,
    "reg:pseudohubererror": SIGNAL,
    "reg:logistic": 1 / (1 + np.exp(-SIGNAL)),
    "count:poisson": np.floor(POSITIVE),
    "reg:gamma": POSITIVE,
    "reg:tweedie": np.floor(POSITIVE),
    "binary:logitraw": SIGNAL > 0,
    "binary:hinge": SIGNAL > 0,
    "binary:logistic": SIGNAL > 0,
}


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_has_its_link_and_its_base(objective, booster):
    if booster == "gblinear":
        given = xgboost.DMatrix(np.clip(DATA, -2, 2), label=OBJECTIVES[objective])
        params = {"updater": "coord_descent", "objective": objective, "nthread": 1, "reg_lambda": 1.0}
        check(xgboost.train({"booster": booster, **params}, given, 6))
        return
    check(trained(OBJECTIVES[objective], objective=objective, booster=booster, rate_drop=0.3))


@pytest.mark.parametrize("base_score", [0.05, 0.5, 1.7, 40.0])
def test_a_base_score_of_a_logarithmic_link(base_score):
    check(trained(POSITIVE, rounds=2, objective="reg:gamma", base_score=base_score))


def test_a_quantile_is_a_margin():
    check(trained(SIGNAL, objective="reg:quantileerror", quantile_alpha=0.9))


def test_a_ranking_is_a_margin():
    given = xgboost.DMatrix(
        DATA, label=np.digitize(SIGNAL, [0, 1]), feature_types=TYPES, enable_categorical=True
    )
    given.set_group([80] * 10)
    for objective in ("rank:pairwise", "rank:ndcg"):
        check(xgboost.train({"objective": objective, "nthread": 1}, given, 10))


@pytest.mark.parametrize("seed", range(6))
def test_random_boosters_over_random_rows(seed):
    random = np.random.default_rng(seed)
    params = {
        "booster": random.choice(["gbtree", "dart"]),
        "rate_drop": random.uniform(0, 0.6),
        "max_depth": int(random.integers(1, 9)),
        "max_cat_to_onehot": int(random.integers(1, 8)),
        "max_cat_threshold": int(random.integers(1, 64)),
        "num_parallel_tree": int(random.integers(1, 4)),
        "subsample": random.uniform(0.4, 1),
        "objective": random.choice(["binary:logistic", "reg:squarederror", "count:poisson"]),
    }
    check(trained(SIGNAL > 0, rounds=int(random.integers(1, 40)), **params), seed)
