"""Encoders of categories answer as their definitions, written in plain Python here."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from drawn_categories import close, columns, frame, numbers_in
from hypothesis import given, settings
from native_steps import made

from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.transforms import (
    BackwardDifferenceEncoder,
    BaseNEncoder,
    BinaryEncoder,
    CountEncoder,
    FrequencyEncoder,
    HelmertEncoder,
    SumEncoder,
)


@settings(deadline=None)
@given(drawn=columns(count=2))
def test_counts_and_frequencies_are_those_of_a_counter(drawn):
    train, seen, _ = drawn
    counts = Counter(train["c"])
    assert numbers_in(made(CountEncoder(), train, seen)).tolist() == [counts[v] for v in seen["c"]]
    close(numbers_in(made(FrequencyEncoder(), train, seen)), [counts[v] / train.height for v in seen["c"]])


@pytest.mark.parametrize("base", [2, 3, 10])
@settings(deadline=None, max_examples=40)
@given(drawn=columns(count=2))
def test_digits_are_those_of_the_place(base, drawn):
    train, seen, _ = drawn
    categories = sorted(set(train["c"].drop_nulls()))
    width = len(np.base_repr(len(categories), base)) if categories else 0
    places = [categories.index(value) + 1 if value in categories else 0 for value in seen["c"]]
    expected = [tuple(map(float, np.base_repr(place, base).zfill(width))) for place in places]
    for step in [BaseNEncoder(base), *([BinaryEncoder()] if base == 2 else [])]:
        if not width:
            step.fit(train, None)
            assert step.transform(seen).shape == (seen.height, 0)
            continue
        answer = made(step, train, seen)
        assert answer.columns == [f"c_{place}" for place in range(width)]
        assert answer.rows() == expected


def before(means, place):
    """A weight of HelmertEncoder."""
    return (means[place + 1] - np.mean(means[: place + 1])) / (place + 2)


def from_all(means, place):
    """A weight of SumEncoder."""
    return means[place] - np.mean(means)


def step_up(means, place):
    """A weight of BackwardDifferenceEncoder."""
    return means[place + 1] - means[place]


@pytest.mark.parametrize(
    ("make", "weight"),
    [(HelmertEncoder, before), (SumEncoder, from_all), (BackwardDifferenceEncoder, step_up)],
)
@pytest.mark.parametrize("count", range(2, 8))
def test_a_linear_model_of_contrasts_learns_what_they_are_defined_to_compare(make, weight, count):
    names = [f"carrier {place}" for place in range(count)]
    answer = made(make(), frame([*names[::-1], None]), frame([*names, "unknown", None]))
    assert answer.columns == [f"c_{place}" for place in range(count - 1)]
    assert set(answer[-2:].rows()) == {(0.0,) * (count - 1)}
    means = np.random.default_rng(count).normal(size=count)
    contrasts = np.hstack([np.ones((count, 1)), answer[:-2].to_numpy()])
    learnt = np.linalg.solve(contrasts, means)
    close(learnt, [np.mean(means), *(weight(means, place) for place in range(count - 1))])


@pytest.mark.parametrize("make", [HelmertEncoder, SumEncoder, BackwardDifferenceEncoder])
@pytest.mark.parametrize("values", [["a", "a"], [None, None]])
def test_there_is_nothing_to_compare_of_fewer_than_two_categories(make, values):
    step = make()
    step.fit(frame(values, pl.String), None)
    assert step.transform(frame(["a", None])).shape == (2, 0)


def test_several_columns_keep_their_own_numbers():
    train = pl.DataFrame({"a": ["x", "y", None], "b": [3, 1, 2], "c": [True, True, True]})
    expected = {
        "a_0": [0.0, 1.0, 0.0], "a_1": [1.0, 0.0, 0.0], "b_0": [1.0, 0.0, 1.0], "b_1": [1.0, 1.0, 0.0],
        "c_0": [1.0, 1.0, 1.0],
    }  # fmt: skip
    step = BinaryEncoder()
    answer = made(step, train, train)
    assert answer.to_dict(as_series=False) == expected
    assert step.sources(train.columns, answer.columns)["b_1"] == ("b",)
    assert made(CountEncoder(), train, train).rows() == [(1.0, 1.0, 3.0)] * 3


def test_a_category_of_no_column_is_refused():
    step = CountEncoder()
    step.fit(frame(["a"]), None)
    state = step.state()
    state["columns"] = state["columns"].clear()
    with pytest.raises(ArtifactError, match="unknown column 'c'"):
        CountEncoder().restore(state)
