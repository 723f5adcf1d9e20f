"""Contributions are those of the definition, XGBoost's and LightGBM's, and add up to the margin."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import polars as pl
import pytest
from bighead_kernels import TreeExplainer
from listings import NUMERIC, forest, listings
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from xgboost import DMatrix

from bighead.pipeline_lib.errors import DataError, UnknownNameError, UnsupportedStepError
from bighead.pipeline_lib.evaluation import shap_values
from bighead.pipeline_lib.evaluation.shap_trees import EXPECTED
from bighead.pipeline_lib.frameworks import (
    LGBMClassifier,
    LGBMRegressor,
    LogisticRegression,
    XGBClassifier,
    XGBRegressor,
)
from bighead.pipeline_lib.frameworks.category_codes import encode
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean

FRAME, LABELS = listings()
NUMBERS = FRAME.select(NUMERIC)
HEAD = 120


def on_all(model) -> Pipeline:
    p = Pipeline("model")
    p >>= model
    return p


def random_tree(random: np.random.Generator, depth: int, features: int) -> dict:
    """A full tree of random splits, with the covers of a training set that went through it at random."""
    count = 2 ** (depth + 1) - 1
    inner = 2**depth - 1
    cover = np.zeros(count)
    cover[0] = 100.0
    for node in range(inner):
        share = random.uniform(0.05, 0.95)
        cover[2 * node + 1], cover[2 * node + 2] = cover[node] * share, cover[node] * (1 - share)
    ends = [-1] * (count - inner)
    return {
        "left": [2 * node + 1 for node in range(inner)] + ends,
        "right": [2 * node + 2 for node in range(inner)] + ends,
        "feature": random.integers(0, features, count).tolist(),
        "threshold": random.normal(size=count).tolist(),
        "default_left": (random.random(count) < 0.5).tolist(),
        "leaf": random.normal(size=count).tolist(),
        "cover": cover.tolist(),
    }


def expectation(tree: dict, row: np.ndarray, known: set[int], at: int = 0) -> float:
    """The mean answer where only some inputs are known: the others follow both ways by cover."""
    left, right = tree["left"][at], tree["right"][at]
    if left < 0:
        return tree["leaf"][at]
    if tree["feature"][at] in known:
        x = row[tree["feature"][at]]
        goes_left = tree["default_left"][at] if np.isnan(x) else x <= tree["threshold"][at]
        return expectation(tree, row, known, left if goes_left else right)
    return sum(
        tree["cover"][child] / tree["cover"][at] * expectation(tree, row, known, child)
        for child in (left, right)
    )


def shapley(tree: dict, row: np.ndarray) -> list[float]:
    """By the definition: over all subsets of the inputs."""
    count = len(row)
    found = []
    for feature in range(count):
        others = [each for each in range(count) if each != feature]
        total = 0.0
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for subset in itertools.combinations(others, size):
                gain = expectation(tree, row, {*subset, feature}) - expectation(tree, row, {*subset})
                total += weight * gain
        found.append(total)
    return [*found, expectation(tree, row, set())]


@pytest.mark.parametrize("depth", [0, 1, 2, 4, 6])
@pytest.mark.parametrize("features", [1, 3, 5])
def test_the_kernel_is_the_definition(depth, features):
    random = np.random.default_rng(depth * 10 + features)
    tree = random_tree(random, depth, features)
    names = [f"x{at}" for at in range(features)]
    step = {"op": "trees", "inputs": names, "outputs": ["y"], "base_score": [0.25], "arithmetic": "double"}
    explainer = TreeExplainer.from_spec(json.dumps({**step, "trees": [tree, tree]}))
    rows = random.normal(size=(6, features))
    rows[random.random(rows.shape) < 0.2] = np.nan
    frame = pl.DataFrame(rows, schema=names)
    seen = pl.Series(explainer.contributions(frame)).to_numpy().reshape(6, features + 1)
    expected = 2 * np.array([shapley(tree, row) for row in rows])
    expected[:, -1] += 0.25
    np.testing.assert_allclose(seen, expected, rtol=1e-9, atol=1e-12)


XGB = {"n_estimators": 15, "n_jobs": 1, "random_state": 2}
XGBOOST = {
    "binary": XGBClassifier(**XGB, max_depth=5),
    "dart": XGBClassifier(**XGB, booster="dart", rate_drop=0.3, max_depth=3),
    "poisson": XGBRegressor(**XGB, objective="count:poisson"),
    "forest": XGBRegressor(**XGB, num_parallel_tree=3, subsample=0.6),
    "categories": XGBClassifier(**XGB, enable_categorical=True),
    "classes": XGBClassifier(**XGB, objective="multi:softprob", enable_categorical=True),
}


@pytest.mark.parametrize("name", XGBOOST)
def test_contributions_are_xgboosts(name):
    model = XGBOOST[name]
    frame = FRAME if model.enable_categorical else NUMBERS
    target = FRAME["nights"] // 10 if name == "classes" else LABELS if model.classifies else FRAME["nights"]
    p = on_all(model).fit(frame, target)
    step = p.graph.nodes[-1].step
    rows = encode(frame.head(HEAD), step._categories).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    types = ["c" if each in step._categories else "float" for each in frame.columns]
    asked = DMatrix(rows.astype(np.float32), feature_types=types, enable_categorical=True)
    theirs = step._loaded().predict(asked, pred_contribs=True).reshape(HEAD, -1)
    ours = shap_values(p, frame.head(HEAD)).to_numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-5)
    margins = step._loaded().predict(asked, output_margin=True).reshape(HEAD, -1)
    width = frame.width + 1
    sums = ours.reshape(HEAD, -1, width).sum(axis=2)
    np.testing.assert_allclose(sums, margins, rtol=1e-5, atol=1e-5)


LGBM = {"n_estimators": 15, "num_leaves": 9, "n_jobs": 1}
LIGHTGBM = {
    "binary": LGBMClassifier(**LGBM),
    "classes": LGBMClassifier(**LGBM, objective="multiclass"),
    "forest": LGBMRegressor(**LGBM, boosting_type="rf", subsample=0.5, subsample_freq=1),
    "gamma": LGBMRegressor(**LGBM, objective="gamma"),
}


@pytest.mark.parametrize("name", LIGHTGBM)
def test_contributions_are_lightgbms(name):
    model = LIGHTGBM[name]
    target = (
        FRAME["nights"] // 10 if name == "classes" else LABELS if model.classifies else FRAME["nights"] + 1
    )
    p = on_all(model).fit(FRAME, target)
    step = p.graph.nodes[-1].step
    rows = encode(FRAME.head(HEAD), step._categories).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    theirs = step._loaded().predict(rows, pred_contrib=True).reshape(HEAD, -1)
    # Of a forest LightGBM explains the sum of the trees, we their mean, which is what it answers.
    answered = theirs / LGBM["n_estimators"] if name == "forest" else theirs
    np.testing.assert_allclose(shap_values(p, FRAME.head(HEAD)).to_numpy(), answered, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(8, random_state=0, max_depth=6),
        ExtraTreesClassifier(8, random_state=0, max_depth=6),
        HistGradientBoostingClassifier(max_iter=8, categorical_features=[1]),
    ],
    ids=["forest", "extra trees", "histogram"],
)
def test_contributions_to_scikit_learns_forests_add_up(estimator):
    rows = NUMBERS.cast(pl.Float64)
    p = on_all(estimator).fit(rows, LABELS)
    sums = shap_values(p, rows).sum_horizontal().to_numpy()
    theirs = p.graph.nodes[-1].step.estimator
    given = rows.fill_null(float("nan")).to_numpy()
    histogram = isinstance(estimator, HistGradientBoostingClassifier)
    expected = theirs.decision_function(given) if histogram else theirs.predict_proba(given)[:, 1]
    np.testing.assert_allclose(sums, expected, rtol=1e-9, atol=1e-9)


def test_boosted_numbers_of_scikit_learn_add_up():
    rows = NUMBERS.cast(pl.Float64).fill_null(0)
    p = on_all(GradientBoostingRegressor(n_estimators=8)).fit(rows, FRAME["nights"])
    sums = shap_values(p, rows).sum_horizontal()
    np.testing.assert_allclose(sums.to_numpy(), p.predict(rows).to_numpy(), rtol=1e-9)


def test_contributions_of_columns_are_added_up_by_input():
    p = forest().fit(FRAME, LABELS)
    by_column = shap_values(p, FRAME.head(50), by="column")
    by_input = shap_values(p, FRAME.head(50))
    assert by_input.columns == [*FRAME.columns, EXPECTED]
    rooms = [name for name in by_column.columns if name.startswith("room")]
    assert len(rooms) == 3
    np.testing.assert_allclose(
        by_column.select(rooms).sum_horizontal().to_numpy(),
        by_input["room"].to_numpy(),
        rtol=1e-12,
        atol=1e-15,
    )
    np.testing.assert_allclose(
        by_column.sum_horizontal().to_numpy(), by_input.sum_horizontal().to_numpy(), rtol=1e-12
    )
    odds = by_input.sum_horizontal().to_numpy()
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), p.answer(FRAME.head(50))["probability"], rtol=1e-5)


def test_what_cannot_be_explained_is_said():
    p = Pipeline("linear")
    p[NUMERIC] >>= NaNToMean()
    p >>= LogisticRegression()
    with pytest.raises(UnsupportedStepError, match="a LogisticRegression is no forest"):
        shap_values(p.fit(FRAME, LABELS), FRAME)
    with pytest.raises(UnknownNameError, match="Did you mean 'input'"):
        shap_values(p, FRAME, by="inputs")
    with pytest.raises(DataError, match="ends in no model"):
        shap_values(p[:1], FRAME)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"cover": []}, "need a cover"),
        ({"cover": [0.0] * 7}, "need a cover, above 0"),
        ({"left": [5] * 7}, "it is reached twice"),
    ],
)
def test_trees_that_cannot_be_explained_are_refused(changed, match):
    tree = {**random_tree(np.random.default_rng(0), 2, 2), **changed}
    step = {"op": "trees", "inputs": ["a", "b"], "outputs": ["y"], "base_score": [0.0], "trees": [tree]}
    with pytest.raises(ValueError, match=match):
        TreeExplainer.from_spec(json.dumps(step))


def test_a_tree_that_goes_on_for_too_long_is_refused():
    depth = 1_500
    count = 2 * depth + 1
    left = [at + 1 if at % 2 == 0 and at < count - 1 else -1 for at in range(count)]
    tree = {
        "left": left,
        "right": [at + 2 for at in range(count)],
        "feature": [0] * count,
        "threshold": [0.0] * count,
        "default_left": [False] * count,
        "leaf": [1.0] * count,
        "cover": [1.0] * count,
    }
    step = {"op": "trees", "inputs": ["a"], "outputs": ["y"], "base_score": [0.0], "trees": [tree]}
    with pytest.raises(ValueError, match="deeper than 1000"):
        TreeExplainer.from_spec(json.dumps(step))


def test_columns_of_other_number_or_kind_are_refused():
    tree = random_tree(np.random.default_rng(0), 2, 2)
    step = {"op": "trees", "inputs": ["a", "b"], "outputs": ["y"], "base_score": [0.0], "trees": [tree]}
    explainer = TreeExplainer.from_spec(json.dumps(step))
    with pytest.raises(ValueError, match="1 columns for 2 inputs"):
        explainer.contributions(pl.DataFrame({"a": [1.0]}))
    with pytest.raises(ValueError, match="expected numbers"):
        explainer.contributions(pl.DataFrame({"a": [1.0], "b": ["x"]}))
    assert (
        len(
            explainer.contributions(
                pl.DataFrame({"a": [], "b": []}, schema={"a": pl.Float64, "b": pl.Float64})
            )
        )
        == 0
    )
