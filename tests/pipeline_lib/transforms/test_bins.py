"""Bins are those of scikit-learn and NumPy."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import Binarizer as SklearnBinarizer
from sklearn.preprocessing import KBinsDiscretizer as SklearnBins
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms import Binarizer, CustomBins, DecisionTreeDiscretizer, KBinsDiscretizer

# Halves are exact in 32 bits, in which scikit-learn's trees compare.
numbers = st.integers(-20, 20).map(lambda n: n / 2)
columns = st.lists(numbers, min_size=1, max_size=14)


def frame(values):
    return pl.DataFrame({"c": pl.Series(values, dtype=pl.Float64)})


def array(values):
    return np.array(values, dtype=float)[:, None]


@settings(deadline=None)
@given(seen=columns, threshold=numbers)
def test_a_binarizer_is_scikit_learns(seen, threshold):
    answer = made(Binarizer(threshold), frame(seen), frame([*seen, None]))["c"].to_list()
    assert answer == [*SklearnBinarizer(threshold=threshold).transform(array(seen))[:, 0], None]


@settings(deadline=None)
@given(seen=columns, edges=st.lists(numbers, min_size=1, max_size=5, unique=True).map(sorted))
def test_custom_bins_are_numpys(seen, edges):
    answer = made(CustomBins(edges), frame(seen), frame([*seen, None, float("inf")]))["c"].to_list()
    assert answer == [*np.digitize(seen, edges).astype(float), None, len(edges)]


@settings(deadline=None, max_examples=60)
@given(
    train=columns.filter(lambda c: len({*c}) > 1), seen=columns, bins=st.integers(2, 6),
    strategy=st.sampled_from(["uniform", "quantile"]),
)  # fmt: skip
def test_learnt_bins_are_scikit_learns(train, seen, bins, strategy):
    theirs = SklearnBins(bins, encode="ordinal", strategy=strategy, quantile_method="linear", subsample=None)
    with warnings.catch_warnings():
        # It warns of bins that coincide.
        warnings.simplefilter("ignore")
        expected = theirs.fit(array(train)).transform(array(seen))[:, 0]
    assert (
        made(KBinsDiscretizer(bins, strategy), frame(train), frame(seen))["c"].to_list() == expected.tolist()
    )


def test_bins_around_clusters_are_scikit_learns():
    random = np.random.default_rng(3)
    train = np.concatenate([random.normal(at, 0.3, 30) for at in (0, 5, 20)])
    theirs = SklearnBins(3, encode="ordinal", strategy="kmeans", subsample=None).fit(train[:, None])
    seen = np.linspace(-2, 25, 80)
    answer = made(KBinsDiscretizer(3, "kmeans"), frame(train), frame(seen))["c"].to_list()
    assert answer == theirs.transform(seen[:, None])[:, 0].tolist()
    assert {*answer} == {0.0, 1.0, 2.0}


def test_a_constant_has_one_bin():
    assert made(KBinsDiscretizer(3), frame([2.0, 2.0]), frame([1.0, 2.0, 3.0]))["c"].to_list() == [0.0] * 3


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(numbers, st.integers(0, 2)), min_size=2, max_size=20), seen=columns,
    bins=st.integers(2, 5), kind=st.sampled_from(["classes", "numbers"]),
)  # fmt: skip
def test_bins_of_a_tree_are_its_leaves_in_order(rows, seen, bins, kind):
    train, labels = [x for x, _ in rows], pl.Series([y for _, y in rows])
    labels = labels.cast(pl.Float64) if kind == "numbers" else labels
    tree = (DecisionTreeRegressor if kind == "numbers" else DecisionTreeClassifier)(
        max_leaf_nodes=bins, random_state=0
    )
    tree.fit(array(train), labels.to_numpy())
    answer = made(DecisionTreeDiscretizer(bins), frame(train), frame([*seen, None]), labels)["c"].to_list()
    assert answer.pop() is None
    leaves = tree.apply(array(seen))
    for one, its_leaf in zip(answer, leaves, strict=True):
        for other, leaf in zip(answer, leaves, strict=True):
            assert (one == other) == (its_leaf == leaf)
    order = [place for _, place in sorted(zip(seen, answer, strict=True))]
    assert order == sorted(order)


def test_a_tree_learns_from_the_rows_that_have_a_number():
    labels = pl.Series(["no", "no", "yes", "yes", "yes"])
    step = DecisionTreeDiscretizer(2)
    answer = made(step, frame([1.0, 2.0, 3.0, 4.0, None]), frame([2.0, 3.0, None]), labels)
    assert answer["c"].to_list() == [0.0, 1.0, None]


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (lambda: CustomBins([]), DefinitionError, "at least one"),
        (lambda: CustomBins([1.0, 1.0]), DefinitionError, "that grow"),
        (lambda: CustomBins([float("nan")]), DefinitionError, "NaN is none"),
        (lambda: KBinsDiscretizer(1), DefinitionError, "two or more"),
        (lambda: KBinsDiscretizer(strategy="quantiles"), UnknownNameError, "Did you mean 'quantile'"),
        (lambda: DecisionTreeDiscretizer(1), DefinitionError, "two or more"),
        (lambda: DecisionTreeDiscretizer().fit(frame([1.0]), None), DataError, "learns labels"),
        (lambda: DecisionTreeDiscretizer().fit(frame([None]), pl.Series([1])), DataError, "no number at all"),
    ],
)
def test_what_means_nothing_is_refused(make, kind, told):
    with pytest.raises(kind, match=told):
        make()
