"""What the adapters of XGBoost and LightGBM do beside plain trees: categories, weights, early stopping, forests."""

from __future__ import annotations

import json

import lightgbm
import numpy as np
import polars as pl
import pytest
import xgboost
from bundles import saved
from listings import listings

from bighead.pipeline_lib.artifact import load
from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.frameworks import (
    LGBMClassifier,
    LGBMRegressor,
    XGBClassifier,
    XGBRegressor,
    XGBRFClassifier,
    XGBRFRegressor,
)
from bighead.pipeline_lib.pipeline import Pipeline

FRAME, LABELS = listings()
NUMBERS = FRAME.select("price", "nights", "instant")
MATRIX = NUMBERS.select(pl.all().cast(pl.Float64).fill_null(float("nan"))).to_numpy()
XGB = {"n_estimators": 8, "max_depth": 3, "n_jobs": 1}
LGBM = {"n_estimators": 8, "num_leaves": 7, "n_jobs": 1}
ROOMS = pl.Series([f"{room}" for room in FRAME["room"]])
BOTH = [(XGBClassifier, XGB), (LGBMClassifier, LGBM)]
IDS = ["xgboost", "lightgbm"]


def on_all(model) -> Pipeline:
    p = Pipeline("model")
    p >>= model
    return p


WITH_STRINGS = {
    "xgboost": XGBClassifier(**XGB, enable_categorical=True),
    "one-hot": XGBClassifier(**XGB, enable_categorical=True, max_cat_to_onehot=100),
    "dart": XGBRegressor(**XGB, enable_categorical=True, booster="dart", rate_drop=0.4),
    "forest": XGBRFClassifier(**XGB, enable_categorical=True),
    "forest of numbers": XGBRFRegressor(**XGB, enable_categorical=True),
    "classes": XGBClassifier(**XGB, enable_categorical=True, objective="multi:softprob"),
    "poisson": XGBRegressor(**XGB, enable_categorical=True, objective="count:poisson"),
    "lightgbm": LGBMClassifier(**LGBM),
    "lightgbm dart": LGBMRegressor(**LGBM, boosting_type="dart", categorical_feature=["nights"]),
    "lightgbm forest": LGBMRegressor(**LGBM, boosting_type="rf", subsample=0.5, subsample_freq=1),
    "lightgbm classes": LGBMClassifier(**LGBM, objective="multiclass"),
    "lightgbm gamma": LGBMRegressor(**LGBM, objective="gamma"),
    "monotone": LGBMRegressor(**LGBM, monotone_constraints={"price": 1}),
}


@pytest.mark.parametrize("model", WITH_STRINGS.values(), ids=WITH_STRINGS)
def test_strings_are_categories_in_the_stored_plan_too(model, tmp_path):
    many = getattr(model, "objective", "").startswith("multi")
    target = ROOMS if many else (LABELS if model.classifies else FRAME["nights"] + 1.0)
    p = on_all(model).fit(FRAME, target)
    manifest = saved(p, tmp_path / "bundle")
    assert manifest.plan.lowered, manifest.plan.reason
    loaded = load(tmp_path / "bundle")
    loaded.reproduce()
    unseen = FRAME.head(3).with_columns(room=pl.lit("castle"), city=pl.Series(["city 1", None, ""]))
    missing = unseen.with_columns(room=pl.lit(None, pl.String), city=pl.Series(["city 1", None, None]))
    assert p.answer(unseen).equals(p.answer(missing))
    np.testing.assert_allclose(loaded.predict(unseen).to_numpy(), p.answer(unseen).to_numpy(), rtol=1e-12)
    assert p.graph.model is not None
    assert set(p.graph.model.gains()) == set(FRAME.columns)


