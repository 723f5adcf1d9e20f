"""What is lowered of scikit-learn answers as scikit-learn does, and served rows exactly as tables."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from bighead_kernels import Plan
from sklearn import linear_model as lm
from sklearn import preprocessing as pp
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection
from sklearn.svm import LinearSVC, LinearSVR

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks import SklearnClassifier, SklearnRegressor, SklearnTransformer
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.lowering import lower
from bighead.pipeline_lib.pipeline.parity import fuzzed
from bighead.pipeline_lib.pipeline.schema import InputType

RANDOM = np.random.default_rng(11)
NAMES = ["a", "b", "c"]
ROWS = RANDOM.normal(size=(150, 3)) * [1.0, 3.0, 0.5] + [0.0, 2.0, -1.0]
FRAME = pl.DataFrame(ROWS, schema=NAMES)
TWO = pl.Series(np.where(ROWS[:, 0] > RANDOM.normal(size=150), "yes", "no"))
THREE = pl.Series(np.digitize(ROWS[:, 1] + RANDOM.normal(size=150), [1.0, 3.0]))
NUMBERS = pl.Series(ROWS @ [2.0, -1.0, 0.5] + 3 + RANDOM.normal(size=150) * 0.1)
POSITIVE = pl.Series(np.exp(ROWS[:, 0] * 0.5) + 0.1)
LABELS = {"two": TWO, "three": THREE, "numbers": NUMBERS, "positive": POSITIVE, "none": None}
TWO_OR_THREE = ("two", "three")
CLASSIFIERS = {
    "logistic": lm.LogisticRegression(C=0.3),
    "saga": lm.LogisticRegression(solver="saga", l1_ratio=0.5, max_iter=3000),
    "cross-validated": lm.LogisticRegressionCV(
        cv=2, use_legacy_attributes=False, scoring="neg_log_loss", l1_ratios=(0.0,)
    ),
    "without bias": lm.LogisticRegression(fit_intercept=False),
    "ridge": lm.RidgeClassifier(),
    "svc": LinearSVC(),
    "hinge": lm.SGDClassifier(),
    "log loss": lm.SGDClassifier(loss="log_loss"),
    "perceptron": lm.Perceptron(),
    "discriminant": LinearDiscriminantAnalysis(),
    "relu": MLPClassifier((6, 4), max_iter=300),
    "tanh": MLPClassifier((5,), activation="tanh", max_iter=300),
    "sigmoid": MLPClassifier((5,), activation="logistic", max_iter=300),
    "chain": make_pipeline(pp.StandardScaler(), SelectKBest(k=2), PCA(2), lm.LogisticRegression()),
    "search": GridSearchCV(lm.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
}
REGRESSORS = {
    "least squares": lm.LinearRegression(),
    "ridge": lm.Ridge(),
    "ridge cv": lm.RidgeCV(),
    "lasso": lm.Lasso(0.1),
    "lasso cv": lm.LassoCV(),
    "elastic net": lm.ElasticNet(0.1),
    "lars": lm.Lars(),
    "bayesian": lm.BayesianRidge(),
    "ard": lm.ARDRegression(),
    "huber": lm.HuberRegressor(),
    "theil-sen": lm.TheilSenRegressor(),
    "quantile": lm.QuantileRegressor(),
    "sgd": lm.SGDRegressor(),
    "svr": LinearSVR(),
    "ransac": lm.RANSACRegressor(),
    "perceptron": MLPRegressor(hidden_layer_sizes=(6,), max_iter=300),
    "identity": MLPRegressor(hidden_layer_sizes=(3,), activation="identity", max_iter=300),
}
GENERALISED = {
    "poisson": lm.PoissonRegressor(),
    "gamma": lm.GammaRegressor(),
    "tweedie": lm.TweedieRegressor(power=1.5),
    "normal": lm.TweedieRegressor(power=0),
}
TRANSFORMERS = {
    "standard": pp.StandardScaler(),
    "centred": pp.StandardScaler(with_std=False),
    "scaled": pp.StandardScaler(with_mean=False),
    "min-max": pp.MinMaxScaler((-1, 2)),
    "clipped": pp.MinMaxScaler(clip=True),
    "max-abs": pp.MaxAbsScaler(),
    "robust": pp.RobustScaler(),
    "robust centred": pp.RobustScaler(with_scaling=False),
    "l1": pp.Normalizer("l1"),
    "l2": pp.Normalizer("l2"),
    "max": pp.Normalizer("max"),
    "binary": pp.Binarizer(threshold=0.5),
    "imputed": SimpleImputer(strategy="median"),
    "varying": VarianceThreshold(0.5),
    "pca": PCA(2),
    "white": PCA(2, whiten=True),
    "incremental": IncrementalPCA(2),
    "svd": TruncatedSVD(2),
    "gaussian": GaussianRandomProjection(2),
    "sparse": SparseRandomProjection(2),
    "chain": make_pipeline(pp.StandardScaler(), "passthrough", PCA(2)),
}
CASES = [
    *(
        (SklearnClassifier, name, model, labels)
        for name, model in CLASSIFIERS.items()
        for labels in TWO_OR_THREE
    ),
    *((SklearnRegressor, name, model, "numbers") for name, model in REGRESSORS.items()),
    *((SklearnRegressor, name, model, "positive") for name, model in GENERALISED.items()),
    *((SklearnTransformer, name, model, "none") for name, model in TRANSFORMERS.items()),
]
IDS = [f"{name} {labels}" for _, name, _, labels in CASES]


def fitted(step, estimator, labels) -> Pipeline:
    p = Pipeline("lowered")
    p[NAMES] >>= step(estimator)
    return p.fit(FRAME, LABELS[labels])


def oracle(p: Pipeline) -> np.ndarray:
    """What scikit-learn itself answers."""
    step = p.graph.nodes[-1].step
    estimator = step.estimator
    if isinstance(step, SklearnTransformer):
        made = estimator.transform(ROWS)
        return made.toarray() if hasattr(made, "toarray") else made
    if isinstance(step, SklearnRegressor):
        return estimator.predict(ROWS)[:, None]
    if hasattr(estimator, "predict_proba"):
        made = estimator.predict_proba(ROWS)
    else:
        made = np.eye(len(step.classes))[estimator.predict(ROWS)]
    return made[:, 1:] if len(step.classes) == 2 else made


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("step", "name", "estimator", "labels"), CASES, ids=IDS)
def test_what_is_lowered_is_scikit_learns_and_rows_are_tables(step, name, estimator, labels):
    p = fitted(step, estimator, labels)
    answered = p.transform(FRAME)
    np.testing.assert_allclose(answered.to_numpy(), oracle(p), rtol=1e-9, atol=1e-12)
    plan = Plan.from_spec(json.dumps(lower(p.graph)))
    hard = pl.concat([FRAME.head(5), fuzzed(FRAME, [InputType(each, "float64") for each in NAMES], {})])
    table = pl.DataFrame(plan.predict(hard)).to_numpy()
    rows = np.array(plan.predict_rows(hard.to_dicts()))
    assert np.array_equal(table, rows, equal_nan=True)
    ours = p.transform(hard).fill_null(float("nan")).to_numpy()
    assert np.array_equal(table, ours, equal_nan=True)


HOLES = FRAME.with_columns(a=pl.when(pl.col("a") > 0).then("a"))


@pytest.mark.parametrize(
    ("estimator", "frame"),
    [
        (SimpleImputer(add_indicator=True), HOLES),
        (SimpleImputer(missing_values=-1.0), FRAME),
        (pp.PolynomialFeatures(), FRAME),
        (make_pipeline(pp.PolynomialFeatures(), PCA(2)), FRAME),
    ],
    ids=["indicator", "other missing", "polynomial", "chain"],
)
def test_what_has_no_native_form_runs_in_python(estimator, frame):
    p = Pipeline("python")
    p[NAMES] >>= SklearnTransformer(estimator)
    with pytest.raises(UnsupportedStepError, match="has no native form"):
        lower(p.fit(frame).graph)
    assert p.transform(frame).height == frame.height
