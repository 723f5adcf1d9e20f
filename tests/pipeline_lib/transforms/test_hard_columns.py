"""Columns that are hard to learn from: huge, of few values, of texts, not fitted at all."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import KBinsDiscretizer as Reference

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.pipeline import Pipeline, Transformer
from bighead.pipeline_lib.transforms import (
    KBinsDiscretizer,
    MinMaxScaler,
    NaNToMean,
    OneHotLabelEncoder,
    QuantileTransformer,
    RobustScaler,
    SimpleImputer,
    StandardScaler,
)

HUGE = pl.DataFrame({"n": [1.7e308, 1.7e308, -1.7e308]})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("step", [MinMaxScaler(), RobustScaler(low=0.0, high=1.0), SimpleImputer()])
def test_numbers_too_large_for_their_sums_are_refused_by_name(step: Transformer) -> None:
    p = Pipeline("p")
    p["n"] >>= step
    frame = pl.DataFrame({"n": [1.7e308] * 3}) if isinstance(step, SimpleImputer) else HUGE
    with pytest.raises(DataError, match=r"step 0 .*'n' is too large to learn from"):
        p.fit(frame)


def test_moments_of_huge_numbers_are_those_of_the_same_numbers_made_small() -> None:
    scaler = StandardScaler()
    scaler.fit(HUGE, None)
    # The third is 2.3e308 below the mean, which no float says.
    seen = scaler.transform(HUGE)["n"].to_numpy()[:2]
    small = HUGE["n"].to_numpy() / 1e300
    np.testing.assert_allclose(seen, ((small - small.mean()) / small.std())[:2], rtol=1e-12)
    filled = NaNToMean().fit_transform(pl.DataFrame({"n": [1.7e308, None, 1.7e308]}), None)
    np.testing.assert_allclose(filled["n"].to_numpy(), 1.7e308, rtol=1e-12)


@given(st.lists(st.integers(0, 6) | st.floats(-5, 5), min_size=4, max_size=40))
def test_clusters_that_coincide_are_merged_as_scikit_learn_merges_them(numbers: list[float]) -> None:
    frame = pl.DataFrame({"n": numbers}, schema={"n": pl.Float64})
    seen = made(KBinsDiscretizer(4, "kmeans"), frame, frame)["n"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = Reference(4, encode="ordinal", strategy="kmeans", subsample=None).fit_transform(
            frame.to_numpy()
        )
    np.testing.assert_array_equal(seen, wanted[:, 0])


def test_quantiles_a_rounding_apart_leave_no_room_for_jumps() -> None:
    ends = [1.0, float(np.nextafter(1.0, 2.0)), float(np.nextafter(np.nextafter(1.0, 2.0), 2.0)), 2.0]
    for numbers in (
        [ends[0]] * 3 + [ends[1]] * 3,
        sorted([*ends] * 2),
        sorted([*ends, *ends, ends[0], ends[2]]),
    ):
        frame = pl.DataFrame({"n": numbers})
        seen = made(QuantileTransformer(len(numbers)), frame, frame)["n"]
        assert seen.is_sorted()
        assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_more_clusters_than_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="'n' has 2 numbers for 5 clusters"):
        KBinsDiscretizer(strategy="kmeans").fit(pl.DataFrame({"n": [1.0, 2.0, None]}), None)


def test_texts_become_the_commonest_or_a_constant() -> None:
    towns = pl.DataFrame({"t": ["b", "a", None, "a", "b"], "n": [1, 2, None, 2, 5]})
    assert made(SimpleImputer("most_frequent"), towns, towns).row(2) == ("a", 2.0)
    named = made(SimpleImputer("constant", constant="none"), towns.select("t"), towns.select("t"))
    assert named["t"].to_list() == ["b", "a", "none", "a", "b"]
    p = Pipeline("towns")
    p["t"] >>= [SimpleImputer("constant", constant="none"), OneHotLabelEncoder()]
    assert p.fit(towns).transform(towns)["t=none"].to_list() == [0, 0, 1, 0, 0]


def test_what_cannot_stand_in_is_refused() -> None:
    texts, numbers = pl.DataFrame({"c": ["a", None]}), pl.DataFrame({"c": [1.0, None]})
    for step, frame, said in (
        (SimpleImputer("mean"), texts, "strings, which have no mean"),
        (SimpleImputer("constant"), texts, "constant=0.0"),
        (SimpleImputer("constant", constant="x"), numbers, "constant='x'"),
        (
            SimpleImputer("most_frequent"),
            pl.DataFrame({"c": [None]}, schema={"c": pl.String}),
            "no value at all",
        ),
    ):
        with pytest.raises(DataError, match=said):
            step.fit(frame, None)
    with pytest.raises(DefinitionError):
        SimpleImputer("constant", constant=float("nan"))
    with pytest.raises(DataError, match="not fitted"):
        SimpleImputer("mean").transform(numbers)
