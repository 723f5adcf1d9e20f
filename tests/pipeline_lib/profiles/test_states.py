"""Each state of a profile against a naive oracle, its stated error, and the laws of merging."""

from __future__ import annotations

import math
from collections import Counter
from functools import reduce

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.profiles.distinct import EXACT, STANDARD_ERROR, Distinct, merge_distinct
from bighead.pipeline_lib.profiles.hashing import stable_hashes
from bighead.pipeline_lib.profiles.moments import Moments, merge_moments
from bighead.pipeline_lib.profiles.quantiles import CAPACITY, Quantiles, merge_quantiles
from bighead.pipeline_lib.profiles.top_values import COUNTERS, TopValues, merge_top

numbers = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), max_size=40)
parts = st.lists(numbers, min_size=3, max_size=3)


def series(values):
    return pl.Series(values, dtype=pl.Float64)


@given(parts)
def test_distinct_is_exact_below_its_bound_and_merges_in_any_order(three):
    a, b, c = (Distinct.of(series(each)) for each in three)
    left = merge_distinct([merge_distinct([a, b]), c])
    assert left == merge_distinct([a, merge_distinct([b, c])]) == merge_distinct([c, b, a])
    assert left.estimate == len({x + 0.0 for each in three for x in each})


@pytest.mark.parametrize("size", [EXACT, EXACT + 1, 2_000, 12_000, 300_000])
def test_many_distinct_values_are_estimated_within_the_stated_error(size):
    errors = []
    for seed in range(20 if size < 100_000 else 4):
        values = pl.Series(np.arange(size) * 7919 + seed * 10**9)
        whole = Distinct.of(values)
        cut = size // 3
        parts = [Distinct.of(values[:cut]), Distinct.of(values[cut // 2 :])]
        assert merge_distinct(parts) == whole, "the same set of values, the same state"
        errors.append(whole.estimate / size - 1)
        assert whole.exact == (size <= EXACT)
    assert max(map(abs, errors)) <= (0 if size <= EXACT else 5 * STANDARD_ERROR)
    assert abs(np.mean(errors)) <= 2 * STANDARD_ERROR


def test_hashes_are_the_same_in_every_version():
    seen = [f"{int(each):016x}" for each in np.sort(stable_hashes(pl.Series(["a", "b", "b", None])))]
    assert seen == ["1e964e1f6f37a720", "44d8843fa3452320"]
    assert [int(x) for x in stable_hashes(pl.Series([0.0, -0.0]))] == [0xE220A8397B1DCDAF]
    assert [int(x) for x in stable_hashes(pl.Series([0]))] == [0xE220A8397B1DCDAF]


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1, 2, 2], dtype=pl.UInt64),
        pl.Series(["1.5", "2", "2"]).cast(pl.Decimal(10, 2)),
        pl.Series([[1], [2], [2]]),
        pl.Series([{"a": 1}, {"a": 2}, {"a": 2}]),
        pl.Series([b"1", b"2", b"2"]),
        pl.Series(["x", "y", "y"], dtype=pl.Categorical),
        pl.Series([True, False, False]),
        pl.Series([1, 2, 2]).cast(pl.Date),
        pl.Series([1, 2, 2]).cast(pl.Datetime("ns", "UTC")),
    ],
    ids=lambda values: str(values.dtype),
)
def test_every_type_has_distinct_and_top_values(values):
    finer = 1 if isinstance(values.dtype, pl.Datetime) else 2  # a nanosecond is below what times are kept to
    assert Distinct.of(values).estimate == finer
    top = TopValues.of(values)
    assert [count for _, count in top.largest()] == [2, 1]


def naive_moments(values):
    mean = math.fsum(values) / len(values)
    return [math.fsum((x - mean) ** k for x in values) for k in (2, 3, 4)]


@given(parts)
def test_moments_merge_to_those_of_all_values(three):
    a, b, c = (Moments.of(np.array(each, float)) for each in three)
    left, right = merge_moments(merge_moments(a, b), c), merge_moments(a, merge_moments(b, c))
    every = [x for each in three for x in each]
    assert left.n == right.n == len(every)
    if not every:
        return
    scale = max(map(abs, every), default=0.0) or 1.0
    for k, oracle in zip((2, 3, 4), naive_moments(every), strict=True):
        tolerance = 1e-9 * len(every) * scale**k
        assert abs(getattr(left, f"m{k}") - oracle) <= tolerance
        assert abs(getattr(right, f"m{k}") - oracle) <= tolerance


def test_moments_far_from_zero_keep_their_spread():
    values = np.random.default_rng(0).normal(1e9, 1.0, 10_000)
    merged = reduce(merge_moments, (Moments.of(part) for part in np.array_split(values, 37)))
    assert merged.variance == pytest.approx(1.0, rel=0.05)
    assert merged.variance == pytest.approx(float(values.var()), rel=1e-9)


