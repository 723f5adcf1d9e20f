"""Imputers fill what is missing as scikit-learn's do, or by the formulas that they name."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.impute import MissingIndicator as SklearnIndicator
from sklearn.impute import SimpleImputer as SklearnImputer

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms import EndTailImputer, MissingIndicator, SimpleImputer

numbers = st.integers(-5, 5).map(float) | st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
columns = st.lists(numbers | st.none(), min_size=1, max_size=12)
known = columns.filter(lambda c: any(v is not None for v in c))


def frame(values):
    return pl.DataFrame({"c": pl.Series(values, dtype=pl.Float64)})


def array(values):
    return np.array([np.nan if value is None else value for value in values])[:, None]


@settings(deadline=None)
@given(train=known, seen=columns, strategy=st.sampled_from(["mean", "median", "most_frequent", "constant"]))
def test_a_simple_imputer_is_scikit_learns(train, seen, strategy):
    theirs = SklearnImputer(strategy=strategy, fill_value=-7.5).fit(array(train))
    answer = made(SimpleImputer(strategy, -7.5), frame(train), frame(seen))["c"].to_numpy()
    np.testing.assert_allclose(answer, theirs.transform(array(seen))[:, 0], rtol=1e-9, atol=1e-9)


ENDS = {
    ("gaussian", "right"): lambda x: x.mean() + 2 * x.std(ddof=1),
    ("gaussian", "left"): lambda x: x.mean() - 2 * x.std(ddof=1),
    ("iqr", "right"): lambda x: np.quantile(x, 0.75) + 2 * (np.quantile(x, 0.75) - np.quantile(x, 0.25)),
    ("iqr", "left"): lambda x: np.quantile(x, 0.25) - 2 * (np.quantile(x, 0.75) - np.quantile(x, 0.25)),
    ("max", "right"): lambda x: x.max() * 2,
}


@pytest.mark.parametrize("end", ENDS)
@settings(deadline=None)
@given(train=columns.filter(lambda c: sum(v is not None for v in c) > 1), seen=columns)
def test_an_end_of_a_distribution_is_where_its_formula_says(end, train, seen):
    value = ENDS[end](np.array([each for each in train if each is not None]))
    answer = made(EndTailImputer(*end, fold=2.0), frame(train), frame(seen))["c"].to_numpy()
    expected = np.where(np.isnan(array(seen)[:, 0]), value, array(seen)[:, 0])
    np.testing.assert_allclose(answer, expected, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(numbers | st.none(), numbers | st.none()), min_size=1, max_size=9))
def test_what_is_missing_is_marked_as_scikit_learn_marks_it(rows):
    seen = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.Float64}, orient="row")
    answer = made(MissingIndicator(), seen, seen)
    assert answer.columns == ["a is missing", "b is missing"]
    values = seen.fill_null(float("nan")).to_numpy()
    expected = SklearnIndicator(features="all").fit_transform(values)
    assert np.array_equal(answer.to_numpy(), expected)
    assert MissingIndicator().sources(["a", "b"], ["b is missing"]) == {"b is missing": ("b",)}


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (lambda: SimpleImputer("avg"), UnknownNameError, "strategy of imputing is called 'avg'"),
        (lambda: SimpleImputer("constant", float("nan")), DefinitionError, "finite"),
        (lambda: EndTailImputer("gauss"), UnknownNameError, "Did you mean 'gaussian'"),
        (lambda: EndTailImputer(tail="rigth"), UnknownNameError, "Did you mean 'right'"),
        (lambda: EndTailImputer("max", "left"), DefinitionError, "for 'max' the right tail"),
        (lambda: SimpleImputer().fit(frame([None]), None), DataError, "no number at all in 'c'"),
    ],
)
def test_what_means_nothing_is_refused(make, kind, told):
    with pytest.raises(kind, match=told):
        make()