def test_xgboosts_own_categories_give_the_same_forest():
    given = FRAME.select("price", "room").with_columns(pl.col("room").fill_null("attic"))
    codes = given["room"].rank("dense").cast(pl.Int64).to_numpy() - 1
    rows = np.column_stack([given["price"].cast(pl.Float64).fill_null(float("nan")).to_numpy(), codes])
    theirs = xgboost.QuantileDMatrix(
        rows.astype(np.float32), LABELS.to_numpy(), feature_types=["float", "c"], enable_categorical=True
    )
    learner = {"objective": "binary:logistic", "max_depth": 3, "tree_method": "hist", "nthread": 1}
    booster = xgboost.train(learner, theirs, 8)
    ours = on_all(XGBClassifier(**XGB, enable_categorical=True)).fit(given, LABELS)
    np.testing.assert_allclose(
        ours.transform(given)["probability"].to_numpy(), booster.predict(theirs), rtol=1e-6
    )


def test_lightgbm_is_lightgbms():
    theirs = lightgbm.train(
        {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1, "deterministic": True},
        lightgbm.Dataset(MATRIX, LABELS.to_numpy()),
        8,
    )
    ours = on_all(LGBMClassifier(**LGBM)).fit(NUMBERS, LABELS)
    np.testing.assert_allclose(
        ours.transform(NUMBERS)["probability"].to_numpy(), theirs.predict(MATRIX), rtol=1e-9
    )


@pytest.mark.parametrize("ours", [XGBRFClassifier, XGBRFRegressor])
def test_a_random_forest_is_xgboosts(ours):
    cls = getattr(xgboost, ours.__name__)
    theirs = cls(n_estimators=12, max_depth=4, n_jobs=1, random_state=3, tree_method="hist")
    target = LABELS if ours.classifies else FRAME["nights"]
    theirs.fit(MATRIX, target.to_numpy())
    model = ours(n_estimators=12, max_depth=4, n_jobs=1, random_state=3)
    expected = theirs.predict_proba(MATRIX)[:, 1] if ours.classifies else theirs.predict(MATRIX)
    seen = on_all(model).fit(NUMBERS, target).answer(NUMBERS).to_series().to_numpy()
    np.testing.assert_allclose(seen, expected, rtol=1e-5)


@pytest.mark.parametrize(("cls", "params"), BOTH, ids=IDS)
def test_equal_training_gives_equal_bytes(cls, params):
    states = [
        on_all(cls(**params, subsample=0.7, subsample_freq=1))
        if cls is LGBMClassifier
        else on_all(cls(**params, subsample=0.7))
        for _ in range(2)
    ]
    first, second = (p.fit(FRAME.drop("room", "city"), LABELS).graph.nodes[-1].step.state() for p in states)
    assert first["booster"] == second["booster"]


@pytest.mark.parametrize(("cls", "params"), BOTH, ids=IDS)
def test_early_stopping_keeps_the_rounds_up_to_the_best(cls, params, tmp_path):
    noise = pl.Series(np.random.default_rng(0).integers(0, 2, FRAME.height))
    model = cls(**{**params, "n_estimators": 300}, early_stopping_rounds=5, random_state=1)
    p = on_all(model).fit(NUMBERS, noise)
    step = p.graph.nodes[-1].step
    booster = step._loaded()
    rounds = booster.num_boosted_rounds() if cls is XGBClassifier else booster.current_iteration()
    assert 1 <= rounds < 100
    manifest = saved(p, tmp_path / "bundle", example_rows=NUMBERS.head(50))
    assert manifest.plan.lowered, manifest.plan.reason
    with pytest.raises(DefinitionError, match=r"validation_fraction=1.0 keeps 600 of 600 rows aside"):
        on_all(cls(**params, early_stopping_rounds=5, validation_fraction=1.0)).fit(NUMBERS, noise)


@pytest.mark.parametrize(("cls", "params"), BOTH, ids=IDS)
def test_rows_of_no_weight_teach_nothing(cls, params, tmp_path):
    counted = pl.Series("weight", [1.0] * 300 + [0.0] * 300)
    rows = NUMBERS.with_columns(counted)
    spoiled = pl.concat([LABELS.head(300), 1 - LABELS.tail(300)])
    # Bins are drawn from all rows, so equal bins need equal rows.
    weighted = [on_all(cls(**params, weight_column="weight")).fit(rows, each) for each in (LABELS, spoiled)]
    assert weighted[0].answer(rows).equals(weighted[1].answer(rows))
    unweighted = on_all(cls(**params)).fit(NUMBERS, LABELS)
    assert not weighted[0].answer(rows).equals(unweighted.answer(NUMBERS))
    manifest = saved(weighted[0], tmp_path / "bundle", example_rows=rows.head(50))
    assert manifest.plan.lowered, manifest.plan.reason
    assert weighted[0].graph.model.gains()["weight"] == 0.0
    with pytest.raises(DataError, match="weights in 'weight' are missing, infinite, negative"):
        on_all(cls(**params, weight_column="weight")).fit(rows.with_columns(weight=-counted), LABELS)
    with pytest.raises(UnknownNameError, match="column of weights is called 'wait'"):
        on_all(cls(**params, weight_column="wait")).fit(rows, LABELS)


