"""Preprocessing kernels against oracles of a few lines, with everything that a column may hold."""

from __future__ import annotations

import math
from fractions import Fraction

import bighead_kernels as kernels
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

number = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, 1e308, -1e308, 5e-324]))
numbers = st.lists(number, max_size=30)
word = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "é", "0"]), st.text(max_size=6))
words = st.lists(word, max_size=30)


def column(array: object) -> list:
    return pl.Series(array).to_list()


def floats(values: list) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64)


def texts(values: list) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def same(left: list, right: list) -> bool:
    """Equal bit for bit, None only to None."""
    return [x if x is None else np.float64(x).tobytes() for x in left] == [
        x if x is None else np.float64(x).tobytes() for x in right
    ]


@given(numbers, st.floats(allow_nan=False))
def test_fill_replaces_null_and_nan_only(values, value):
    expected = [value if x is None or math.isnan(x) else x for x in values]
    assert same(column(kernels.fill(floats(values), value)), expected)


@given(words, st.text(max_size=4))
def test_fill_replaces_null_texts_and_keeps_empty_ones(values, value):
    assert column(kernels.fill(texts(values), value)) == [value if x is None else x for x in values]


@given(numbers, st.floats(), st.floats())
def test_affine_is_a_subtraction_and_a_division(values, center, scale):
    with np.errstate(all="ignore"):
        expected = [None if x is None else (np.float64(x) - center) / np.float64(scale) for x in values]
    seen = column(kernels.affine(floats(values), center, scale))
    assert len(seen) == len(expected)
    for x, y in zip(seen, expected, strict=True):
        # NaN carries no sign that anybody reads.
        assert x is None if y is None else same([x], [y]) or (math.isnan(x) and math.isnan(y))


@given(st.lists(st.one_of(st.none(), st.floats(allow_infinity=False)), max_size=30))
def test_mean_and_deviation_are_those_of_exact_arithmetic(values):
    exact = [Fraction(x) for x in values if x is not None and not math.isnan(x)]
    mean, std, count = kernels.mean_std(floats(values))
    assert count == len(exact)
    if not exact:
        assert math.isnan(mean)
        assert math.isnan(std)
        return
    true_mean = sum(exact) / len(exact)
    variance = sum((x - true_mean) ** 2 for x in exact) / len(exact)
    # The answer is right to a few units in the last place of the largest value, whatever cancels.
    slack = Fraction(max(map(abs, exact))) / 2**50 + Fraction(1, 2**1070)
    assert abs(Fraction(mean) - true_mean) <= slack
    assert (Fraction(std) - slack) ** 2 <= variance or std <= slack
    assert variance <= (Fraction(std) + slack) ** 2


@pytest.mark.parametrize("bad", [math.inf, -math.inf])
def test_a_mean_of_infinity_is_refused_with_its_row(bad):
    with pytest.raises(ValueError, match=r"row 2 is -?inf; a mean needs finite numbers"):
        kernels.mean_std(pl.Series([1.0, None, bad]))


@given(words, st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=6, unique=True))
def test_one_hot_and_index_agree_with_a_search_through_the_list(values, categories):
    places = [categories.index(x) if x in categories else None for x in values]
    marks = pa.record_batch(kernels.one_hot(texts(values), categories))
    assert marks.num_rows == len(values)
    for at in range(len(categories)):
        assert marks.column(at).to_pylist() == [int(place == at) for place in places]
    assert column(kernels.index(texts(values), categories)) == places
    assert column(kernels.index(texts(values), categories, -1)) == [-1 if p is None else p for p in places]


