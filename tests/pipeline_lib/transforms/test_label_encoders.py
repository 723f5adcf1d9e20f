"""Encoders that learn labels answer as scikit-learn's do, or as their formulas, and never tell a row its own label."""

from __future__ import annotations

import math
import statistics

import numpy as np
import polars as pl
import pytest
from drawn_categories import by_category, close, columns, frame, numbers, numbers_in
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import TargetEncoder as SklearnTarget

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import (
    BaseNEncoder,
    BinaryEncoder,
    CountEncoder,
    FrequencyEncoder,
    JamesSteinEncoder,
    LeaveOneOutEncoder,
    MEstimateEncoder,
    QuantileEncoder,
    SumEncoder,
    TargetEncoder,
    WOEEncoder,
)


@settings(deadline=None)
@given(
    train=st.lists(st.sampled_from(["a", "b", "c", None]), min_size=2, max_size=14),
    seen=st.lists(st.sampled_from(["a", "b", "x", None]), min_size=1, max_size=6),
    smooth=st.sampled_from(["auto", 0.0, 2.5]),
    binary=st.booleans(),
    data=st.data(),
)
def test_target_is_the_target_encoder(train, seen, smooth, binary, data):
    label = st.sampled_from(["no", "yes"]) if binary else numbers
    labels = data.draw(st.lists(label, min_size=len(train), max_size=len(train)))
    if binary:
        labels[:2] = ["yes", "no"]

    def array(values):
        return np.array(values, dtype=object)[:, None]

    reference = SklearnTarget(target_type="binary" if binary else "continuous", smooth=smooth)
    expected = reference.fit(array(train), np.array(labels)).transform(array(seen))[:, 0]
    step = TargetEncoder(smooth=smooth)
    close(
        numbers_in(made(step, frame(train, pl.String), frame(seen, pl.String), pl.Series(labels))), expected
    )


def target(groups, labels, value):
    """Equations 3 to 6 of Micci-Barreca 2001, as scikit-learn reads them."""
    mean = statistics.fmean(labels)
    if value not in groups or len(set(labels)) == 1:
        return mean
    own = groups[value]
    between, within = statistics.pvariance(labels) * len(own), statistics.pvariance(own)
    weight = between / (between + within)
    return weight * statistics.fmean(own) + (1 - weight) * mean


def m_estimate(groups, labels, value):
    own = groups.get(value, [])
    return (sum(own) + 1.5 * statistics.fmean(labels)) / (len(own) + 1.5)


def james_stein(groups, labels, value):
    mean = statistics.fmean(labels)
    if value not in groups or len(groups) == len(labels):
        return mean
    own = groups[value]
    within = statistics.variance(own) if len(own) > 1 else 0.0
    if not within or len(groups) <= 3:
        return statistics.fmean(own)
    shrunk = within / (within + statistics.variance(labels)) * (len(groups) - 3) / (len(groups) - 1)
    return (1 - shrunk) * statistics.fmean(own) + shrunk * mean


def evidence(groups, labels, value):
    if value not in groups:
        return 0.0
    greater, own = sum(groups[value]), len(groups[value])
    share = (greater + 0.5) / (sum(labels) + 1.0)
    return math.log(share / ((own - greater + 0.5) / (len(labels) - sum(labels) + 1.0)))


def quantile(groups, labels, value):
    whole = float(np.quantile(labels, 0.3))
    if value not in groups:
        return whole
    own = groups[value]
    return (len(own) * float(np.quantile(own, 0.3)) + 2.0 * whole) / (len(own) + 2.0)


def mean(groups, labels, value):
    return statistics.fmean(groups.get(value, labels))


CROSS_FITTED = [
    (lambda: TargetEncoder(folds=3), target),
    (lambda: MEstimateEncoder(m=1.5, folds=2), m_estimate),
    (lambda: JamesSteinEncoder(folds=4), james_stein),
    (lambda: WOEEncoder(regularization=0.5), evidence),
    (lambda: QuantileEncoder(quantile=0.3, m=2.0), quantile),
]
LABELLED = [*CROSS_FITTED, (LeaveOneOutEncoder, mean)]


