"""The status of a value and its age, against their definitions; offline here, online in the fetcher's tests."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import answers_at, clean, values_at
from bighead.pipeline_lib.point_in_time.status import STATUSES, immature

T0 = datetime(2013, 3, 1, 12, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.Int64, "k": pl.String, "ts": TIME, "known": TIME, "x": pl.Float64, "n": pl.Int64}
WINDOWS = ["1h", "2d", "tumbling:1d", "calendar:-1d@America/New_York", "unbounded"]
HOUR = timedelta(hours=1)
offsets = st.builds(
    lambda hours, micros: timedelta(hours=hours, microseconds=micros),
    st.sampled_from([0, -1, -2, -12, -13, -36]) | st.integers(-72, 6),
    st.sampled_from([0, 0, 1, -1]),
)
event = st.tuples(
    st.sampled_from(["a", "b", None]), offsets, st.sampled_from([0, 0, 5]),
    st.sampled_from([None, 1.0, 0.0, float("nan")]), st.sampled_from([None, 0, 7]),
)  # fmt: skip
questions = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), offsets), min_size=1, max_size=8)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def stays(**changes) -> FeatureSet:
    source = {"table": "t", "event_time": "ts", "available_at": "known", "event_id": "id"}
    return FeatureSet(
        name="stays",
        owner="t",
        keys=["k"],
        source=EventSource(**(source | changes.pop("source", {}))),
        aggregations=[
            Aggregation(column, operation, WINDOWS)
            for column in ("x", "n")
            for operation in ("count", "sum", "last")
        ],
        **changes,
    )


def rows_of(events) -> pl.DataFrame:
    listed = [(i, k, T0 + at, T0 + at + late * HOUR, x, n) for i, (k, at, late, x, n) in enumerate(events)]
    return pl.DataFrame(listed, schema=SCHEMA, orient="row")


def left(asked) -> pl.DataFrame:
    rows = [(k, T0 + at) for k, at in asked]
    return pl.DataFrame(rows, schema={"k": pl.String, "t": TIME}, orient="row")


def micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def naive_status(events: pl.DataFrame, key, at: datetime, feature, max_age: timedelta | None) -> str:
    """The status by the letter: null_key > stale > empty > present."""
    if key is None:
        return "null_key"
    t = micros(at)
    start, end = feature.window.start(t), feature.window.end(t)
    newest = None
    for e in events.to_dicts():
        value, time = e[feature.column], micros(e["event_time"])
        if value is None or (isinstance(value, float) and not math.isfinite(value)) or e["k"] != key:
            continue
        if (
            (start is None or start <= time)
            and (end is None or time < end)
            and max(time, micros(e["available_at"])) < t
        ):
            newest = time if newest is None else max(newest, time)
    if newest is None:
        return "empty"
    return "stale" if max_age is not None and t - newest > max_age // timedelta(microseconds=1) else "present"


@quick
@given(
    st.lists(event, max_size=20), questions,
    st.sampled_from([(None, "null"), ("12h", "null"), ("12h", "keep"), ("0s", "null")]),
)  # fmt: skip
def test_a_status_is_its_definition_and_a_stale_value_is_null(events, asked, age):
    max_age, on_stale = age
    aged, plain = stays(max_age=max_age, on_stale=on_stale), stays()
    rows, at = clean(rows_of(events), aged), left(asked)
    answers, values = answers_at(at, aged.on(), rows, "t"), values_at(at, plain.on(), rows, "t")[0]
    limit = {"12h": timedelta(hours=12), "0s": timedelta(), None: None}[max_age]
    for feature in aged.features:
        told = answers.statuses[feature.name].to_list()
        assert told == [naive_status(rows, k, T0 + moment, feature, limit) for k, moment in asked]
        hidden = [status == "stale" and on_stale == "null" for status in told]
        fresh = [None if hide else value for hide, value in zip(hidden, values[feature.name], strict=True)]
        assert answers.values[feature.name].to_list() == fresh
    # The two doors give one answer, of unchanged types.
    assert values_at(at, aged.on(), rows, "t")[0].equals(answers.values)
    assert answers.values.schema == values.schema


def test_the_age_of_exactly_max_age_is_fresh():
    rows = rows_of([("a", -12 * HOUR, 0, 1.0, 1)])
    feature_set = stays(max_age="12h")
    asked = left([("a", timedelta()), ("a", timedelta(microseconds=1))])
    answers = answers_at(asked, feature_set.on(), clean(rows, feature_set), "t")
    assert answers.statuses["stays_x_sum_unbounded"].to_list() == ["present", "stale"]
    assert answers.values["stays_x_count_unbounded"].to_list() == [1, None]


def test_an_event_without_the_input_does_not_keep_a_value_young():
    rows = rows_of([("a", -20 * HOUR, 0, 1.0, None), ("a", -1 * HOUR, 0, None, 1)])
    feature_set = stays(max_age="12h")
    answers = answers_at(left([("a", timedelta())]), feature_set.on(), clean(rows, feature_set), "t")
    assert answers.statuses["stays_x_last_2d"].to_list() == ["stale"]
    assert answers.statuses["stays_n_last_2d"].to_list() == ["present"]


def test_a_fact_is_as_old_as_its_snapshots_day():
    planes = FeatureSet(
        name="planes", owner="t", keys=["k"], source=EntitySource(table="p"), columns=["seats"], max_age="2d"
    )
    rows = clean(pl.DataFrame({"ds": ["2013-02-27"] * 2, "k": ["a", "b"], "seats": [3, None]}), planes)
    ended = datetime(2013, 2, 28, tzinfo=UTC)
    limit = ended + timedelta(days=2)
    asked = [
        ("a", ended - HOUR),
        ("a", limit),
        ("a", limit + timedelta(microseconds=1)),
        ("b", limit),
        (None, limit),
    ]
    at = pl.DataFrame(asked, schema={"k": pl.String, "t": TIME}, orient="row")
    answers = answers_at(at, planes.on(), rows, "t")
    assert answers.values["planes_seats"].to_list() == [None, 3, None, None, None]
    assert answers.statuses["planes_seats"].to_list() == ["empty", "present", "stale", "empty", "null_key"]


def test_the_calendar_is_always_present():
    now = FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("UTC", fields=["hour"]))
    answers = answers_at(left([("a", timedelta())]), now.on(prefix="my"), pl.DataFrame(), "t")
    assert (answers.values.rows(), answers.statuses.rows()) == ([(12,)], [("present",)])


def test_statuses_of_no_questions():
    for feature_set in (stays(), stays(max_age="1h")):
        answers = answers_at(left([]), feature_set.on(), clean(rows_of([]), feature_set), "t")
        assert answers.values.columns == answers.statuses.columns == list(feature_set.on().columns())
        assert answers.values.height == answers.statuses.height == 0
        assert set(answers.statuses.dtypes) == {pl.Enum(STATUSES)}


@quick
@given(
    st.lists(offsets, min_size=1, max_size=9),
    st.sampled_from(["2013-02-26", "2013-02-28", "2013-03-01", None]),
)
def test_immature_is_a_window_that_starts_before_its_source(moments, start_date):
    feature_set = stays(source={"start_date": start_date})
    times = left([("a", at) for at in moments])["t"]
    told = immature(times, feature_set.on(prefix="my"))
    first = start_date and micros(datetime.fromisoformat(start_date).replace(tzinfo=UTC))
    for feature in feature_set.features:
        starts = [feature.window.start(micros(T0 + at)) for at in moments]
        expected = [bool(first) and start is not None and start < first for start in starts]
        assert told[f"my_{feature.name}"].to_list() == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_age": "1 day"}, "'1 day' is no duration"),
        ({"max_age": "-1d"}, "max_age='-1d' is negative"),
        ({"max_age": "1d", "on_stale": "drop"}, "Expected 'null', or 'keep' beside a max_age"),
        ({"on_stale": "keep"}, "max_age None"),
    ],
)
def test_ages_that_cannot_be(changes, words):
    with pytest.raises(DefinitionError, match=words):
        stays(**changes)


def test_a_calendar_does_not_age():
    with pytest.raises(DefinitionError, match="time itself does not age"):
        FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("UTC"), max_age="1d")
