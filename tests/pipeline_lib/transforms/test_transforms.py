"""What scikit-learn has no word for: missing values, stable hashes, one row at a time, state and refusals."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.transforms import (
    HashEncoder,
    Keep,
    NaNToMean,
    OneHotLabelEncoder,
    OrdinalEncoder,
    StandardScaler,
)

NUMBERS = st.none() | st.floats(-1e9, 1e9)
TEXTS = st.none() | st.text(max_size=4)
STEPS = {
    "mean": (NaNToMean(empty=0.0), NUMBERS, pl.Float64),
    "scale": (StandardScaler(), NUMBERS, pl.Float64),
    "keep": (Keep(), NUMBERS, pl.Float64),
    "one-hot": (OneHotLabelEncoder(), TEXTS, pl.String),
    "one-hot with missing": (OneHotLabelEncoder(missing="category"), TEXTS, pl.String),
    "ordinal": (OrdinalEncoder(), TEXTS, pl.String),
    "ordinal missing": (OrdinalEncoder(unknown=None), TEXTS, pl.String),
    "hash": (HashEncoder(buckets=7, seed=2), TEXTS, pl.String),
}


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_row_by_row_is_the_batch_and_state_answers_the_same(name, data):
    prototype, values, dtype = STEPS[name]
    anchor = [1.5] if dtype == pl.Float64 else ["a"]
    train = pl.DataFrame({"c": pl.Series(anchor + data.draw(st.lists(values, max_size=12)), dtype=dtype)})
    seen = pl.DataFrame({"c": pl.Series(data.draw(st.lists(values, min_size=1, max_size=12)), dtype=dtype)})
    step = prototype.clone()
    step.fit(train, None)
    batch = step.transform(seen)
    assert pl.concat([step.transform(seen[row]) for row in range(seen.height)]).equals(batch)
    again = type(step).from_state(step.params(), step.state())
    assert again.transform(seen).equals(batch)
    assert again.transform(seen).schema == batch.schema


def test_missing_gives_zeros_or_a_category_of_its_own():
    seen = pl.DataFrame({"c": ["null", None]})
    zeros, category = OneHotLabelEncoder(), OneHotLabelEncoder(missing="category")
    for step in (zeros, category):
        step.fit(seen, None)
    assert zeros.transform(seen).rows() == [(1,), (0,)]
    # The text "null" and a missing value stay apart.
    assert category.transform(seen).to_dicts() == [
        {"c=null": 1, "c is null": 0},
        {"c=null": 0, "c is null": 1},
    ]


def test_a_column_without_values_gives_no_marks():
    step = OneHotLabelEncoder()
    seen = pl.DataFrame({"c": pl.Series([None, None], dtype=pl.String), "d": ["x", "y"]})
    step.fit(seen, None)
    assert step.transform(seen).columns == ["d=x", "d=y"]
    alone = OneHotLabelEncoder()
    alone.fit(seen.select("c"), None)
    assert alone.transform(seen.select("c")).shape == (2, 0)


def test_the_hash_is_xxh3_and_an_integer_hashes_as_its_digits():
    # Published values of XXH3-64 with seed 0: of the empty string, modulo 2^53.
    empty = HashEncoder(buckets=2**53).transform(pl.DataFrame({"c": [""]}))["c"].item()
    assert empty == 0x2D06800538D394C2 % 2**53
    step = HashEncoder(buckets=1000)
    as_text = step.transform(pl.DataFrame({"c": ["-42", None]}))
    assert step.transform(pl.DataFrame({"c": [-42, None]})).equals(as_text)
    assert as_text["c"][1] is None


def test_buckets_spread_and_another_seed_spreads_otherwise():
    tails = pl.DataFrame({"c": [f"N{n}" for n in range(2000)]})
    first = HashEncoder(buckets=10).transform(tails)["c"]
    assert first.value_counts()["count"].min() > 130
    assert (first != HashEncoder(buckets=10, seed=1).transform(tails)["c"]).sum() > 1500


@pytest.mark.parametrize("step", [NaNToMean(), StandardScaler()], ids=["mean", "scale"])
def test_what_has_no_mean_is_refused(step):
    with pytest.raises(DataError, match=r"no number at all in 'c'.*empty=0.0"):
        step.fit(pl.DataFrame({"c": pl.Series([None], dtype=pl.Float64)}), None)
    with pytest.raises(DataError, match="column 'c': row 1 is inf"):
        step.fit(pl.DataFrame({"c": [1.0, float("inf")]}), None)


def test_a_column_without_a_number_may_be_given_one():
    step = NaNToMean(empty=7.0)
    bare = pl.DataFrame({"c": pl.Series([None], dtype=pl.Float64)})
    step.fit(bare, None)
    assert step.transform(bare)["c"].to_list() == [7.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: HashEncoder(buckets=0),
        lambda: HashEncoder(buckets=2**54),
        lambda: HashEncoder(seed=-1),
        lambda: OneHotLabelEncoder(missing="zero"),
    ],
)
def test_impossible_parameters_are_refused(make):
    with pytest.raises(DefinitionError):
        make()