def with_labels(oracle, drawn):
    """Return what was drawn, with labels 0 and 1, of both, where the encoder learns two classes."""
    *frames, labels = drawn
    if oracle is evidence:
        labels = [float(label > 0) for label in labels]
        labels[:2] = [0.0, 1.0]
    return *frames, labels


@pytest.mark.parametrize(("make", "oracle"), LABELLED)
@settings(deadline=None, max_examples=40)
@given(drawn=columns(count=2, least=2))
def test_labels_are_learnt_as_the_formula_says(make, oracle, drawn):
    train, seen, labels = with_labels(oracle, drawn)
    groups = by_category(train, labels)
    expected = [oracle(groups, labels, value) for value in seen["c"]]
    close(numbers_in(made(make(), train, seen, pl.Series(labels))), expected)


@pytest.mark.parametrize(("make", "oracle"), CROSS_FITTED)
@settings(deadline=None, max_examples=60)
@given(drawn=columns(least=2))
def test_training_rows_are_answered_by_the_other_folds(make, oracle, drawn):
    train, labels = with_labels(oracle, drawn)
    step = make()
    answer = step.fit_transform(train, pl.Series(labels))
    expected = []
    for row, value in enumerate(train["c"]):
        others = [each for each in range(train.height) if each % step.folds != row % step.folds]
        told = [labels[each] for each in others]
        expected.append(oracle(by_category(train[others], told), told, value))
    close(numbers_in(answer), expected)
    whole = make()
    whole.fit(train, pl.Series(labels))
    assert step.transform(train).equals(whole.transform(train))


@settings(deadline=None)
@given(drawn=columns(least=2))
def test_leaving_one_out_is_the_mean_of_the_other_rows(drawn):
    train, labels = drawn
    expected = []
    for row, value in enumerate(train["c"]):
        others = [each for each in range(train.height) if each != row]
        told = [labels[each] for each in others]
        expected.append(mean(by_category(train[others], told), told, value))
    close(numbers_in(LeaveOneOutEncoder().fit_transform(train, pl.Series(labels))), expected)


@pytest.mark.parametrize("make", [make for make, _ in LABELLED])
@settings(deadline=None, max_examples=60)
@given(drawn=columns(least=4), data=st.data())
def test_a_rows_own_label_is_never_in_its_value(make, drawn, data):
    train, labels = drawn
    row = data.draw(st.integers(0, train.height - 1))
    other = data.draw(numbers)
    if make().two_classes:
        labels = [place % 2 == 0 for place in range(train.height)]
        other = not labels[row]
    changed = [*labels[:row], other, *labels[row + 1 :]]
    one, two = (make().fit_transform(train, pl.Series(each))["c"][row] for each in (labels, changed))
    assert one == two


@pytest.mark.parametrize("make", [make for make, _ in LABELLED])
def test_classes_may_be_texts_or_truth_values_and_an_only_row_is_answered_null(make):
    train = frame(["a", "a", "b", "b", "b"])
    truths = [True, False, False, True, True]
    answers = [
        pl.concat([(step := make()).fit_transform(train, pl.Series(labels)), step.transform(train)])
        for labels in (truths, [float(t) for t in truths], ["yes" if t else "no" for t in truths])
    ]
    assert answers[0].equals(answers[1])
    assert answers[0].equals(answers[2])
    only = make().fit_transform(frame(["a"]), pl.Series([True]))
    assert only.schema == {"c": pl.Float64}
    assert only["c"].to_list() == [None]


def test_what_follows_learns_from_the_cross_fitted_values():
    train, labels = frame(["a", "b", "a", "b"]), pl.Series([0.0, 1.0, 2.0, 3.0])
    pipeline = Pipeline("two")
    pipeline["c"] >>= MEstimateEncoder(m=0.0, folds=4)
    pipeline["c"] >>= CountEncoder()
    pipeline.fit(train, labels)
    # Left out of their own category's mean the four rows are 2, 3, 0 and 1; the means of all rows are 1 and 2.
    assert pipeline.transform(train)["c"].to_list() == [1.0, 1.0, 1.0, 1.0]
    assert set(pipeline.graph.nodes[1].step.learnt["c"].categories) == {0.0, 1.0, 2.0, 3.0}


