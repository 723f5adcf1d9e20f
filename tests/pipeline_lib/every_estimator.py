"""Every public estimator of scikit-learn, fitted on small data that suits it, and what it answers to new rows."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils import all_estimators

# How scikit-learn's own tests make those that need arguments.
from sklearn.utils._test_common.instance_generator import _construct_instances

RANDOM = np.random.default_rng(0)
ROWS = np.abs(RANDOM.normal(size=(60, 4)))
SEEN = ROWS[:9] * 1.01
CLASSES = (ROWS[:, 0] > ROWS[:, 1]).astype(int) + (ROWS[:, 2] > 1.3)
NUMBERS = ROWS @ [1, 2, 3, 4.0] + 0.1
TEXTS = ["a quick dog", "the lazy fox", "quick fox"] * 10
RECORDS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 10
METHODS = ("transform", "predict", "predict_proba", "decision_function", "score_samples", "kneighbors")
ONE_BIT = ("FixedThresholdClassifier", "TunedThresholdClassifierCV", "NuSVC")
TWO_TARGETS = {
    "MultiOutputClassifier": np.column_stack([CLASSES > 0, CLASSES > 1]).astype(int),
    "ClassifierChain": np.column_stack([CLASSES > 0, CLASSES > 1]).astype(int),
    **dict.fromkeys(
        [
            *("MultiOutputRegressor", "RegressorChain", "CCA", "PLSCanonical", "PLSRegression", "PLSSVD"),
            *("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV"),
        ],
        np.column_stack([NUMBERS, ROWS[:, 0]]),
    ),
}
LABELS = {
    "LabelBinarizer": CLASSES,
    "LabelEncoder": CLASSES,
    "MultiLabelBinarizer": [(1, 2), (3,), (2, 3)],
}
NAMES = sorted(name for name, _ in all_estimators())


def fitted(name: str) -> BaseEstimator:
    """Return an estimator, fitted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator, rows, target = _unfitted(name), given(name, train=True), _target(name)
        if name in LABELS:
            return estimator.fit(LABELS[name])
        return estimator.fit(rows) if target is None else estimator.fit(rows, target)


def _unfitted(name: str) -> Any:
    if name == "FrozenEstimator":
        return FrozenEstimator(LogisticRegression().fit(ROWS, CLASSES))
    if name == "SelectFromModel":
        return SelectFromModel(LinearRegression())
    if name == "SequentialFeatureSelector":
        return SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=2)
    if name == "SparseCoder":
        return dict(all_estimators())[name](np.eye(4)[:3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = next(iter(_construct_instances(dict(all_estimators())[name])))
    lacking = {"random_state": 0} if "random_state" in made.get_params() else {}
    return made.set_params(**lacking)


def given(name: str, *, train: bool) -> Any:
    """Return rows of the kind that an estimator reads."""
    # Encoders know only what they have seen.
    rows = ROWS if train else ROWS[:9] if name in ("OneHotEncoder", "OrdinalEncoder") else SEEN
    if name in ("CountVectorizer", "HashingVectorizer", "TfidfVectorizer"):
        return TEXTS if train else ["quick quick fox", "nothing known"]
    if name in ("DictVectorizer", "FeatureHasher"):
        return RECORDS if train else RECORDS[:3]
    if name == "PatchExtractor":
        return RANDOM.normal(size=(3, 20, 20)) if train else np.arange(400.0).reshape(1, 20, 20)
    if name == "KernelCenterer":
        return ROWS[:4] if train else SEEN
    return rows[:, 0] if name == "IsotonicRegression" else LABELS.get(name, rows)


def _target(name: str) -> Any:
    cls = dict(all_estimators())[name]
    if name in TWO_TARGETS:
        return TWO_TARGETS[name]
    tags = _unfitted(name).__sklearn_tags__()
    if name in ONE_BIT:
        return (CLASSES > 0).astype(int)
    if name in ("SelectFromModel", "SequentialFeatureSelector") or tags.estimator_type == "regressor":
        return NUMBERS
    required = tags.estimator_type == "classifier" or tags.target_tags.required
    return CLASSES if required or cls.__module__.startswith("sklearn.feature_selection") else None


def answers(name: str, estimator: Any) -> dict[str, np.ndarray]:
    """Return what an estimator answers to new rows, by method and part, as arrays of numbers or texts."""
    rows, found = given(name, train=False), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for method in METHODS:
            if hasattr(estimator, method):
                made = getattr(estimator, method)(rows)
                parts = made if isinstance(made, tuple | list) else [made]
                found |= {f"{method} {place}": _array(part) for place, part in enumerate(parts)}
    return found


def _array(part: Any) -> np.ndarray:
    dense = np.asarray(part.toarray() if hasattr(part, "toarray") else part)
    return np.array([json.dumps(dense.tolist())]) if dense.dtype.kind == "O" else dense
