"""A pipeline is an estimator of scikit-learn: cloned, scored over folds, searched over parameters."""

from __future__ import annotations

import numpy as np
import pytest
from listings import NUMERIC, listings
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import LogisticRegression as SklearnLogistic
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.preprocessing import KBinsDiscretizer
from sklearn.utils.validation import check_is_fitted

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks import XGBClassifier
from bighead.pipeline_lib.pipeline import Pipeline, Transformer
from bighead.pipeline_lib.transforms import MinMaxScaler, NaNToMean, OneHotLabelEncoder, StandardScaler


def made(model=None) -> Pipeline:
    p = Pipeline("listing")
    p[NUMERIC] >>= [NaNToMean(), StandardScaler()]
    p["room"] >>= OneHotLabelEncoder()
    p >>= model or XGBClassifier(n_estimators=8, max_depth=3)
    return p


def test_scores_over_folds_are_those_of_fitting_each_fold_by_hand():
    frame, labels = listings(300)
    scores = cross_val_score(made(), frame.to_pandas(), labels.to_numpy(), cv=3, scoring="roc_auc")
    assert scores.shape == (3,)
    assert scores.min() > 0.7
    plain = cross_val_score(made(), frame.to_pandas(), labels.to_numpy(), cv=3)
    predicted = cross_val_predict(made(), frame.to_pandas(), labels.to_numpy(), cv=3)
    assert np.isclose(plain.mean(), (predicted == labels.to_numpy()).mean())


def test_a_grid_is_searched_and_the_best_is_fitted():
    frame, labels = listings(300)
    grid = {"xgbclassifier__max_depth": [1, 4], "standardscaler": [StandardScaler(), MinMaxScaler()]}
    search = GridSearchCV(made(), grid, cv=2, scoring="roc_auc").fit(frame.to_pandas(), labels.to_numpy())
    assert search.best_params_["xgbclassifier__max_depth"] in (1, 4)
    assert len(search.cv_results_["params"]) == 4
    assert len(set(np.round(search.cv_results_["mean_test_score"], 6))) > 1, "parameters reach the steps"
    assert search.predict_proba(frame.to_pandas()).shape == (300, 2)


def test_a_clone_has_the_same_parameters_and_is_not_fitted():
    frame, labels = listings(50)
    p = made().fit(frame, labels)
    check_is_fitted(p)
    copy = clone(p)
    assert copy is not p
    assert not copy.fitted
    keys = {key for key in p.get_params() if "__" in key}
    assert {key: p.get_params()[key] for key in keys} == {key: copy.get_params()[key] for key in keys}
    assert p.get_params(deep=False) == {"name": "listing"}


def test_what_kind_of_estimator_it_is():
    assert is_classifier(made())
    assert is_regressor(made(LinearRegression()))
    assert not is_classifier(made()[:-1])


def test_steps_are_named_by_their_classes_and_numbered_where_one_comes_twice():
    p = made(SklearnLogistic(C=0.5))
    p["price"] >>= NaNToMean()
    assert [*p.named_steps] == [
        "nantomean-1",
        "standardscaler",
        "onehotlabelencoder",
        "logisticregression",
        "nantomean-2",
    ]


def test_parameters_are_set_in_steps_and_in_what_they_wrap():
    p = Pipeline("p")
    p["price"] >>= [NaNToMean(), KBinsDiscretizer(n_bins=3)]
    frame, _ = listings(50)
    p.fit(frame)
    assert p.set_params(nantomean__empty=1.5, kbinsdiscretizer__n_bins=4) is p
    assert not p.fitted
    assert p.get_params()["nantomean__empty"] == 1.5
    assert p.get_params()["kbinsdiscretizer"].n_bins == 4
    assert p.set_params(name="q", kbinsdiscretizer=StandardScaler()).name == "q"
    assert [*p.named_steps] == ["nantomean", "standardscaler"]


class Bare(Transformer):
    """Neither a dataclass nor a wrapper."""


def test_what_there_is_not_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match=r"no step .* 'standardscalr'\. Did you mean 'standardscaler'"):
        made().set_params(standardscalr__x=1)
    with pytest.raises(
        UnknownNameError, match=r"parameter of the step 'xgbclassifier'.*Did you mean 'max_depth'"
    ):
        made().set_params(xgbclassifier__max_dept=1)
    with pytest.raises(DefinitionError, match="missing='all'"):
        made().set_params(onehotlabelencoder__missing="all")
    p = Pipeline("p")
    p["price"] >>= Bare()
    with pytest.raises(UnknownNameError, match="There are none"):
        p.set_params(bare__x=1)