def test_columns_are_cross_fitted_each_by_itself():
    train = pl.DataFrame({"a": ["x", "y", None, "x"], "b": [3, 1, 3, 3]})
    labels = pl.Series([0.0, 1.0, 5.0, 3.0])
    for make, _ in LABELLED:
        labels = labels > 0 if make().two_classes else labels.cast(pl.Float64)
        both = make().fit_transform(train, labels)
        for name in train.columns:
            assert both.select(name).equals(make().fit_transform(train.select(name), labels))
        made(make(), train, train, labels)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TargetEncoder(smooth="much"), "smooth='much'"),
        (lambda: TargetEncoder(smooth=-1.0), r"smooth=-1\.0"),
        (lambda: TargetEncoder(folds=1), "folds=1"),
        (lambda: WOEEncoder(regularization=0.0), "above 0"),
        (lambda: MEstimateEncoder(m=-1.0), r"m=-1\.0"),
        (lambda: QuantileEncoder(m=float("nan")), "m=nan"),
        (lambda: QuantileEncoder(quantile=1.5), r"quantile=1\.5"),
        (lambda: WOEEncoder(folds=0), "folds=0"),
        (lambda: MEstimateEncoder(folds=0), "folds=0"),
        (lambda: QuantileEncoder(folds=0), "folds=0"),
        (lambda: BaseNEncoder(base=1), "base=1"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(make, told):
    with pytest.raises(DefinitionError, match=told):
        make()


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, "there are none"),
        (pl.Series([], dtype=pl.Float64), "there are none"),
        (pl.Series([1.0, None]), "missing or infinite"),
        (pl.Series([1.0, float("nan")]), "missing or infinite"),
        (pl.Series([1.0, float("inf")]), "missing or infinite"),
        (pl.Series(["a", "a"]), "1 classes: 'a'"),
        (pl.Series([1e308, 1.5e308]), "too large"),
    ],
)
@pytest.mark.parametrize("make", [TargetEncoder, LeaveOneOutEncoder])
def test_labels_that_cannot_be_learnt_are_refused(make, labels, told):
    for learn in (make().fit, make().fit_transform):
        with pytest.raises(DataError, match=told):
            learn(frame(["c", "c"]), labels)


def test_two_classes_are_asked_for_and_infinite_categories_refused():
    with pytest.raises(DataError, match="3 classes"):
        WOEEncoder().fit(frame(["c"] * 3), pl.Series([1.0, 2.0, 3.0]))
    for make in (CountEncoder, BinaryEncoder, SumEncoder):
        with pytest.raises(DataError, match="'c' has infinite"):
            make().fit(frame([float("inf")]), None)


def test_a_subclass_may_take_missing_as_never_seen():
    class Share(FrequencyEncoder):
        missing_counts = False

    class Mean(MEstimateEncoder):
        missing_counts = False

    train, labels = frame([None, "a", "b"]), pl.Series([9.0, 1.0, 3.0])
    assert made(Share(), train, train)["c"].to_list() == [0.0, 0.5, 0.5]
    assert made(Mean(m=0.0), train, train, labels)["c"].to_list() == [2.0, 1.0, 3.0]


def test_labels_without_variance_and_categories_of_one_row_become_the_mean_of_all():
    train, constant = frame(["a", "a", "b"]), pl.Series([2.0, 2.0, 2.0])
    assert made(TargetEncoder(), train, train, constant)["c"].to_list() == [2.0] * 3
    unlike, labels = frame(["a", "b", "c", "d"]), pl.Series([0.0, 1.0, 2.0, 5.0])
    assert made(JamesSteinEncoder(), unlike, unlike, labels)["c"].to_list() == [2.0] * 4
