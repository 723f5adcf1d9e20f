"""Scalers answer as scikit-learn's do; scikit-learn is the oracle, not our code."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import MinMaxScaler as SklearnMinMax

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.transforms import Clipper, MinMaxScaler, Ratio

numbers = st.integers(-(10**6), 10**6).map(lambda n: n / 1000) | st.integers(-5, 5).map(float)
columns = st.lists(numbers | st.none(), min_size=1, max_size=12).filter(
    lambda c: any(v is not None for v in c)
)


def frame(values):
    return pl.DataFrame({"c": pl.Series(values, dtype=pl.Float64)})


def array(values):
    return np.array([np.nan if value is None else value for value in values])[:, None]


def numbers_in(answer):
    return answer.to_series().fill_null(float("nan")).to_numpy()


@settings(deadline=None)
@given(train=columns, seen=columns, low=st.sampled_from([0.0, -1.0]), clip=st.booleans())
def test_min_max_is_the_min_max_scaler(train, seen, low, clip):
    step = MinMaxScaler(low=low, clip=clip)
    expected = SklearnMinMax((low, 1.0), clip=clip).fit(array(train)).transform(array(seen))[:, 0]
    np.testing.assert_allclose(
        numbers_in(made(step, frame(train), frame(seen))), expected, rtol=1e-9, atol=1e-9
    )


@settings(deadline=None)
@given(seen=columns, low=st.sampled_from([None, -1.0]), high=st.sampled_from([0.5, 2.0]))
def test_a_clipper_is_numpys_clip(seen, low, high):
    answer = made(Clipper(low, high), frame(seen), frame([*seen, float("inf")]))
    assert np.array_equal(
        numbers_in(answer), np.clip(array([*seen, np.inf])[:, 0], low, high), equal_nan=True
    )


@settings(deadline=None)
@given(rows=st.lists(st.tuples(numbers | st.none(), numbers | st.none()), min_size=1, max_size=12))
def test_a_ratio_divides_and_is_missing_where_that_cannot_be(rows):
    given_rows = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.Float64}, orient="row")
    expected = [None if a is None or not b else a / b for a, b in rows]
    assert made(Ratio("r"), given_rows, given_rows)["r"].to_list() == expected


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: MinMaxScaler(low=1.0), "low < high"),
        (lambda: Clipper(), "no bound"),
        (lambda: Clipper(low=2.0, high=1.0), "low ≤ high"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(make, told):
    with pytest.raises(DefinitionError, match=told):
        make()


def test_columns_that_cannot_be_learnt_from_are_refused():
    with pytest.raises(DataError, match="no number at all in 'c'"):
        MinMaxScaler().fit(frame([None]), None)
    with pytest.raises(DataError, match="infinite"):
        MinMaxScaler().fit(frame([float("inf")]), None)
    with pytest.raises(DataError, match="Ratio is given 1 columns"):
        Ratio().transform(frame([1.0]))
