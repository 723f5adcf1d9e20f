"""Projections, splines and imputing by neighbours answer as scikit-learn's own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from native_steps import made, same
from sklearn import decomposition, impute, preprocessing, random_projection

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import StandardScaler
from bighead.pipeline_lib.transforms.imputing import KNNImputer
from bighead.pipeline_lib.transforms.selection import ColumnSelector
from bighead.pipeline_lib.transforms.vectors import (
    PCA,
    GaussianRandomProjection,
    SparseRandomProjection,
    SplineTransformer,
    TruncatedSVD,
)

RANDOM = np.random.default_rng(5)
ROWS = RANDOM.normal(size=(50, 6)) @ RANDOM.normal(size=(6, 6)) + 3
NAMES = [*"abcdef"]
FRAME = pl.DataFrame(ROWS, schema=NAMES)
SEEN = pl.DataFrame(ROWS[:5] * 1.3, schema=NAMES)
HARD = pl.DataFrame(
    {name: [None, 1e300, -1e-300, 0.0] for name in NAMES}, schema=dict.fromkeys(NAMES, pl.Float64)
)
PROJECTIONS = {
    "pca": (PCA(3), decomposition.PCA(3)),
    "whitened": (PCA(2, whiten=True), decomposition.PCA(2, whiten=True)),
    "svd": (TruncatedSVD(2), decomposition.TruncatedSVD(2, algorithm="arpack", random_state=0)),
    "gaussian": (GaussianRandomProjection(4), random_projection.GaussianRandomProjection(4, random_state=0)),
    "sparse": (SparseRandomProjection(4), random_projection.SparseRandomProjection(4, random_state=0)),
}


@pytest.mark.parametrize("name", PROJECTIONS)
def test_a_projection_is_scikit_learns(name):
    ours, theirs = PROJECTIONS[name]
    answer = made(ours, FRAME, SEEN)
    expected = theirs.fit(ROWS).transform(SEEN.to_numpy())
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    np.testing.assert_allclose(answer.to_numpy(), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", PROJECTIONS)
def test_hard_rows_are_the_same_one_by_one_and_stored(name):
    answer = made(PROJECTIONS[name][0].clone(), FRAME, HARD)
    assert all(series[0] is None for series in answer)


def test_what_cannot_be_learnt_from_is_refused():
    with pytest.raises(DataError, match="missing values, as in 'a'"):
        PCA(1).fit(FRAME.with_columns(a=None), None)
    with pytest.raises(DefinitionError):
        PCA(0)
    with pytest.raises(ValueError, match="n_components=9"):
        PCA(9).fit(FRAME, None)


def stored(step):
    return type(step).from_state(step.params(), step.state())


@pytest.mark.parametrize("beyond", ["constant", "linear", "continue", "periodic"])
@pytest.mark.parametrize("placing", ["uniform", "quantile"])
def test_splines_are_scikit_learns_bit_for_bit(placing, beyond):
    ours = SplineTransformer(4, 2, placing, beyond)
    ours.fit(FRAME, None)
    theirs = preprocessing.SplineTransformer(4, degree=2, knots=placing, extrapolation=beyond).fit(ROWS)
    answer = ours.transform(SEEN)
    assert np.array_equal(answer.to_numpy(), theirs.transform(SEEN.to_numpy()))
    assert answer.columns == theirs.get_feature_names_out(NAMES).tolist()
    same(stored(ours).transform(SEEN), answer)
    for row in range(SEEN.height):
        same(ours.transform(SEEN[row]), answer[row])
    assert ours.transform(HARD)[0].null_count().row(0) == (1,) * answer.width


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_imputing_by_neighbours_is_scikit_learns_bit_for_bit(weights):
    holes = RANDOM.random(ROWS.shape) < 0.2
    train = np.where(holes, np.nan, ROWS)
    frame = pl.DataFrame(train, schema=NAMES).fill_nan(None)
    ours = KNNImputer(3, weights)
    ours.fit(frame, None)
    answer = ours.transform(frame)
    assert np.array_equal(
        answer.to_numpy(), impute.KNNImputer(n_neighbors=3, weights=weights).fit_transform(train)
    )
    same(stored(ours).transform(frame), answer)
    for row in range(10):
        # Distances are products of matrices, which round by how many rows there are.
        np.testing.assert_allclose(ours.transform(frame[row]).to_numpy(), answer[row].to_numpy(), rtol=1e-12)


def test_words_and_numbers_that_mean_nothing_are_refused():
    for wrong in (lambda: SplineTransformer(1), lambda: SplineTransformer(degree=-1), lambda: KNNImputer(0)):
        with pytest.raises(DefinitionError):
            wrong()
    for word in (
        lambda: SplineTransformer(placing="even"),
        lambda: SplineTransformer(beyond="x"),
        lambda: KNNImputer(weights="x"),
    ):
        with pytest.raises(UnknownNameError):
            word()
    with pytest.raises(DataError, match="is not fitted"):
        KNNImputer().transform(FRAME)


def test_what_a_step_makes_is_read_by_name():
    p = Pipeline("named")
    p[NAMES] >>= [ColumnSelector(["c", "d"]), PCA(2)]
    p["pca1"] >>= StandardScaler()
    assert p.fit(FRAME).transform(SEEN).columns == ["pca0", "pca1"]
    for step in (PCA(2), ColumnSelector(["c"])):
        with pytest.raises(DataError, match="is not fitted"):
            step.transform(FRAME)