@pytest.mark.parametrize(("cls", "params"), [(XGBRegressor, XGB), (LGBMRegressor, LGBM)], ids=IDS)
@pytest.mark.parametrize("sign", [1, -1])
def test_monotone_constraints_hold(cls, params, sign):
    p = on_all(cls(**params, monotone_constraints={"price": sign})).fit(NUMBERS, FRAME["nights"])
    prices = pl.DataFrame({"price": np.linspace(0, 500, 200), "nights": [7] * 200, "instant": [True] * 200})
    seen = p.answer(prices).to_series().to_numpy()
    assert (np.diff(seen) * sign >= 0).all()
    with pytest.raises(UnknownNameError, match=r"'prise'\. Did you mean 'price'"):
        on_all(cls(**params, monotone_constraints={"prise": 1})).fit(NUMBERS, FRAME["nights"])


def test_lines_are_stored_and_served(tmp_path):
    filled = NUMBERS.fill_null(0)
    p = on_all(XGBClassifier(**XGB, booster="gblinear")).fit(filled, LABELS)
    manifest = saved(p, tmp_path / "bundle", example_rows=filled.head(50))
    assert manifest.plan.lowered, manifest.plan.reason
    assert p.score(filled, LABELS) > 0.6


def test_what_cannot_be_learnt_is_said():
    with pytest.raises(SchemaError, match=r"strings 'room', 'city'.*enable_categorical=True"):
        on_all(XGBClassifier(**XGB)).fit(FRAME, LABELS)
    with pytest.raises(UnknownNameError, match="Did you mean 'dart'"):
        XGBClassifier(booster="darts")
    with pytest.raises(UnknownNameError, match="Did you mean 'gbdt'"):
        LGBMRegressor(boosting_type="gbdts")
    with pytest.raises(DataError, match="LightGBM says"):
        on_all(LGBMClassifier(**{**LGBM, "num_leaves": -3})).fit(NUMBERS, LABELS)
    with pytest.raises(DataError, match=r"3 classes for 'binary'"):
        on_all(LGBMClassifier(**LGBM)).fit(NUMBERS, FRAME["nights"] // 10)
    with pytest.raises(UnknownNameError, match="column of categorical_feature is called 'nicht'"):
        on_all(LGBMClassifier(**LGBM, categorical_feature=["nicht"])).fit(NUMBERS, LABELS)


def test_theirs_become_ours():
    boosted = on_all(lightgbm.LGBMClassifier(num_leaves=5, objective="binary")).steps[0]
    assert isinstance(boosted, LGBMClassifier)
    assert boosted.num_leaves == 5
    dart = on_all(xgboost.XGBRegressor(booster="dart", rate_drop=0.1)).steps[0]
    assert isinstance(dart, XGBRegressor)
    assert (dart.booster, dart.rate_drop) == ("dart", 0.1)
    with pytest.raises(DefinitionError, match="'subsample_for_bin' of the LGBMClassifier is not one of ours"):
        on_all(lightgbm.LGBMClassifier(subsample_for_bin=5))


def test_an_artifact_of_before_has_no_categories():
    fitted = XGBClassifier(**XGB)
    fitted.fit(NUMBERS, LABELS)
    state = fitted.state()
    assert set(state) == {"booster", "columns", "classes"}
    params = json.loads(json.dumps({name: fitted.params()[name] for name in XGB}))
    assert XGBClassifier.from_state(params, state).transform(NUMBERS).equals(fitted.transform(NUMBERS))