def test_moments_finalise_to_none_where_there_is_nothing_to_say():
    assert Moments().variance is None
    same = merge_moments(Moments.of(np.full(3, 0.1)), Moments.of(np.full(4, 0.1)))
    assert same.skew is None
    assert same.kurtosis is None
    huge = merge_moments(Moments.of(np.array([1e300, -1e300])), Moments.of(np.array([1e308])))
    assert huge.variance is None
    normal = Moments.of(np.random.default_rng(1).normal(size=200_000))
    assert normal.kurtosis == pytest.approx(0, abs=0.05)
    assert Moments.of(np.random.default_rng(1).exponential(size=200_000)).skew == pytest.approx(2, rel=0.05)


def holds(state: Quantiles, values: np.ndarray) -> None:
    """Every rank and every quantile lies within the error that the state states."""
    ordered = np.sort(values)
    assert state.count == len(values)
    points = ordered[:: max(1, len(ordered) // 50)]
    true = np.searchsorted(ordered, points, side="right")
    assert np.abs(state.ranks(points) - true).max() <= state.error
    for q in np.linspace(0, 1, 41):
        found = state.quantile(q)
        low, high = np.searchsorted(ordered, found), np.searchsorted(ordered, found, side="right")
        rank = q * len(values)
        assert low - state.rank_error <= rank + 1e-9
        assert rank - 1e-9 <= high + state.rank_error


@given(parts)
def test_quantiles_of_few_values_are_exact_however_they_were_merged(three):
    a, b, c = (Quantiles.of(np.array(each, float)) for each in three)
    every = np.sort([x for each in three for x in each])
    for merged in (
        merge_quantiles([merge_quantiles([a, b]), c]),
        merge_quantiles([a, merge_quantiles([b, c])]),
    ):
        assert merged.rank_error == 0
        if len(every):
            holds(merged, every)
            ranks = np.maximum(np.ceil(np.array([0, 0.25, 0.5, 1]) * len(every) - 1e-9).astype(int), 1)
            assert [merged.quantile(q) for q in (0, 0.25, 0.5, 1)] == every[ranks - 1].tolist()
        else:
            assert merged.quantile(0.5) is None


SHAPES = {
    "sorted": lambda n, _: np.arange(n, dtype=float),
    "reversed": lambda n, _: np.arange(n, dtype=float)[::-1],
    "normal": lambda n, random: random.normal(size=n),
    "few values": lambda n, random: random.integers(0, 3, n).astype(float),
    "zigzag": lambda n, _: np.where(np.arange(n) % 2, np.arange(n), -np.arange(n)).astype(float),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tree", ["at once", "in turn", "of days", "balanced"])
def test_quantiles_of_many_values_err_no_more_than_they_say(shape, tree):
    n = 60_000
    values = SHAPES[shape](n, np.random.default_rng(3))
    days = np.array_split(values, 97)
    states = [Quantiles.of(day) for day in days]
    if tree == "at once":
        state = Quantiles.of(values)
        assert state.error < 2 * n / CAPACITY
    elif tree == "of days":
        state = merge_quantiles(states)
    elif tree == "in turn":
        state = reduce(lambda one, other: merge_quantiles([one, other]), states)
    else:
        while len(states) > 1:
            states = [merge_quantiles(states[i : i + 2]) for i in range(0, len(states), 2)]
        [state] = states
    holds(state, values)
    assert state.error <= n / CAPACITY * (2 + math.log2(len(days)))
    assert sum(map(len, state.levels)) < 8 * CAPACITY * 8


@given(st.lists(st.lists(st.integers(0, 200).map(str), max_size=300), min_size=3, max_size=3))
def test_top_values_are_counted_within_the_stated_error(three):
    a, b, c = (TopValues.of(pl.Series(each, dtype=pl.String)) for each in three)
    true = Counter(x for each in three for x in each)
    for merged in (merge_top([merge_top([a, b]), c]), merge_top([a, merge_top([b, c])])):
        assert merged.error <= sum(true.values()) / (COUNTERS + 1)
        for value in true:
            seen = merged.counts.get(value, 0)
            assert seen <= true[value] <= seen + merged.error
    if len(true) <= COUNTERS:
        assert merge_top([a, b, c]).counts == dict(true)


def test_a_common_value_is_never_missed_among_many():
    rare = [pl.Series([f"{day}-{n}" for n in range(1000)] + ["common"] * 40) for day in range(30)]
    merged = merge_top([TopValues.of(day) for day in rare])
    [(value, count)] = merged.largest(1)
    assert value == "common"
    assert count <= 30 * 40 <= count + merged.error
