"""The native plan answers as the Python pipeline does, on rows that are made to hurt."""

from __future__ import annotations

import polars as pl
import pytest
from bighead_kernels import Plan
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import every_transform, forest, listings
from sklearn.neighbors import KNeighborsRegressor

from bighead.pipeline_lib.errors import UnsupportedStepError
from bighead.pipeline_lib.frameworks import LogisticRegression, XGBClassifier, XGBRegressor
from bighead.pipeline_lib.pipeline import Pipeline, Transformer
from bighead.pipeline_lib.pipeline.lowering import lower, to_json
from bighead.pipeline_lib.pipeline.parity import fuzzed, largest_difference
from bighead.pipeline_lib.pipeline.schema import conform
from bighead.pipeline_lib.transforms import NaNToMean, OneHotLabelEncoder, OrdinalEncoder, StandardScaler

FRAME, LABELS = listings()


def linear() -> Pipeline:
    p = Pipeline("linear")
    p[["price", "nights"]] >>= [NaNToMean(), StandardScaler()]
    p[["room", "city"]] >>= OneHotLabelEncoder()
    p >>= LogisticRegression()
    return p


def many(model: Transformer) -> Pipeline:
    p = Pipeline("many")
    p[["price", "nights", "instant"]] >>= NaNToMean()
    p >>= model
    return p


ROOMS = pl.Series([room or "none" for room in FRAME["room"]])
CASES = {
    "forest": (forest(), LABELS),
    "transforms": (every_transform(), None),
    "linear": (linear(), LABELS),
    "softprob": (many(XGBClassifier(objective="multi:softprob", n_estimators=8)), ROOMS),
    "softprob of two": (many(XGBClassifier(objective="multi:softprob", n_estimators=8)), LABELS),
    "multinomial": (many(LogisticRegression()), ROOMS),
    "regression": (many(XGBRegressor(n_estimators=8)), FRAME["nights"] * 1e3),
    "absolute": (many(XGBRegressor(objective="reg:absoluteerror", n_estimators=4)), FRAME["nights"]),
    "share": (many(XGBRegressor(objective="reg:logistic", n_estimators=4)), LABELS * 0.9),
    "base score": (many(XGBClassifier(base_score=0.2, n_estimators=4)), LABELS),
    "lossguide": (many(XGBClassifier(grow_policy="lossguide", max_leaves=9, n_estimators=4)), LABELS),
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request):
    pipeline, labels = CASES[request.param]
    pipeline.fit(FRAME, labels)
    return pipeline, Plan.from_spec(to_json(lower(pipeline.graph)))


def test_plan_and_pipeline_answer_alike_on_sampled_and_fuzzed_rows(case):
    pipeline, plan = case
    sample = conform("sample", FRAME, pipeline.graph.inputs)
    rows = pl.concat([sample, fuzzed(sample.head(50), pipeline.graph.inputs, {})])
    python = pipeline.answer(rows)
    _, differs = largest_difference(python, pl.DataFrame(plan.predict(rows)))
    assert differs is None
    one_by_one = pl.DataFrame(plan.predict_rows(rows.to_dicts()), schema=python.columns, orient="row")
    assert largest_difference(python, one_by_one)[1] is None
    assert python.columns == list(pipeline.output_columns)


def test_forests_answer_bit_for_bit(case):
    pipeline, plan = case
    if not isinstance(pipeline.graph.model, XGBClassifier | XGBRegressor):
        return
    rows = conform("sample", FRAME, pipeline.graph.inputs)
    assert largest_difference(pipeline.answer(rows), pl.DataFrame(plan.predict(rows))) == (0.0, None)


values = st.fixed_dictionaries(
    {
        "price": st.none() | st.floats(width=64),
        "nights": st.none() | st.integers(-(2**63), 2**63 - 1),
        "instant": st.none() | st.booleans(),
        "room": st.none() | st.sampled_from(["flat", "house", "été", ""]) | st.text(max_size=5),
        "city": st.none() | st.sampled_from(FRAME["city"].unique().to_list()) | st.text(max_size=5),
    }
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(values, min_size=1, max_size=8))
def test_any_rows_are_answered_alike(case, rows):
    pipeline, plan = case
    frame = conform("rows", pl.DataFrame(rows, schema=FRAME.schema), pipeline.graph.inputs)
    assert largest_difference(pipeline.answer(frame), pl.DataFrame(plan.predict(frame)))[1] is None


def test_the_comparison_sees_a_difference():
    """The guard of all tests above: a plan with one threshold moved must be caught."""
    pipeline = forest().fit(FRAME, LABELS)
    spec = lower(pipeline.graph)
    trees = next(step for step in spec["steps"] if step["op"] == "trees")
    trees["trees"][0]["leaf"] = [leaf + 1e-3 for leaf in trees["trees"][0]["leaf"]]
    rows = conform("sample", FRAME, pipeline.graph.inputs)
    seen = pl.DataFrame(Plan.from_spec(to_json(spec)).predict(rows))
    assert "row 0: 'probability'" in (largest_difference(pipeline.answer(rows), seen)[1] or "")


def test_an_input_that_must_not_be_missing_is_refused_by_the_plan():
    pipeline = forest(2).fit(FRAME, LABELS)
    plan = Plan.from_spec(to_json(lower(pipeline.graph, {"nights": False})))
    with pytest.raises(ValueError, match="row 0: column 'nights' is missing"):
        plan.predict_rows([{"price": 1.0, "nights": None, "instant": True, "room": None, "city": None}])


class Own(Transformer):
    def transform(self, frame):
        return frame


@pytest.mark.parametrize(
    ("model", "why"),
    [(KNeighborsRegressor(), "KNeighborsRegressor has no native form")],
)
def test_what_has_no_native_form_says_so(model, why):
    with pytest.raises(UnsupportedStepError, match=rf"step 1: .*{why}"):
        lower(many(model).fit(FRAME, FRAME["nights"]).graph)


def test_a_users_own_step_has_no_native_form():
    p = Pipeline("own")
    p["nights"] >>= Own()
    with pytest.raises(UnsupportedStepError, match="step 0: the step Own has no native form"):
        lower(p.fit(FRAME).graph)


def test_answers_keep_their_names_and_versions_get_names_of_their_own():
    p = Pipeline("names")
    p["price"] >>= [NaNToMean(), StandardScaler()]
    p["city"] >>= OrdinalEncoder()
    spec = lower(p.fit(FRAME).graph)
    written = [step["output"] for step in spec["steps"]]
    assert len({*written, "price", "city"}) == len(written) + 2
    assert spec["outputs"] == [written[1], written[2]]
