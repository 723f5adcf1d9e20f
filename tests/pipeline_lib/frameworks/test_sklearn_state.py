"""What an estimator may hold comes back as it was, and what it may not is refused with the place of it."""

from __future__ import annotations

import json
import logging
import sys

import numpy as np
import pytest
import scipy.stats
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks.sklearn_state import put_together, take_apart
from bighead.pipeline_lib.frameworks.sklearn_state.arrays import from_bytes, to_bytes
from bighead.pipeline_lib.frameworks.sklearn_state.graph import Apart, Together

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(40, 3))
CLASSES = (ROWS[:, 0] > 0).astype(int)


def twice(rows):
    return rows * 2


class Mine(StandardScaler):
    """Code of somebody's own."""


REFUSED = {
    "a function": (FunctionTransformer(twice), r"FunctionTransformer\.func is the function .*\.twice"),
    "a lambda": (FunctionTransformer(lambda x: x), r"FunctionTransformer\.func is the function .*<lambda>"),
    "a metric": (KNeighborsClassifier(metric=twice), r"KNeighborsClassifier\.metric is the function"),
    "a tokenizer": (CountVectorizer(tokenizer=str.split), r"CountVectorizer\.tokenizer is "),
    "a subclass": (Mine(), r"Mine is of the type .*Mine"),
    "a part": (make_pipeline(Mine(), Ridge()), r"Pipeline\.steps\[0\]\[1\] is of the type .*Mine"),
    "a distribution": (
        RandomizedSearchCV(Ridge(), {"alpha": scipy.stats.uniform()}),
        r"RandomizedSearchCV\.param_distributions\['alpha'\] is of the type scipy",
    ),
    "a cache": (make_pipeline(Ridge(), memory="cache"), r"Pipeline is of the type .*memory=.*give None"),
    "an open file": (Ridge(alpha=sys.stdout), r"Ridge\.alpha is of the type"),
    "a generator": (Ridge(random_state=np.random.Generator(np.random.MT19937(0))), "not PCG64"),
    "numpy.save": (FunctionTransformer(np.save), "FunctionTransformer.func is the function"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_stored_is_refused_with_its_place_and_the_cure(name):
    estimator, where = REFUSED[name]
    with pytest.raises(UnsupportedStepError, match=where) as told:
        take_apart(estimator)
    assert "cannot be stored without pickle" in str(told.value)
    assert "Give the estimator plain parameters" in str(told.value)


VALUES = [
    *(None, True, 7, 2**80, -1.5, float("inf"), -0.0, "", "ünï\ud800", b"\x00\xff"),
    *([1, [2]], (1, (2,)), {"a": {1: 2}, (1, 2): 3}, {1, 2}, frozenset({"x"}), slice(1, None, 2), range(3)),
    *(np.float32(0.1), np.int8(-3), np.uint64(2**63), np.str_("x"), np.bool_(True)),
    *(np.dtype("float32"), np.dtype("O"), np.float64, int, np.log1p, np.mean),
    *(np.arange(6).reshape(2, 3), np.asfortranarray(np.eye(3)[:2]), np.empty((0, 4)), np.array(3.0)),
    *(np.array(["a", "ö"]), np.array([None, "x", 1.5], dtype=object), np.array([1 + 2j]), ROWS[::3, 1]),
    np.array([(1, 2.0)], dtype=[("a", "i1"), ("b", "f8")]),
    np.array(["2013-01-01"], dtype="datetime64[D]"),
    np.ma.masked_array([1.0, 2.0], mask=[True, False]),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__} {v!r:.30}")
def test_values_come_back_as_they_were(value):
    apart = Apart()
    said = json.loads(json.dumps(apart.take(value)))
    back = Together(apart.objects, from_bytes(to_bytes(apart.arrays))).build(said)
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert (back.dtype, back.shape) == (value.dtype, value.shape)
        assert back.tolist() == value.tolist()
        assert back.flags.f_contiguous == (value.flags.f_contiguous or value.ndim < 2)
    else:
        assert repr(back) == repr(value)


def test_what_is_shared_stays_shared_and_the_process_wide_random_state_stays_that():
    forest = RandomForestClassifier(2, random_state=np.random.RandomState(4)).fit(ROWS, CLASSES)
    shared = ROWS.copy()
    near = KNeighborsClassifier(algorithm="kd_tree").fit(shared, CLASSES)
    _, arrays = take_apart(near)
    assert len(from_bytes(arrays)) < 5
    back = put_together(*take_apart(forest))
    assert np.array_equal(back.random_state.get_state()[1], forest.random_state.get_state()[1])
    process = GaussianProcessRegressor().fit(ROWS, CLASSES)
    assert put_together(*take_apart(process))._rng is np.random.mtrand._rand


@pytest.mark.parametrize("tree", [KDTree, BallTree])
@pytest.mark.parametrize(
    ("metric", "arguments"),
    [
        ("euclidean", {}),
        ("manhattan", {}),
        ("chebyshev", {}),
        ("minkowski", {"p": 3}),
        ("minkowski", {"p": 3, "w": np.array([1.0, 2.0, 3.0])}),
        ("seuclidean", {"V": np.array([1.0, 2.0, 3.0])}),
        ("mahalanobis", {"VI": np.diag([1.0, 2.0, 3.0])}),
        ("canberra", {}),
        ("haversine", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "".join(value),
)
def test_trees_of_neighbours_are_built_again(tree, metric, arguments):
    if metric not in tree.valid_metrics:
        with pytest.raises(ValueError, match=r"nrecognized metric|is not valid for"):
            tree(ROWS, metric=metric, **arguments)
        return
    points = ROWS[:, :2].copy() if metric == "haversine" else ROWS
    estimator = KNeighborsClassifier()
    estimator.tree_ = tree(points, leaf_size=3, metric=metric, **arguments)
    back = put_together(*take_apart(estimator)).tree_
    for one, other in zip(
        back.query(points + 0.1, k=4), estimator.tree_.query(points + 0.1, k=4), strict=True
    ):
        assert np.array_equal(one, other)


def test_another_version_is_warned_of(caplog):
    said, arrays = take_apart(Ridge().fit(ROWS, CLASSES))
    older = json.dumps({**json.loads(said), "scikit-learn": "1.2.3"}).encode()
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(
            put_together(older, arrays).predict(ROWS), put_together(said, arrays).predict(ROWS)
        )
    assert [each.message for each in caplog.records if "1.2.3" in each.message] == [
        f"an estimator of scikit-learn 1.2.3 is read by {json.loads(said)['scikit-learn']}"
    ]