@pytest.mark.parametrize(
    ("values", "categories", "expected"),
    [
        (pl.Series([3, None, 2**62]), [2**62, 3], [1, None, 0]),
        (pl.Series([3, None, 4], dtype=pl.Int8), [None, 4], [None, 0, 1]),
        (pl.Series([True, False, None]), [False, True], [1, 0, None]),
        (pl.Series([0.5, -0.0, math.nan]), [0.0, 0.5, None], [1, 0, 2]),
        (pl.Series(["a", "b", None], dtype=pl.Categorical), ["b", None], [None, 0, 1]),
        (pa.nulls(2), ["a", None], [1, 1]),
    ],
)
def test_index_takes_every_kind_of_column(values, categories, expected):
    assert column(kernels.index(values, categories)) == expected


def test_one_hot_columns_are_named_by_their_place():
    frame = pl.DataFrame(kernels.one_hot(pl.Series(["a", "x", None]), ["a", None]))
    assert frame.to_dict(as_series=False) == {"0": [1, 0, 0], "1": [0, 0, 1]}
    assert set(frame.dtypes) == {pl.UInt8}


@given(words, st.integers(1, 2**40), st.integers(0, 2**64 - 1))
def test_buckets_are_in_range_repeatable_and_keep_null(values, buckets, seed):
    seen = column(kernels.hash_buckets(texts(values), buckets, seed))
    assert seen == column(kernels.hash_buckets(texts(values), buckets, seed))
    assert all((x is None) == (y is None) for x, y in zip(seen, values, strict=True))
    assert all(x is None or 0 <= x < buckets for x in seen)


def test_buckets_are_those_of_published_xxh3():
    # Values of XXH3_64bits from the algorithm's own test vectors: the empty input under seed 0.
    assert column(kernels.hash_buckets(pl.Series([""]), 10**9)) == [0x2D06800538D394C2 % 10**9]


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_shares_the_bucket_of_its_digits(value):
    as_integer = kernels.hash_buckets(pl.Series([value], dtype=pl.Int64), 997, 5)
    assert column(as_integer) == column(kernels.hash_buckets(pl.Series([str(value)]), 997, 5))


@given(numbers, st.integers(0, 30))
def test_chunks_change_nothing(values, at):
    assume(not any(x is not None and math.isinf(x) for x in values))
    at = min(at, len(values))
    parts = pa.chunked_array(
        [pa.array(values[:at], pa.float64()), pa.array(values[at:], pa.float64())], type=pa.float64()
    )
    whole = pa.array(values, pa.float64())
    assert repr(kernels.mean_std(parts)) == repr(kernels.mean_std(whole))
    assert same(column(kernels.affine(parts, 1.0, 3.0)), column(kernels.affine(whole, 1.0, 3.0)))


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Int8,
        pl.Int16,
        pl.Int32,
        pl.Int64,
        pl.UInt8,
        pl.UInt16,
        pl.UInt32,
        pl.UInt64,
        pl.Float32,
        pl.Float64,
    ],
)
def test_every_width_of_number_is_read(dtype):
    values = pl.Series([1, None, 100], dtype=dtype)
    assert column(kernels.affine(values, 1.0, 2.0)) == [0.0, None, 49.5]
    assert kernels.mean_std(values)[0] == 50.5


@pytest.mark.parametrize("layout", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_layout_of_text_is_read_sliced_too(layout):
    values = pa.array(["x", "a", None, "a longer text than a view holds"], layout)[1:]
    assert column(kernels.index(values, ["a longer text than a view holds", "a"])) == [1, None, 0]
    coded = values.cast(pa.string()).dictionary_encode()
    assert column(kernels.index(coded, ["a"])) == [0, None, None]


def test_wrong_types_are_named():
    with pytest.raises(ValueError, match="the column has the type Utf8View, expected numbers"):
        kernels.affine(pl.Series(["a"]), 0.0, 1.0)
    with pytest.raises(ValueError, match="the column has the type Float64, expected strings"):
        kernels.fill(pl.Series([1.0]), "a")
    with pytest.raises(ValueError, match="there are 0 buckets"):
        kernels.hash_buckets(pl.Series(["a"]), 0)
    with pytest.raises(TypeError, match="a category is a tuple"):
        kernels.index(pl.Series(["a"]), [("a",)])
