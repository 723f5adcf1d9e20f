"""What every step on texts holds: it takes texts only, can be stored, and says what it is tested against."""

from __future__ import annotations

import copy
import json
import pickle

import polars as pl
import pytest
from bighead_kernels import Plan
from drawn_texts import PIECES, frame
from native_steps import made, planned, same, stored

from bighead.pipeline_lib.errors import DataError, SchemaError, UnsupportedStepError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.pipeline.lowering import lower
from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms import OneHotLabelEncoder, text
from bighead.pipeline_lib.transforms.catalogue import reference
from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText
from bighead.pipeline_lib.transforms.text.text_pair import TextPair

NEEDED = {text.Truncate: {"length": 3}, text.RegexReplace: {"pattern": "a"}}
STEPS = pytest.mark.parametrize("make", text.TRANSFORMS)
LATE = ["late", None, "", *PIECES, "late again"]


def step_of(make: type[Transformer]) -> Transformer:
    return make(**NEEDED.get(make, {}))


@STEPS
@pytest.mark.parametrize("column", [pl.Series([b"late"]), pl.Series([1]), pl.Series([["late"]])])
def test_only_texts_are_taken(make, column):
    data = pl.DataFrame({"t": column, "u": column})
    with pytest.raises(SchemaError, match=r"'t' is .*Expected strings"):
        step_of(make).fit_transform(data, None)
    pipeline = Pipeline("texts")
    pipeline[["t", "u"]] >>= step_of(make)
    with pytest.raises(SchemaError, match=r"'t'"):
        pipeline.fit(data)


@STEPS
def test_rows_and_copies_are_the_batch_and_null_is_null(make):
    step = step_of(make)
    data = pl.DataFrame({"t": LATE, "u": LATE[::-1]})
    if not isinstance(step, TextPair):
        data = data.select("t")
    answer = step.fit_transform(data, None)
    for row in range(data.height):
        assert step.transform(data[row]).equals(answer[row], null_equal=True)
    for copied in (copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert copied.transform(data).equals(answer, null_equal=True)
    assert stored(step).transform(data).equals(answer, null_equal=True)
    missing = [any(value is None for value in row) for row in data.iter_rows()]
    for series in answer:
        assert series.is_null().to_list() == missing


@STEPS
def test_no_rows_make_no_rows_and_lineage_is_told(make):
    step = step_of(make)
    names = ["t", "u"] if isinstance(step, TextPair) else ["t"]
    data = pl.DataFrame({name: ["late again"] for name in names})
    first = step.fit_transform(data, None)
    assert step.transform(data.clear()).equals(first.clear())
    assert step.sources(names, first.columns) == {name: tuple(names) for name in first.columns}
    nothing = pl.DataFrame({name: [None] for name in names})
    assert step.transform(nothing).dtypes == first.dtypes


@STEPS
def test_categories_are_texts(make):
    step = step_of(make)
    names = ["t", "u"] if isinstance(step, TextPair) else ["t"]
    data = pl.DataFrame({name: ["late", "again", None] for name in names})
    encoded = data.with_columns(pl.all().cast(pl.Categorical))
    answer = step.fit_transform(data, None)
    assert step.transform(encoded).equals(answer, null_equal=True)


@STEPS
def test_it_can_be_made_again_of_json(make):
    params = step_of(make).params()
    assert make(**json.loads(json.dumps(params))).params() == params
    assert step_of(make).clone().params() == params
    assert reference(make) != "–"
    assert ">>> " in (make.__doc__ or "")


@pytest.mark.parametrize("make", [text.EditDistance, text.JaroWinkler, text.TokenSetSimilarity])
def test_pairs_are_of_two_columns(make):
    with pytest.raises(DataError, match="Expected two"):
        make().transform(frame(["late"]))


@STEPS
def test_the_plan_is_the_table_where_there_is_one(make):
    step = step_of(make)
    if not isinstance(step, FunctionOfAText | TextPair):
        with pytest.raises(UnsupportedStepError):
            step.lower(["t"], ["t"])
        return
    data = pl.DataFrame({"t": LATE * 30, "u": LATE[::-1] * 30})
    names = ["t", "u"] if isinstance(step, TextPair) else ["t"]
    made(step, data.select(names).head(3), data.select(names).head(40))
    same(planned(step, data.select(names), data.select(names), None), step.transform(data.select(names)))


def test_cleaned_texts_go_on_to_steps_behind_in_the_plan():
    data = pl.DataFrame({"t": [" <b>Paris</b> ", "paris", None, "ROME"]})
    p = Pipeline("towns")
    p["t"] >>= [text.StripHtml(), text.Trim(), text.CaseFold(), OneHotLabelEncoder()]
    p.fit(data)
    plan = Plan.from_spec(json.dumps(lower(p.graph)))
    assert plan.predict_rows(data.to_dicts()) == [[1, 0], [1, 0], [0, 0], [0, 1]]
