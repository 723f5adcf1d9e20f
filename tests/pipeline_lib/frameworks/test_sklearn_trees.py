"""scikit-learn's trees in the plan answer as scikit-learn does: thresholds, ties, missing, infinite, categories."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from bighead_kernels import Plan
from sklearn import ensemble as en
from sklearn import tree as tr
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from bighead.pipeline_lib.frameworks import SklearnClassifier, SklearnRegressor
from bighead.pipeline_lib.frameworks.sklearn_lowering.trees import lower_sklearn_trees
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.lowering import lower, to_json

NAMES = ["a", "b", "c", "city"]
RANDOM = np.random.default_rng(5)
ROWS = RANDOM.normal(size=(500, 4)) * [1, 10, 1, 1]
ROWS[:, 2] = np.round(ROWS[:, 2])
ROWS[:, 3] = RANDOM.integers(0, 40, 500) * 3.0
HOLES = np.where(RANDOM.random(ROWS.shape) < 0.15, np.nan, ROWS)
SIGNAL = ROWS[:, 0] + np.sin(ROWS[:, 1]) + (ROWS[:, 3] % 2 == 0) + RANDOM.normal(size=500) * 0.1
TWO, THREE = SIGNAL > 0.5, np.digitize(SIGNAL, [0.0, 1.2])
POSITIVE = np.exp(0.4 * SIGNAL)
FEW = {"n_estimators": 12, "random_state": 1}
SMALL = {"max_iter": 12, "random_state": 1}
TAKE_MISSING = {
    "tree": tr.DecisionTreeClassifier(random_state=1),
    "shallow": tr.DecisionTreeClassifier(max_depth=3, criterion="entropy"),
    "extra tree": tr.ExtraTreeClassifier(random_state=1),
    "forest": en.RandomForestClassifier(**FEW),
    "extra trees": en.ExtraTreesClassifier(**FEW, bootstrap=True),
    "histogram": en.HistGradientBoostingClassifier(**SMALL),
    "categories": en.HistGradientBoostingClassifier(**SMALL, categorical_features=[3]),
    "all categories": en.HistGradientBoostingClassifier(**SMALL, categorical_features=[2, 3]),
}
BOOSTED = {
    "boosted": en.GradientBoostingClassifier(**FEW),
    "from zero": en.GradientBoostingClassifier(**FEW, init="zero", subsample=0.6),
}
REGRESSORS = {
    "tree": tr.DecisionTreeRegressor(random_state=1),
    "absolute": tr.DecisionTreeRegressor(max_depth=4, criterion="absolute_error"),
    "extra tree": tr.ExtraTreeRegressor(random_state=1),
    "forest": en.RandomForestRegressor(**FEW),
    "poisson forest": en.RandomForestRegressor(**FEW, criterion="poisson", max_depth=5),
    "extra trees": en.ExtraTreesRegressor(**FEW),
    "boosted": en.GradientBoostingRegressor(**FEW),
    "huber": en.GradientBoostingRegressor(**FEW, loss="huber"),
    "quantile": en.GradientBoostingRegressor(**FEW, loss="quantile", alpha=0.8),
    "histogram": en.HistGradientBoostingRegressor(**SMALL),
    "histogram poisson": en.HistGradientBoostingRegressor(**SMALL, loss="poisson"),
    "histogram gamma": en.HistGradientBoostingRegressor(**SMALL, loss="gamma"),
    "histogram quantile": en.HistGradientBoostingRegressor(**SMALL, loss="quantile", quantile=0.3),
    "histogram absolute": en.HistGradientBoostingRegressor(**SMALL, loss="absolute_error"),
    "categories": en.HistGradientBoostingRegressor(**SMALL, categorical_features=[3]),
}


def asked(estimator, missing: bool) -> np.ndarray:
    """Rows of training, rows at and beside thresholds, and, where it takes them, missing ones."""
    trees = getattr(estimator, "estimators_", None)
    single = [estimator] if hasattr(estimator, "tree_") else [] if trees is None else list(np.ravel(trees))
    at = [each.tree_.threshold[each.tree_.feature >= 0] for each in single]
    for round_ in getattr(estimator, "_predictors", ()):
        at += [each.nodes["num_threshold"] for each in round_]
    values = np.concatenate([*at, [0.0, -0.0, 1e30, -1e30, 5e-324, 6.0, 7.0, 500.0]])
    values = values[np.isfinite(values)]
    beside = np.concatenate(
        [values, np.nextafter(values, 9e9), np.nextafter(values, -9e9), values * (1 + 3e-8)]
    )
    hard = RANDOM.choice(beside, size=(800, len(NAMES)))
    if missing:
        hard = np.where(RANDOM.random(hard.shape) < 0.3, np.nan, hard)
    return np.vstack([ROWS, hard])


def planned(estimator, outputs: list[str], rows: np.ndarray) -> np.ndarray:
    steps = lower_sklearn_trees(estimator, NAMES, outputs)
    assert steps is not None
    inputs = [{"name": name, "dtype": "float64"} for name in NAMES]
    plan = Plan.from_spec(json.dumps({"format": 1, "inputs": inputs, "steps": steps, "outputs": outputs}))
    frame = pl.DataFrame(rows, schema=NAMES)
    table = pl.DataFrame(plan.predict(frame)).to_numpy()
    single = np.array(plan.predict_rows(frame.fill_nan(None).to_dicts()))
    assert np.array_equal(table, single, equal_nan=True)
    return table


@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("training", [ROWS, HOLES], ids=["full", "missing"])
@pytest.mark.parametrize("name", TAKE_MISSING)
def test_classifiers_that_take_missing_values(name, training, labels):
    estimator = TAKE_MISSING[name].fit(training, labels)
    rows = asked(estimator, missing=True)
    expected = estimator.predict_proba(rows)
    expected = expected[:, 1:] if expected.shape[1] == 2 else expected
    outputs = [f"p{at}" for at in range(expected.shape[1])]
    np.testing.assert_allclose(planned(estimator, outputs, rows), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("loss", ["log_loss", "exponential"])
@pytest.mark.parametrize("labels", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("name", BOOSTED)
def test_boosted_classifiers(name, labels, loss):
    if loss == "exponential" and labels is THREE:
        labels = ~TWO
    estimator = BOOSTED[name].set_params(loss=loss).fit(ROWS, labels)
    rows = asked(estimator, missing=False)
    expected = estimator.predict_proba(rows)
    expected = expected[:, 1:] if expected.shape[1] == 2 else expected
    outputs = [f"p{at}" for at in range(expected.shape[1])]
    np.testing.assert_allclose(planned(estimator, outputs, rows), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors(name):
    estimator = REGRESSORS[name].fit(ROWS, POSITIVE)
    rows = asked(estimator, missing=False)
    seen = planned(estimator, ["prediction"], rows)[:, 0]
    np.testing.assert_allclose(seen, estimator.predict(rows), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39, np.nan])
@pytest.mark.parametrize("name", ["tree", "forest", "boosted", "histogram"])
def test_what_scikit_learn_refuses_has_no_answer(name, value):
    estimator = REGRESSORS[name].fit(ROWS, POSITIVE)
    rows = ROWS[:3].copy()
    rows[1, 0] = value
    seen = planned(estimator, ["prediction"], rows)[:, 0]
    try:
        with np.errstate(over="ignore"):
            expected = estimator.predict(rows)
    except ValueError:
        expected = np.array([estimator.predict(rows[:1])[0], np.nan, estimator.predict(rows[2:])[0]])
    np.testing.assert_allclose(seen, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("step", "estimator"),
    [
        (SklearnClassifier, en.RandomForestClassifier(**FEW)),
        (SklearnClassifier, en.HistGradientBoostingClassifier(**SMALL, categorical_features=[3])),
        (SklearnRegressor, en.GradientBoostingRegressor(**FEW)),
    ],
    ids=["forest", "histogram", "boosted"],
)
def test_pipelines_of_them_are_lowered(step, estimator):
    frame = pl.DataFrame(ROWS, schema=NAMES).with_columns(pl.col("city").cast(pl.Int64))
    p = Pipeline("trees")
    p[NAMES] >>= step(estimator)
    p.fit(frame, pl.Series(TWO if step is SklearnClassifier else POSITIVE))
    plan = Plan.from_spec(to_json(lower(p.graph)))
    assert np.array_equal(pl.DataFrame(plan.predict(frame)).to_numpy(), p.answer(frame).to_numpy())
    theirs = p.graph.nodes[-1].step.estimator
    rows = frame.cast(pl.Float64).to_numpy()
    seen = p.answer(frame).to_series().to_numpy()
    expected = theirs.predict_proba(rows)[:, 1] if step is SklearnClassifier else theirs.predict(rows)
    np.testing.assert_allclose(seen, expected, rtol=1e-12)


def test_what_has_no_native_form_is_none():
    assert lower_sklearn_trees(KNeighborsClassifier().fit(ROWS, TWO), NAMES, ["p"]) is None
    two_targets = tr.DecisionTreeRegressor(max_depth=2).fit(ROWS, np.column_stack([SIGNAL, SIGNAL]))
    assert lower_sklearn_trees(two_targets, NAMES, ["p"]) is None
    started = en.GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(ROWS, TWO)
    assert lower_sklearn_trees(started, NAMES, ["p"]) is None
