"""Adapters answer as the frameworks themselves do, repeat to the byte, and say what they cannot learn from."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import xgboost
from listings import NUMERIC, listings
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import LogisticRegression as SklearnLogistic
from sklearn.manifold import TSNE
from sklearn.preprocessing import LabelEncoder

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError, UnsupportedStepError
from bighead.pipeline_lib.frameworks import LogisticRegression, XGBClassifier, XGBRegressor
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import NaNToMean

FRAME, LABELS = listings()
FRAME = FRAME.select(NUMERIC)
MATRIX = FRAME.select(pl.all().cast(pl.Float64).fill_null(float("nan"))).to_numpy()


def on_all(model) -> Pipeline:
    p = Pipeline("model")
    p >>= model
    return p


def filled(model) -> Pipeline:
    p = Pipeline("model")
    p[NUMERIC] >>= NaNToMean()
    p >>= model
    return p


PARAMS = {
    "n_estimators": 12,
    "max_depth": 3,
    "learning_rate": 0.2,
    "subsample": 0.7,
    "random_state": 5,
    "n_jobs": 1,
}


def test_the_classifier_is_xgboosts():
    theirs = xgboost.XGBClassifier(**PARAMS, tree_method="hist").fit(MATRIX, LABELS.to_numpy())
    ours = on_all(XGBClassifier(**PARAMS)).fit(FRAME, LABELS)
    np.testing.assert_allclose(ours.predict_proba(FRAME), theirs.predict_proba(MATRIX), rtol=0, atol=1e-6)


def test_the_regressor_is_xgboosts():
    target = FRAME["nights"].to_numpy() * 2.5
    theirs = xgboost.XGBRegressor(**PARAMS, tree_method="hist").fit(MATRIX, target)
    ours = on_all(XGBRegressor(**PARAMS)).fit(FRAME, target)
    np.testing.assert_allclose(ours.predict(FRAME).to_numpy(), theirs.predict(MATRIX), rtol=1e-5, atol=1e-4)
    assert ours.score(FRAME, target) > 0.9


def test_logistic_regression_is_scikit_learns():
    rows = filled(Keeping()).fit(FRAME, LABELS).transform(FRAME).to_numpy()
    theirs = SklearnLogistic(max_iter=1000).fit(rows, LABELS.to_numpy())
    ours = filled(LogisticRegression()).fit(FRAME, LABELS)
    np.testing.assert_allclose(ours.predict_proba(FRAME), theirs.predict_proba(rows), rtol=1e-9)


class Keeping(PCA):
    """A transformer of scikit-learn's kind that changes nothing."""

    def fit(self, rows, labels=None):
        return self

    def transform(self, rows):
        return rows


def test_equal_training_gives_equal_bytes_and_another_seed_does_not():
    states = [on_all(XGBClassifier(**{**PARAMS, "random_state": s})).fit(FRAME, LABELS) for s in (5, 5, 6)]
    first, second, other = (each.graph.nodes[-1].step.state()["booster"] for each in states)
    assert first == second
    assert first != other


def test_missing_values_go_their_own_way():
    ours = on_all(XGBClassifier(n_estimators=5)).fit(FRAME, LABELS)
    nothing = pl.DataFrame({name: [None] for name in NUMERIC})
    assert 0 < ours.transform(nothing)["probability"].item() < 1


@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [3, 7], [-1.5, 2.5]])
def test_labels_of_any_kind_come_back_from_predict(labels):
    truth = [labels[int(each)] for each in LABELS]
    ours = on_all(XGBClassifier(n_estimators=5)).fit(FRAME, truth)
    assert ours.classes == labels
    assert set(ours.predict(FRAME).to_list()) == set(labels)
    assert ours.score(FRAME, truth) > 0.7


