"""Metrics against scikit-learn and against what their names mean; curves small enough to draw."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import forest, listings
from sklearn import metrics
from sklearn.neighbors import KNeighborsClassifier

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.evaluation import evaluate, evaluate_classes, evaluate_numbers, importance
from bighead.pipeline_lib.evaluation.curves import thinned
from bighead.pipeline_lib.frameworks import LogisticRegression, XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import OneHotLabelEncoder


def calibrated(rows: int = 20_000, seed: int = 0):
    random = np.random.default_rng(seed)
    scores = random.beta(1, 3, rows)
    return (random.random(rows) < scores).astype(int), scores


def test_metrics_are_scikit_learns():
    labels, scores = calibrated()
    seen = evaluate(pl.Series(labels), pl.Series(scores))
    assert seen.roc_auc == metrics.roc_auc_score(labels, scores)
    assert seen.pr_auc == metrics.average_precision_score(labels, scores)
    assert seen.log_loss == pytest.approx(metrics.log_loss(labels, scores))
    assert seen.brier == pytest.approx(metrics.brier_score_loss(labels, scores))
    assert (seen.rows, seen.positives) == (20_000, labels.sum())


def test_a_calibrated_model_has_little_error_and_a_shifted_one_its_shift():
    labels, scores = calibrated()
    assert evaluate(labels, scores).ece < 0.01
    assert evaluate(labels, (scores + 0.2).clip(0, 1)).ece == pytest.approx(0.2, abs=0.01)


def test_curves_are_few_points_whose_area_is_the_metric():
    labels, scores = calibrated()
    seen = evaluate(labels, scores)
    for curve in (seen.roc, seen.pr, seen.calibration, seen.histogram):
        assert max(len(values) for values in curve.values()) <= 500
    assert np.trapezoid(seen.roc["tpr"], seen.roc["fpr"]) == pytest.approx(seen.roc_auc, abs=1e-3)
    assert -np.trapezoid(seen.pr["precision"], seen.pr["recall"]) == pytest.approx(seen.pr_auc, abs=2e-3)
    assert (seen.roc["fpr"][0], seen.roc["tpr"][0], seen.roc["threshold"][0]) == (0.0, 0.0, None)
    assert (seen.roc["fpr"][-1], seen.roc["tpr"][-1]) == (1.0, 1.0)
    assert sum(seen.calibration["count"]) == 20_000
    assert sum(seen.histogram["positives"]) + sum(seen.histogram["negatives"]) == 20_000


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=30))
def test_any_evaluation_is_json(rows):
    labels, scores = zip(*rows, strict=True)
    seen = evaluate(list(labels), list(scores))
    text = json.dumps(seen.to_dict(), allow_nan=False)
    assert json.loads(text)["rows"] == len(rows)
    assert 0 <= seen.ece <= 1


def test_one_class_has_no_area_and_says_so_by_none():
    seen = evaluate([1, 1], [0.3, 0.9])
    assert math.isnan(seen.roc_auc)
    assert seen.metrics["roc_auc"] is None
    assert seen.to_dict()["roc"] == {}


@pytest.mark.parametrize(
    ("labels", "scores", "why"),
    [
        ([], [], "0 labels"),
        ([0, 1], [0.5], "2 labels and 1 answers"),
        ([0, 2], [0.1, 0.2], "a label is 2"),
        ([0, 1], [0.1, 1.2], "outside 0 to 1"),
        ([0, 1], [0.1, None], "missing or outside"),
        (["a", "b"], [0.1, 0.2], "expected numbers"),
    ],
)
def test_what_cannot_be_measured_is_refused(labels, scores, why):
    with pytest.raises(DataError, match=why):
        evaluate(labels, scores)


def test_numbers_and_classes_are_measured_as_scikit_learn_does():
    random = np.random.default_rng(1)
    truth, seen = random.normal(size=50), random.normal(size=50)
    scores = evaluate_numbers(truth, seen).metrics
    assert scores["rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, seen))
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(truth, seen))
    assert scores["r2"] == pytest.approx(metrics.r2_score(truth, seen))
    places, given_ = random.integers(0, 3, 50), random.dirichlet([1, 1, 1], 50)
    classes = evaluate_classes(places, given_).metrics
    assert classes["log_loss"] == pytest.approx(metrics.log_loss(places, given_))
    assert classes["accuracy"] == metrics.accuracy_score(places, given_.argmax(axis=1))


def test_thinning_keeps_both_ends_and_never_more():
    x = np.concatenate([[0.0], np.sort(np.random.default_rng(0).random(5000)), [1.0]])
    for most in (2, 3, 500):
        kept = thinned(x, x**2, most)
        assert (kept[0], len(kept) <= most) == (0, True)
    assert thinned(x, x**2)[-1] == len(x) - 1


def test_importance_is_by_input_feature_whatever_was_made_of_it():
    frame, labels = listings(2000)
    p = forest().fit(frame, labels)
    shares = importance(p, frame, labels)
    assert set(shares) == set(frame.columns)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert next(iter(shares)) == "price"
    # The three marks of `room` are one input: its share is theirs together.
    gains = p.graph.model.gains()
    marks = sum(gain for name, gain in gains.items() if name.startswith("room="))
    assert shares["room"] == pytest.approx(marks / sum(gains.values()))


def test_permuting_what_decides_costs_and_permuting_noise_does_not():
    frame, labels = listings(2000)
    p = forest().fit(frame, labels)
    costs = importance(p, frame, labels, method="permutation")
    assert costs["price"] > 0.2
    assert abs(costs["city"]) < 0.05
    assert importance(p, frame, labels, method="permutation") == costs
    with pytest.raises(UnknownNameError, match="Did you mean 'gain'"):
        importance(p, frame, labels, method="gains")


def test_a_model_that_knows_no_gain_is_asked_by_permutation():
    p = Pipeline("near")
    p[["a", "b"]] >>= []
    p >>= KNeighborsClassifier(5)
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"a": random.normal(size=400), "b": random.normal(size=400)})
    labels = (frame["a"] > 0).cast(pl.Int64)
    p.fit(frame, labels)
    with pytest.raises(DataError, match=r'(?s)contributed.*method="permutation"'):
        importance(p, frame, labels, method="gain")
    found = importance(p, frame, labels)
    assert found == importance(p, frame, labels, method="permutation")
    assert list(found) == ["a", "b"]
    assert found["a"] > 0.2 > abs(found["b"])


def test_an_input_that_no_tree_asks_has_no_importance():
    p = Pipeline("two")
    p[["a", "b"]] >>= []
    p >>= XGBClassifier(n_estimators=2)
    frame = pl.DataFrame({"a": list(range(100)), "b": [1] * 100})
    labels = [int(n > 50) for n in range(100)]
    assert importance(p.fit(frame, labels), frame, labels) == {"a": 1.0, "b": 0.0}


def test_a_linear_models_importance_is_its_weights():
    frame, labels = listings()
    p = Pipeline("linear")
    p["room"] >>= OneHotLabelEncoder()
    p["nights"] >>= []
    p >>= LogisticRegression()
    assert sum(importance(p.fit(frame, labels), frame, labels).values()) == pytest.approx(1.0)
