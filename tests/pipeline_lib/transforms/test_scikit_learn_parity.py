"""Each transform answers as its scikit-learn counterpart does; scikit-learn is the oracle, not our code."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder
from sklearn.preprocessing import OrdinalEncoder as SklearnOrdinal
from sklearn.preprocessing import StandardScaler as SklearnScaler

from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, OrdinalEncoder, StandardScaler

# Thousandths: where squares underflow, scikit-learn's deviation is 0 and ours is not.
numbers = st.integers(-(10**9), 10**9).map(lambda n: n / 1000) | st.integers(-5, 5).map(float)
columns = st.lists(numbers | st.none(), min_size=1, max_size=40).filter(
    lambda c: any(v is not None for v in c)
)
words = st.lists(st.sampled_from(["UA", "AA", "", "été", "日本", "a b"]), min_size=1, max_size=30)


def frame(values):
    return pl.DataFrame({"c": pl.Series(values, dtype=pl.Float64)})


def array(values):
    return np.array([np.nan if value is None else value for value in values])[:, None]


@settings(deadline=None)
@given(train=columns, seen=columns)
def test_nan_to_mean_is_the_simple_imputer(train, seen):
    step = NaNToMean()
    step.fit(frame(train), None)
    expected = SimpleImputer().fit(array(train)).transform(array(seen))[:, 0]
    np.testing.assert_allclose(step.transform(frame(seen))["c"].to_numpy(), expected, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(train=columns, seen=columns)
def test_standard_scaler_is_the_standard_scaler(train, seen):
    spread = np.nanstd(array(train))
    known = [value for value in train if value is not None]
    # Where rounding alone makes the spread, scikit-learn calls a column constant by another rule.
    assume(not 0 < spread < 1e-6 * max(1.0, *(abs(value) for value in known)))
    step = StandardScaler()
    step.fit(frame(train), None)
    expected = SklearnScaler().fit(array(train)).transform(array(seen))[:, 0]
    made = step.transform(frame(seen))["c"].fill_null(float("nan")).to_numpy()
    np.testing.assert_allclose(made, expected, rtol=1e-6, atol=1e-9)


def test_a_constant_column_becomes_zero():
    step = StandardScaler()
    step.fit(frame([0.1, 0.1, 0.1]), None)
    assert step.transform(frame([0.1, 1.1]))["c"].to_list() == [0.0, 1.0]


@settings(deadline=None)
@given(train=words, seen=words)
def test_one_hot_is_the_one_hot_encoder_that_ignores_what_it_never_saw(train, seen):
    step = OneHotLabelEncoder()
    step.fit(pl.DataFrame({"c": train}), None)
    theirs = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(np.array(train, object)[:, None])
    made = step.transform(pl.DataFrame({"c": seen}))
    assert made.columns == [f"c={value}" for value in theirs.categories_[0]]
    assert made.to_numpy().tolist() == theirs.transform(np.array(seen, object)[:, None]).tolist()


@settings(deadline=None)
@given(train=words, seen=words)
def test_ordinal_is_the_ordinal_encoder(train, seen):
    step = OrdinalEncoder()
    step.fit(pl.DataFrame({"c": train}), None)
    theirs = SklearnOrdinal(handle_unknown="use_encoded_value", unknown_value=-1)
    theirs.fit(np.array(train, object)[:, None])
    expected = theirs.transform(np.array(seen, object)[:, None])[:, 0]
    assert step.transform(pl.DataFrame({"c": seen}))["c"].to_list() == expected.tolist()


@pytest.mark.parametrize(
    "values", [[3, 1, 3], [True, False], [0.5, -0.0, 0.0], ["b", "a"]], ids=["int", "bool", "float", "text"]
)
def test_values_of_any_type_are_categories(values):
    given_, ordered = pl.DataFrame({"c": values}), sorted(set(values))
    step = OrdinalEncoder()
    step.fit(given_, None)
    assert step.transform(given_)["c"].to_list() == [ordered.index(value) for value in values]
    marks = OneHotLabelEncoder()
    marks.fit(given_, None)
    assert marks.transform(given_).to_numpy().argmax(axis=1).tolist() == [ordered.index(v) for v in values]