def test_many_classes_get_a_probability_each():
    truth = (FRAME["nights"] // 10).cast(pl.String)
    ours = on_all(XGBClassifier(objective="multi:softprob", n_estimators=5)).fit(FRAME, truth)
    answered = ours.transform(FRAME)
    assert answered.columns == ["probability_0", "probability_1", "probability_2"]
    np.testing.assert_allclose(answered.sum_horizontal().to_numpy(), 1.0, rtol=1e-6)
    with pytest.raises(DataError, match=r"3 classes for 'binary:logistic'.*multi:softprob"):
        on_all(XGBClassifier()).fit(FRAME, truth)


def test_what_cannot_be_learnt_from_is_named():
    with pytest.raises(DataError, match=r"step 0 \(XGBClassifier\): all 600 labels are 1"):
        on_all(XGBClassifier()).fit(FRAME, [1] * 600)
    huge = FRAME.with_columns(pl.lit(1e300).alias("price"))
    with pytest.raises(DataError, match=r"beyond ±3.4e\+38, as in 'price'"):
        on_all(XGBClassifier()).fit(huge, LABELS)
    with pytest.raises(DataError, match=r"missing values, as in 'price'.*NaNToMean\(\)"):
        on_all(LogisticRegression()).fit(FRAME, LABELS)
    with pytest.raises(DataError, match=r"XGBoost says: .*max_depth"):
        on_all(XGBClassifier(max_depth=-3)).fit(FRAME, LABELS)
    with pytest.raises(DataError, match="learns labels, and there are none"):
        on_all(XGBClassifier()).fit(FRAME)
    with pytest.raises(UnknownNameError, match="Did you mean 'binary:logistic'"):
        XGBClassifier(objective="binary:logistics")
    with pytest.raises(UnknownNameError, match="objective of a regressor"):
        XGBRegressor(objective="binary:logistic")


def test_other_frameworks_objects_become_ours_where_they_can():
    boosted = on_all(xgboost.XGBClassifier(n_estimators=4, max_depth=2)).steps[0]
    assert isinstance(boosted, XGBClassifier)
    assert (boosted.n_estimators, boosted.max_depth) == (4, 2)
    linear = on_all(SklearnLogistic(C=0.5)).steps[0]
    assert isinstance(linear, LogisticRegression)
    assert linear.C == 0.5
    with pytest.raises(DefinitionError, match="'device' of the XGBClassifier is not one of ours"):
        on_all(xgboost.XGBClassifier(device="cuda"))
    # An elastic net is not what ours fits, so it stays scikit-learn's.
    assert not isinstance(on_all(SklearnLogistic(solver="saga", l1_ratio=0.5)).steps[0], LogisticRegression)


class Chosen(RandomForestClassifier):
    """Somebody's own class: a bundle does not carry its code."""


def test_an_estimator_of_somebodys_own_fits_and_answers_but_is_not_stored():
    p = filled(Chosen(5, random_state=0)).fit(FRAME, LABELS)
    assert p.score(FRAME, LABELS) > 0.6
    assert p.clone().fit(FRAME, LABELS).transform(FRAME).height == FRAME.height
    with pytest.raises(UnsupportedStepError, match="the step Chosen cannot be stored without pickle"):
        p.graph.nodes[-1].step.state()


def test_any_transformer_fits_and_names_what_it_makes():
    p = Pipeline("pca")
    p[NUMERIC] >>= [NaNToMean(), PCA(2)]
    assert p.fit(FRAME).transform(FRAME).columns == ["pca0", "pca1"]
    assert p.lineage() == {"pca0": tuple(NUMERIC), "pca1": tuple(NUMERIC)}


def test_a_regressor_without_probabilities_predicts():
    p = filled(LinearRegression()).fit(FRAME, FRAME["nights"])
    assert p.score(FRAME, FRAME["nights"]) == pytest.approx(1.0)


@pytest.mark.parametrize("step", [LabelEncoder(), TSNE(), object(), 5, "scale"], ids=str)
def test_what_cannot_be_a_step_is_refused(step):
    with pytest.raises(DefinitionError):
        on_all(step)
