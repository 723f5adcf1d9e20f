"""The plan's trees against XGBoost itself: margins and probabilities must be equal bit for bit."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
import xgboost
from bighead_kernels import Plan

from bighead.pipeline_lib.frameworks.xgboost_trees import lower_trees

COLUMNS = ["a", "b", "c", "d", "e"]
ROWS = 700


def to_plan(model: xgboost.XGBModel, outputs: list[str]) -> Plan:
    """Lower a model as an artifact is lowered, and answer its margins too."""
    stored = json.loads(model.get_booster().save_raw("json"))
    steps = lower_trees(stored, COLUMNS, outputs)
    inputs = [{"name": name, "dtype": "float64"} for name in COLUMNS]
    margins = steps[0]["outputs"]
    answered = [*margins, *(name for name in outputs if name not in margins)]
    return Plan.from_spec(json.dumps({"format": 1, "inputs": inputs, "steps": steps, "outputs": answered}))


@pytest.fixture(scope="module")
def data() -> np.ndarray:
    rng = np.random.default_rng(7)
    features = rng.normal(size=(ROWS, len(COLUMNS)))
    features[:, 2] = rng.integers(0, 5, ROWS)
    features[rng.random(features.shape) < 0.15] = np.nan
    return features


def bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)


def check(plan: Plan, features: np.ndarray, margins: np.ndarray, probabilities: np.ndarray) -> None:
    frame = pl.DataFrame(features, schema=COLUMNS)
    batch = pl.DataFrame(plan.predict(frame)).to_numpy()
    rows = np.array(plan.predict_rows(frame.with_columns(pl.all().fill_nan(None)).to_dicts()))
    width = margins.shape[1]
    assert np.array_equal(bits(batch[:, :width]), bits(margins))
    assert np.array_equal(bits(batch[:, width:]), bits(probabilities))
    assert np.array_equal(batch.view(np.uint64), rows.view(np.uint64))


@pytest.mark.parametrize("depth", [1, 3, 6, 12])
@pytest.mark.parametrize("share", [0.5, 0.07])
def test_a_binary_classifier(data, depth, share):
    labels = np.nan_to_num(data[:, 0]) + np.nan_to_num(data[:, 1]) ** 2
    labels = (labels > np.quantile(labels, 1 - share)).astype(int)
    model = xgboost.XGBClassifier(n_estimators=60, max_depth=depth, n_jobs=1).fit(data, labels)
    plan = to_plan(model, ["probability"])
    margins = model.predict(data, output_margin=True).reshape(-1, 1)
    check(plan, data, margins, model.predict_proba(data)[:, 1:])


@pytest.mark.parametrize("depth", [2, 5])
def test_several_classes(data, depth):
    labels = np.digitize(np.nan_to_num(data[:, 0]) * np.nan_to_num(data[:, 1]), [-0.3, 0.4])
    model = xgboost.XGBClassifier(
        objective="multi:softprob", n_estimators=30, max_depth=depth, n_jobs=1, subsample=0.7
    ).fit(data, labels)
    classes = ["p0", "p1", "p2"]
    plan = to_plan(model, classes)
    check(plan, data, model.predict(data, output_margin=True), model.predict_proba(data))


@pytest.mark.parametrize("base_score", [0.5, 0.001, 0.1, 0.9, 0.987654])
def test_base_scores_become_the_same_margin(data, base_score):
    labels = (np.nan_to_num(data[:, 0]) > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=3, max_depth=2, base_score=base_score, n_jobs=1).fit(
        data, labels
    )
    margins = model.predict(data, output_margin=True).reshape(-1, 1)
    check(to_plan(model, ["probability"]), data, margins, model.predict_proba(data)[:, 1:])


def test_values_at_and_beside_a_threshold(data):
    labels = (np.nan_to_num(data[:, 0]) > 0.1).astype(int)
    model = xgboost.XGBClassifier(n_estimators=40, max_depth=4, n_jobs=1).fit(data, labels)
    trees = json.loads(model.get_booster().save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    at = np.array([x for tree in trees for x in tree["split_conditions"]], dtype=np.float32)
    beside = np.concatenate([at, np.nextafter(at, np.float32(9)), np.nextafter(at, np.float32(-9))])
    rng = np.random.default_rng(3)
    rows = rng.choice(beside.astype(np.float64), size=(2_000, len(COLUMNS)))
    # Doubles that round to a threshold only in single precision must take the way XGBoost takes.
    rows[1_000:] *= 1 + rng.uniform(-3e-8, 3e-8, size=(1_000, len(COLUMNS)))
    margins = model.predict(rows, output_margin=True).reshape(-1, 1)
    check(to_plan(model, ["probability"]), rows, margins, model.predict_proba(rows)[:, 1:])


def test_a_regressor_answers_its_margin(data):
    target = np.nan_to_num(data[:, 0]) * 1e3 + np.nan_to_num(data[:, 2])
    model = xgboost.XGBRegressor(n_estimators=40, max_depth=4, n_jobs=1).fit(data, target)
    answers = model.predict(data).reshape(-1, 1)
    check(to_plan(model, ["prediction"]), data, answers, answers[:, :0])
