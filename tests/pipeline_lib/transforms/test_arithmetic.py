"""Functions of one number and of several answer as NumPy's do; what these call inf or nan is missing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_steps import made
from sklearn.preprocessing import PolynomialFeatures as SklearnPolynomial

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms import (
    AbsTransformer,
    ArcsinTransformer,
    CyclicalEncoder,
    Difference,
    ExpTransformer,
    Log1pTransformer,
    LogTransformer,
    MathFeatures,
    PolynomialFeatures,
    ReciprocalTransformer,
    RoundTransformer,
    SignTransformer,
    SqrtTransformer,
    SquareTransformer,
)

hard = st.sampled_from([0.0, -0.0, -1.0, 1.0, 0.5, 2.5, 1e-300, 1e300, -1e300, 710.0, 5e-324])
numbers = st.floats(-1e6, 1e6) | hard
columns = st.lists(numbers | st.none(), min_size=1, max_size=12)
FUNCTIONS = {
    AbsTransformer: np.abs,
    ArcsinTransformer: lambda x: np.arcsin(np.sqrt(x)),
    ExpTransformer: np.exp,
    Log1pTransformer: np.log1p,
    LogTransformer: np.log,
    ReciprocalTransformer: np.reciprocal,
    SignTransformer: np.sign,
    SqrtTransformer: np.sqrt,
    SquareTransformer: np.square,
}
NAMES = ("a", "b", "c")


def frame(values):
    return pl.DataFrame({"c": pl.Series(values, dtype=pl.Float64)})


def array(values):
    return np.array([np.nan if value is None else value for value in values])


def numbers_in(answer):
    return answer.fill_null(float("nan")).to_numpy()


def without_inf(values):
    return np.where(np.isinf(values), np.nan, values)


@pytest.mark.parametrize("kind", FUNCTIONS)
@settings(deadline=None)
@given(seen=columns)
def test_a_function_is_numpys(kind, seen):
    with np.errstate(all="ignore"):
        expected = without_inf(FUNCTIONS[kind](array(seen)))
    answer = numbers_in(made(kind(), frame(seen), frame(seen)))[:, 0]
    # The last place may be another library's.
    np.testing.assert_allclose(answer, expected, rtol=1e-14, atol=0)


def test_infinite_values_give_what_a_function_tends_to():
    seen = frame([float("inf"), float("-inf")])
    assert ExpTransformer().transform(seen)["c"].to_list() == [float("inf"), 0.0]
    assert ReciprocalTransformer().transform(seen)["c"].to_list() == [0.0, 0.0]
    assert LogTransformer().transform(seen)["c"].to_list() == [float("inf"), None]


@settings(deadline=None)
@given(seen=columns, step=st.sampled_from([1.0, 5.0, 0.25]), way=st.sampled_from(["nearest", "down", "up"]))
def test_rounding_is_numpys(seen, step, way):
    rounding = {"nearest": np.round, "down": np.floor, "up": np.ceil}[way]
    expected = rounding(array(seen) / step) * step
    answer = numbers_in(made(RoundTransformer(step, way), frame(seen), frame(seen)))[:, 0]
    np.testing.assert_array_equal(answer, expected)


rows = st.lists(st.tuples(*[numbers | st.none()] * 3), min_size=1, max_size=10)


def table(values):
    return pl.DataFrame(values, schema=dict.fromkeys(NAMES, pl.Float64), orient="row")


@settings(deadline=None)
@given(values=rows)
def test_functions_of_several_numbers_leave_out_what_is_missing_but_for_products(values):
    functions = ["sum", "mean", "min", "max", "std", "product"]
    answer = made(MathFeatures(functions, "x"), table(values), table(values))
    assert answer.columns == [f"{each}_x" for each in functions]
    for row, seen in zip(answer.to_dicts(), values, strict=True):
        there = np.array([each for each in seen if each is not None])
        with np.errstate(all="ignore"):
            expected = {
                **{each: getattr(np, each)(there) if len(there) else np.nan for each in functions[:5]},
                "product": np.prod(there) if len(there) == 3 else np.nan,
            }
        for name, value in expected.items():
            found = np.nan if row[f"{name}_x"] is None else row[f"{name}_x"]
            np.testing.assert_allclose(found, without_inf(value), rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(values=rows)
def test_a_difference_subtracts(values):
    seen = table(values).select("a", "b")
    answer = made(Difference("d"), seen, seen)
    np.testing.assert_array_equal(
        numbers_in(answer)[:, 0], array([a for a, *_ in values]) - array([b for _, b, _ in values])
    )


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(st.tuples(*[st.integers(-50, 50).map(float)] * 3), min_size=1, max_size=6),
    degree=st.integers(1, 3), interaction_only=st.booleans(),
)  # fmt: skip
def test_products_and_their_names_are_those_of_polynomial_features(values, degree, interaction_only):
    theirs = SklearnPolynomial(degree, interaction_only=interaction_only, include_bias=False)
    expected = theirs.fit_transform(table(values).to_numpy())
    step = PolynomialFeatures(degree, interaction_only)
    answer = made(step, table(values), table(values))
    assert answer.columns == [*theirs.get_feature_names_out(NAMES)]
    np.testing.assert_allclose(answer.to_numpy(), expected, rtol=1e-12)
    made_of = step.sources(NAMES, answer.columns)
    assert made_of["a"] == ("a",)
    if degree > 1:
        assert made_of["a b"] == ("a", "b")


def test_a_product_is_missing_where_one_of_its_columns_is():
    seen = table([(2.0, None, 3.0)])
    assert made(PolynomialFeatures(), seen, seen).row(0) == (2.0, None, 3.0, 4.0, None, 6.0, None, None, 9.0)


@settings(deadline=None)
@given(
    seen=st.lists(st.floats(-1e4, 1e4) | st.none(), min_size=1, max_size=12),
    period=st.sampled_from([24.0, 7.0]),
)
def test_what_comes_round_is_a_point_on_a_circle(seen, period):
    answer = numbers_in(made(CyclicalEncoder(period), frame(seen), frame(seen)))
    angle = array(seen) / (period / (2 * np.pi))
    np.testing.assert_allclose(answer, np.column_stack([np.sin(angle), np.cos(angle)]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (lambda: RoundTransformer(0.0), DefinitionError, "above 0"),
        (lambda: RoundTransformer(direction="dwn"), UnknownNameError, "Did you mean 'down'"),
        (lambda: MathFeatures(["avg"]), UnknownNameError, "no function of several numbers is called 'avg'"),
        (lambda: MathFeatures([]), DefinitionError, "at least one"),
        (lambda: MathFeatures(["sum", "sum"]), DefinitionError, "each once"),
        (lambda: PolynomialFeatures(0), DefinitionError, "1 or more"),
        (lambda: CyclicalEncoder(0.0), DefinitionError, "24 for hours"),
        (lambda: Difference().transform(frame([1.0])), DataError, "given 1 columns"),
    ],
)
def test_what_means_nothing_is_refused(make, kind, told):
    with pytest.raises(kind, match=told):
        make()
