"""Selections choose the columns that their references choose, and pass them on as they are."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from native_steps import made
from sklearn import feature_selection as theirs
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.preprocessing import StandardScaler

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError, UnknownNameError
from bighead.pipeline_lib.transforms.selection import (
    ColumnSelector,
    DropConstant,
    DropCorrelated,
    DropDuplicate,
    DropHighMissing,
    DropHighPSI,
    SelectFromModel,
    SelectKBest,
    SelectMutualInformation,
    VarianceThreshold,
)

RANDOM = np.random.default_rng(3)
ROWS = 120
ONE = RANDOM.normal(size=ROWS)
HOLES = [None if hole else float(x) for x, hole in zip(ONE, RANDOM.random(ROWS) < 0.6, strict=True)]
FRAME = pl.DataFrame(
    {
        "one": ONE,
        "near": ONE * 3 + RANDOM.normal(size=ROWS) * 0.1,
        "other": RANDOM.normal(size=ROWS),
        "count": RANDOM.integers(0, 4, ROWS),
        "constant": [7.0] * ROWS,
        "again": ONE,
        "mostly": [0] * (ROWS - 3) + [1, 2, 3],
        "growing": np.arange(ROWS) + 0.5,
        "holes": HOLES,
    }
)
FULL = FRAME.drop("holes")
# Rows to answer: missing, infinite and huge ones go on as they are.
SEEN = pl.concat(
    [
        FRAME.head(3).cast(pl.Float64),
        pl.DataFrame(
            {name: [None, np.inf, -1e300] for name in FRAME.columns},
            schema=dict.fromkeys(FRAME.columns, pl.Float64),
        ),
    ]
)
CLASSES = pl.Series(np.where(ONE > 0.3, "yes", "no"))
NUMBERS = pl.Series(ONE * 2 + np.abs(FRAME["other"].to_numpy()))


def chosen(step, frame=FRAME, labels=None) -> list[str]:
    """Fit a step; the columns that it passes on, which are as they were, are returned."""
    seen = SEEN.select(frame.columns).with_columns(pl.all().cast(pl.Float64))
    answer = made(step, frame.cast(pl.Float64), seen, labels)
    assert answer.equals(seen.select(answer.columns), null_equal=True)
    return answer.columns


def test_columns_are_selected_by_name_in_the_order_of_the_frame():
    assert chosen(ColumnSelector(["count", "one"])) == ["one", "count"]
    assert chosen(ColumnSelector("one")) == ["one"]
    with pytest.raises(SchemaError, match=r"lacks the column 'onee'.*Did you mean 'one'"):
        ColumnSelector(["onee"]).fit(FRAME, None)
    with pytest.raises(DefinitionError):
        ColumnSelector([])


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0, 100.0])
def test_variance_threshold_is_scikit_learns(threshold):
    rows = FRAME.cast(pl.Float64).to_numpy()
    expected = theirs.VarianceThreshold(threshold).fit(rows).get_support()
    assert chosen(VarianceThreshold(threshold)) == [
        n for n, c in zip(FRAME.columns, expected, strict=True) if c
    ]


@pytest.mark.parametrize("share", [1.0, 0.97, 0.3, 0.009])
def test_constants_are_told_as_pandas_counts_values(share):
    counts = FRAME.to_pandas().apply(lambda c: c.value_counts(dropna=False).max())
    expected = [name for name in FRAME.columns if counts[name] / ROWS < share]
    if expected:
        assert chosen(DropConstant(share)) == expected
    else:
        with pytest.raises(DataError, match="leaves none of 'one', 'near'"):
            DropConstant(share).fit(FRAME, None)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.7, 1.0])
def test_missing_shares_are_pandas(share):
    missing = FRAME.to_pandas().isna().mean()
    assert chosen(DropHighMissing(share)) == [name for name in FRAME.columns if missing[name] <= share]


def test_what_is_missing_throughout_is_dropped_unless_all_may_be():
    frame = pl.DataFrame({"a": [1.0], "b": [float("nan")]})
    step = DropHighMissing(0.9)
    step.fit(frame, None)
    assert step.chosen == ("a",)


def test_duplicates_are_those_of_pandas():
    expected = FRAME.to_pandas().T.duplicated()
    assert chosen(DropDuplicate()) == [name for name in FRAME.columns if not expected[name]]
    apart = pl.DataFrame({"a": [0.0, None], "b": [-0.0, None], "c": [None, 0.0]})
    step = DropDuplicate()
    step.fit(apart, None)
    assert step.chosen == ("a", "c")


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.8, 1.0])
def test_correlations_are_pandas(threshold):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = FRAME.to_pandas().corr().abs()
    kept: list[str] = []
    for name in FRAME.columns:
        if not any(table.loc[name, other] > threshold + 1e-12 for other in kept):
            kept.append(name)
    assert chosen(DropCorrelated(threshold + 1e-12 if threshold < 1 else 1.0)) == kept


def test_correlation_of_the_huge_does_not_overflow():
    huge = pl.DataFrame({"a": ONE * 1e300, "b": ONE * -1e300, "c": RANDOM.normal(size=ROWS) * 1e-300})
    step = DropCorrelated(0.9)
    step.fit(huge, None)
    assert step.chosen == ("a", "c")


def stability(first: list[float | None], last: list[float | None]) -> float:
    """The index by its formula, bin by bin."""
    known = [x for x in first if x is not None]
    edges = sorted({float(e) for e in np.quantile(known, np.linspace(0, 1, 11)[1:-1])})

    def place(x: float | None) -> object:
        if x is None:
            return "missing"
        if not min(known) <= x <= max(known):
            return "below" if x < min(known) else "above"
        return sum(edge < x for edge in edges)

    total = 0.0
    for each in {place(x) for x in [*first, *last]}:
        p, q = (max(sum(place(x) == each for x in side) / len(side), 1e-4) for side in (first, last))
        total += (q - p) * np.log(q / p)
    return total


def test_drift_is_the_population_stability_index():
    found = {
        name: stability(*(side[name].to_list() for side in (FRAME.head(60), FRAME.tail(60))))
        for name in FRAME.columns
    }
    assert found["growing"] > 0.25 > found["constant"]
    assert chosen(DropHighPSI()) == [name for name in FRAME.columns if found[name] <= 0.25]
    with pytest.raises(DataError, match="1 rows cannot be cut in two"):
        DropHighPSI().fit(FRAME.head(1), None)


@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize(
    ("score", "labels", "function"),
    [("f", CLASSES, theirs.f_classif), ("f", NUMBERS, theirs.f_regression), ("chi2", CLASSES, theirs.chi2)],
    ids=["classes", "numbers", "chi2"],
)
def test_the_best_are_scikit_learns(count, score, labels, function):
    frame = FULL.drop("constant").select(pl.all().abs() if score == "chi2" else pl.all())
    target = labels.to_numpy() if labels.dtype.is_float() else (labels == "yes").to_numpy()
    k = min(count, frame.width)
    expected = theirs.SelectKBest(function, k=k).fit(frame.to_numpy().astype(float), target).get_support()
    assert chosen(SelectKBest(count, score), frame, labels) == [
        n for n, c in zip(frame.columns, expected, strict=True) if c
    ]


def test_a_constant_is_no_best_column():
    assert chosen(SelectKBest(7), FULL, CLASSES) == [n for n in FULL.columns if n != "constant"]


@pytest.mark.parametrize("labels", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_mutual_information_is_scikit_learns(labels):
    classes = not labels.dtype.is_float()
    function = theirs.mutual_info_classif if classes else theirs.mutual_info_regression
    target = (labels == "yes").to_numpy().astype(int) if classes else labels.to_numpy()
    scores = function(FULL.to_numpy().astype(float), target, random_state=0)
    expected = {FULL.columns[place] for place in np.argsort(scores, kind="mergesort")[-3:]}
    assert {*chosen(SelectMutualInformation(3), FULL, labels)} == expected


@pytest.mark.parametrize("labels", [CLASSES, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize("model", ["forest", "lasso"])
def test_models_select_as_scikit_learns(model, labels):
    classes = not labels.dtype.is_float()
    target = (labels == "yes").to_numpy().astype(int) if classes else labels.to_numpy()
    rows = FULL.to_numpy().astype(float)
    if model == "forest":
        solver = (ExtraTreesClassifier if classes else ExtraTreesRegressor)(random_state=0)
    else:
        rows = StandardScaler().fit_transform(rows)
        lasso = LogisticRegression(l1_ratio=1.0, C=5.0, solver="saga", max_iter=10_000, random_state=0)
        solver = lasso if classes else Lasso(alpha=0.2)
    expected = theirs.SelectFromModel(solver).fit(rows, target).get_support()
    assert 0 < expected.sum() < FULL.width
    assert chosen(SelectFromModel(model, strength=0.2), FULL, labels) == [
        n for n, c in zip(FULL.columns, expected, strict=True) if c
    ]


@pytest.mark.parametrize(
    "step", [SelectKBest(), SelectMutualInformation(), SelectFromModel()], ids=lambda s: type(s).__name__
)
def test_what_cannot_be_scored_is_refused(step):
    with pytest.raises(DataError, match="learns labels, and there are none"):
        step.fit(FULL, None)
    with pytest.raises(DataError, match="missing or infinite in 'holes'"):
        step.fit(FRAME, CLASSES)
    with pytest.raises(DataError, match="missing or infinite in 'one'"):
        step.fit(FULL.with_columns(one=pl.lit(np.inf)), CLASSES)


def test_parameters_that_mean_nothing_are_refused():
    for wrong in (
        lambda: VarianceThreshold(-1.0),
        lambda: DropConstant(0.0),
        lambda: DropHighMissing(1.5),
        lambda: DropCorrelated(float("nan")),
        lambda: DropHighPSI(share=1.0),
        lambda: SelectKBest(0),
        lambda: SelectMutualInformation(0),
        lambda: SelectFromModel(strength=0.0),
    ):
        with pytest.raises(DefinitionError):
            wrong()
    with pytest.raises(UnknownNameError):
        SelectKBest(score="g")
    with pytest.raises(UnknownNameError):
        SelectFromModel("trees")
