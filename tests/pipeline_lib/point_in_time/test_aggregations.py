"""Whatever a definition says (operation, k, condition, buckets, lists, maps, empty): values_at is the naive oracle."""

from __future__ import annotations

from feature_oracle import values_of
from hypothesis import given, settings
from random_sets import READING, T0, agrees, frame_of, left_of, offsets, plain, questions, rows_of, sets

from bighead.pipeline_lib.features.operations import EXACT, OPERATIONS, SKETCH, TOLERANCED
from bighead.pipeline_lib.point_in_time import answers_at, clean, trace, values_at


@settings(max_examples=250, deadline=None)
@given(feature_set=sets(), listed=rows_of, asked=questions)
def test_values_at_is_the_definition(feature_set, listed, asked):
    check(feature_set, frame_of(listed), asked)


@settings(max_examples=250, deadline=None)
@given(feature_set=sets(changing=True), listed=rows_of, asked=questions)
def test_values_of_rows_that_change_are_those_of_the_rows_in_force(feature_set, listed, asked):
    check(feature_set, frame_of(listed, changing=True), asked)


def check(feature_set, raw, asked):
    ref = feature_set.on()
    rows = clean(raw, feature_set)
    values, _ = values_at(left_of(asked), ref, rows, "t")
    cleaned = rows.schema
    assert values.schema == {f.name: f.dtype_of(cleaned[f.column]) for f in feature_set.features}
    rows = raw.to_dicts()
    for (key, at), got in zip(asked, values.to_dicts(), strict=True):
        wanted = values_of(feature_set, rows, (key,), T0 + at, READING)
        for feature in feature_set.features:
            rel_tol = {EXACT: 0.0, TOLERANCED: 1e-9, SKETCH: 1 / 128}[OPERATIONS[feature.operation].exactness]
            one, other = got[feature.name], wanted[feature.name]
            assert agrees(one, other, rel_tol), (
                f"{feature.what} over {feature.window.name}: {one!r}, not {other!r}"
            )


@settings(max_examples=150, deadline=None)
@given(feature_set=sets(), listed=rows_of, at=offsets)
def test_the_rows_of_a_trace_make_the_value_and_no_others_count(feature_set, listed, at):
    check_trace(feature_set, clean(frame_of(listed), feature_set), at)


@settings(max_examples=150, deadline=None)
@given(feature_set=sets(changing=True), listed=rows_of, at=offsets)
def test_a_trace_names_rows_in_force_only(feature_set, listed, at):
    check_trace(feature_set, clean(frame_of(listed, changing=True), feature_set), at)


def check_trace(feature_set, cleaned, at):
    ref, left = feature_set.on(), left_of([("a", at)])
    answers = answers_at(left, ref, cleaned, "t")
    assert answers.values.equals(values_at(left, ref, cleaned, "t")[0])
    for feature in feature_set.features:
        rows = trace(feature_set, feature.name, {"k": "a"}, T0 + at, cleaned)
        assert rows.schema == cleaned.schema
        status = answers.statuses[feature.name].item()
        assert rows.is_empty() or status == "present"
        if feature.operation == "lag":
            continue
        assert not rows.is_empty() or status == "empty"
        # A row of a list brings all its elements along, which may make another one the most frequent.
        if feature.operation != "mode" and not feature.operation.startswith("approx"):
            again, _ = values_at(left, ref.pick(feature.name), rows, "t")
            one, other = again.item(), answers.values[feature.name].item()
            assert agrees(plain(one), plain(other), 1e-9), feature.what
