"""Scalers answer as scikit-learn's do; scikit-learn is the oracle, not our code."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import MaxAbsScaler as SklearnMaxAbs
from sklearn.preprocessing import MinMaxScaler as SklearnMinMax
from sklearn.preprocessing import Normalizer as SklearnNormalizer
from sklearn.preprocessing import PowerTransformer as SklearnPower
from sklearn.preprocessing import QuantileTransformer as SklearnQuantile
from sklearn.preprocessing import RobustScaler as SklearnRobust

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms import (
    Clipper,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    Ratio,
    RobustScaler,
    Winsorizer,
)

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
@given(train=columns, seen=columns)
def test_max_abs_is_the_max_abs_scaler(train, seen):
    expected = SklearnMaxAbs().fit(array(train)).transform(array(seen))[:, 0]
    np.testing.assert_allclose(
        numbers_in(made(MaxAbsScaler(), frame(train), frame(seen))), expected, rtol=1e-9
    )


@settings(deadline=None)
@given(
    train=columns, seen=columns, centring=st.booleans(), scaling=st.booleans(), unit=st.booleans(),
    low=st.sampled_from([0.1, 0.25]),
)  # fmt: skip
def test_robust_is_the_robust_scaler(train, seen, centring, scaling, unit, low):
    step = RobustScaler(centring, scaling, low=low, unit_variance=unit)
    theirs = SklearnRobust(
        with_centering=centring, with_scaling=scaling, quantile_range=(low * 100, 75), unit_variance=unit
    )
    expected = theirs.fit(array(train)).transform(array(seen))[:, 0]
    answer = numbers_in(made(step, frame(train), frame(seen)))
    np.testing.assert_allclose(answer, expected, rtol=1e-7, atol=1e-7)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=8),
    norm=st.sampled_from(["l1", "l2", "max"]),
)
def test_a_norm_is_the_normalizers(rows, norm):
    seen = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.Float64), orient="row")
    answer = made(Normalizer(norm), seen, seen)
    np.testing.assert_allclose(
        answer.to_numpy(), SklearnNormalizer(norm).transform(seen.to_numpy()), rtol=1e-9
    )


def test_what_is_missing_stays_missing_beside_a_norm():
    seen = pl.DataFrame(
        {"a": [3.0, None], "b": [None, None], "c": [-4.0, 0.0]}, schema=dict.fromkeys("abc", pl.Float64)
    )
    assert made(Normalizer(), seen, seen).rows() == [(0.6, None, -0.8), (None, None, 0.0)]


@settings(deadline=None)
@given(train=columns, seen=columns, count=st.integers(2, 15))
def test_shares_are_those_of_the_quantile_transformer(train, seen, count):
    theirs = SklearnQuantile(n_quantiles=min(count, len(train)), subsample=None)
    if len(train) == 1:
        return
    expected = theirs.fit(array(train)).transform(array([*seen, *train]))[:, 0]
    answer = numbers_in(made(QuantileTransformer(count), frame(train), frame([*seen, *train])))
    np.testing.assert_allclose(answer, expected, rtol=1e-6, atol=1e-6)


positive = st.lists(st.integers(1, 10**6).map(lambda n: n / 1000), min_size=3, max_size=12).filter(
    lambda c: len({*c}) > 2
)


@settings(deadline=None, max_examples=50)
@given(
    train=positive,
    seen=columns,
    family=st.sampled_from(["yeo_johnson", "box_cox"]),
    standardize=st.booleans(),
)
def test_powers_are_those_of_the_power_transformer(train, seen, family, standardize):
    seen = [value if value is None or family == "yeo_johnson" else abs(value) + 0.1 for value in seen]
    theirs = SklearnPower(family.replace("_", "-"), standardize=standardize).fit(array(train))
    expected = theirs.transform(array(seen))[:, 0]
    answer = numbers_in(made(PowerTransformer(family, standardize), frame(train), frame(seen)))
    # What overflows is missing here; λ of few values may be huge, and what it makes of others is.
    there = np.isfinite(expected)
    np.testing.assert_allclose(answer[there], expected[there], rtol=1e-6, atol=1e-6)


def test_a_constant_is_bent_by_nothing():
    assert made(PowerTransformer(), frame([2.0, 2.0]), frame([2.0, 5.0]))["c"].to_list() == pytest.approx(
        [0.0, 3.0]
    )
    answer = made(PowerTransformer("box_cox"), frame([2.0]), frame([2.0, 0.0]))
    assert answer["c"].to_list() == [pytest.approx(0.0), None]


BOUNDS = {
    "quantiles": lambda known: tuple(np.quantile(known, [0.1, 0.9])),
    "gaussian": lambda known: tuple(np.mean(known) + np.array([-0.1, 0.1]) * np.std(known, ddof=1)),
    "iqr": lambda known: (
        np.quantile(known, 0.25) - 0.1 * (np.quantile(known, 0.75) - np.quantile(known, 0.25)),
        np.quantile(known, 0.75) + 0.1 * (np.quantile(known, 0.75) - np.quantile(known, 0.25)),
    ),
}


@settings(deadline=None)
@given(
    train=columns.filter(lambda c: sum(v is not None for v in c) > 1), seen=columns, method=st.sampled_from([*BOUNDS]),
    tails=st.sampled_from(["both", "left", "right"]),
)  # fmt: skip
def test_a_winsorizer_clips_at_the_bounds_that_it_names(train, seen, method, tails):
    low, high = BOUNDS[method]([value for value in train if value is not None])
    low, high = (None if tails == "right" else low), (None if tails == "left" else high)
    answer = numbers_in(made(Winsorizer(method, 0.1, tails), frame(train), frame(seen)))
    np.testing.assert_allclose(answer, np.clip(array(seen)[:, 0], low, high), rtol=1e-9, atol=1e-9)


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
        (lambda: RobustScaler(low=0.8), "0 ≤ low < high ≤ 1"),
        (lambda: QuantileTransformer(1), "two or more"),
        (lambda: Winsorizer("quantiles", 0.5), "below 0.5"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(make, told):
    with pytest.raises(DefinitionError, match=told):
        make()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Normalizer("l3"), "no norm is called 'l3'. There are: 'l1'"),
        (lambda: PowerTransformer("box-cox"), "Did you mean 'box_cox'"),
        (lambda: Winsorizer("gausian"), "Did you mean 'gaussian'"),
        (lambda: Winsorizer(tails="lef"), "Did you mean 'left'"),
    ],
)
def test_words_that_there_are_not_are_refused_with_the_nearest(make, told):
    with pytest.raises(UnknownNameError, match=told):
        make()


def test_columns_that_cannot_be_learnt_from_are_refused():
    with pytest.raises(DataError, match="no number at all in 'c'"):
        MinMaxScaler().fit(frame([None]), None)
    with pytest.raises(DataError, match="infinite"):
        MinMaxScaler().fit(frame([float("inf")]), None)
    with pytest.raises(DataError, match="Box–Cox takes positive"):
        PowerTransformer("box_cox").fit(frame([0.0, 1.0]), None)
    with pytest.raises(DataError, match="Ratio is given 1 columns"):
        Ratio().transform(frame([1.0]))
