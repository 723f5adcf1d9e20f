"""values_at against the naive oracle, and the laws that make a leak impossible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DataError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import clean, values_at

T0 = datetime(2013, 3, 1, 12, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.Int64, "k": pl.String, "ts": TIME, "known": TIME, "x": pl.Float64}
# Few distinct offsets, so that ties, boundaries of windows and hops and pre-1970 times are common.
STEPS = [0, 1, -1, 60, 299, 300, 301, 3_599, 3_600, 3_601, 86_400, 604_800, 604_801, -(50 * 365 * 86_400)]
offsets = st.builds(
    lambda seconds, micros: timedelta(seconds=-seconds, microseconds=micros),
    st.sampled_from(STEPS) | st.integers(-7_200, 700_000),
    st.sampled_from([0, 0, 1, -1]),
)
numbers = (
    st.none()
    | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
    | st.sampled_from([float("nan"), float("inf")])
)
event = st.tuples(
    st.sampled_from(["a", "b", None]), offsets, st.sampled_from([0, 0, 1, 3_600, 90_000]), numbers
)
events = st.lists(event, max_size=25)
questions = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), offsets), min_size=1, max_size=12)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frame(rows, first_id=0) -> pl.DataFrame:
    listed = [
        (n, k, T0 + at, T0 + at + timedelta(seconds=late), x)
        for n, (k, at, late, x) in enumerate(rows, first_id)
    ]
    return pl.DataFrame(listed, schema=SCHEMA, orient="row")


def left(asked) -> pl.DataFrame:
    return pl.DataFrame([(k, T0 + at) for k, at in asked], schema={"k": pl.String, "t": TIME}, orient="row")


@quick
@given(rows=events, asked=questions, boundary=st.sampled_from(["exclusive", "inclusive"]))
def test_values_at_is_the_definition(rows, asked, boundary, make_set, oracle, assert_same):
    feature_set = make_set(windows=["1h", "sliding:1h", "7d", "5m", "unbounded"], boundary=boundary)
    cleaned = clean(frame(rows), feature_set)
    values, report = values_at(left(asked), feature_set.on(), cleaned, "t")
    assert_same(values, oracle(left(asked), feature_set.on(), cleaned, "t"))
    assert report.rows == len(asked)
    assert report.null_keys == sum(k is None for k, _ in asked)


@quick
@given(rows=events, later=events, asked=questions)
def test_what_happens_or_becomes_known_at_or_after_the_question_changes_nothing(
    rows, later, asked, make_set, assert_same
):
    feature_set = make_set(windows=["1h", "7d", "unbounded"])
    t = max(T0 + at for _, at in asked)
    same_time = left([(k, t - T0) for k, _ in asked])
    past = frame(rows)
    added = frame(later, first_id=1_000).with_columns(pl.max_horizontal("known", pl.lit(t)).alias("known"))
    altered = past.with_columns(x=pl.when(pl.max_horizontal("ts", "known") >= t).then(-1.0).otherwise("x"))
    dropped = past.filter(pl.max_horizontal("ts", "known") < t)
    before, _ = values_at(same_time, feature_set.on(), clean(past, feature_set), "t")
    for changed in (pl.concat([past, added]), altered, dropped):
        after, _ = values_at(same_time, feature_set.on(), clean(changed, feature_set), "t")
        assert_same(after, before)


@quick
@given(rows=events, age=st.integers(1, 3_599_999_999))
def test_dropping_an_event_inside_the_window_changes_the_count(rows, age, make_set):
    feature_set = make_set(operations=["count"], windows=["1h", "7d"])
    extra = frame([("a", -timedelta(microseconds=age), 0, 1.0)], first_id=1_000)
    asked = left([("a", timedelta())])
    without, _ = values_at(asked, feature_set.on(), clean(frame(rows), feature_set), "t")
    with_it, _ = values_at(asked, feature_set.on(), clean(pl.concat([frame(rows), extra]), feature_set), "t")
    assert with_it.row(0) == tuple(count + 1 for count in without.row(0))


@quick
@given(rows=events, asked=questions, seed=st.integers(0, 100))
def test_the_order_of_rows_in_a_file_means_nothing(rows, asked, seed, make_set):
    feature_set = make_set()
    shuffled = frame(rows).sample(fraction=1.0, shuffle=True, seed=seed)
    one, _ = values_at(left(asked), feature_set.on(), clean(frame(rows), feature_set), "t")
    other, _ = values_at(left(asked), feature_set.on(), clean(shuffled, feature_set), "t")
    exact = [name for name in one.columns if "sum" not in name and "average" not in name]
    assert one.select(exact).equals(other.select(exact))


def test_without_an_event_id_ties_are_broken_by_values_not_by_place(make_set):
    feature_set = make_set(operations=["last"], windows=["1h"], source={"event_id": None})
    tied = [("a", -timedelta(minutes=1), 0, x) for x in (3.0, 1.0, 2.0)]
    asked = left([("a", timedelta())])
    answers = {
        values_at(asked, feature_set.on(), clean(frame(order), feature_set), "t")[0].item()
        for order in (tied, tied[::-1], tied[1:] + tied[:1])
    }
    assert answers == {3.0}


def test_composite_keys_are_compared_as_tuples_under_other_column_names(make_set):
    feature_set = make_set(operations=["count"], windows=["1h"], keys=["k", "n"])
    rows = frame([("a", -timedelta(minutes=1), 0, 1.0), ("a", -timedelta(minutes=2), 0, 1.0)])
    cleaned = clean(rows.with_columns(n=pl.Series([1, 11], dtype=pl.Int32)), feature_set)
    asked = pl.DataFrame({"who": ["a", "a1", "a", None], "m": [1, 1, 11, 1]}).with_columns(
        t=pl.lit(T0).cast(TIME)
    )
    values, report = values_at(asked, feature_set.on(k="who", n="m", prefix="host"), cleaned, "t")
    assert values.columns == ["host_stays_x_count_1h"]
    assert values.to_series().to_list() == [1, 0, 1, None]
    assert report.null_keys == 1


def test_only_the_picked_features_are_computed(make_set):
    feature_set = make_set()
    values, _ = values_at(
        left([("a", timedelta())]), feature_set.on().pick("x_max_7d"), clean(frame([]), feature_set), "t"
    )
    assert values.columns == ["stays_x_max_7d"]


PLANES = FeatureSet(
    name="planes",
    owner="t",
    keys=["k"],
    source=EntitySource(table="planes", landing="6h"),
    columns=["seats", "maker"],
)


def test_the_newest_whole_snapshot_counts_and_a_key_it_lacks_is_missing():
    raw = pl.DataFrame(
        {
            "ds": ["2013-02-26", "2013-02-26", "2013-02-27"],
            "k": ["a", "b", "a"],
            "seats": [1, 2, 3],
            "maker": ["x", "y", "z"],
        }
    )
    rows = clean(raw, PLANES)
    landed = datetime(2013, 2, 28, 6, tzinfo=UTC)
    times = [landed - timedelta(microseconds=1), landed, landed, landed, landed - timedelta(days=9)]
    asked = pl.DataFrame({"k": ["b", "a", "b", None, "a"], "t": times}, schema_overrides={"t": TIME})
    values, report = values_at(asked, PLANES.on(), rows, "t")
    assert values["planes_seats"].to_list() == [2, 3, None, None, None]
    assert values["planes_maker"].to_list() == ["y", "z", None, None, None]
    assert (report.rows, report.matched_rows, report.null_keys) == (5, 2, 1)


@quick
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ab"), st.integers(0, 9)), max_size=8), questions
)
def test_entities_are_what_a_walk_over_the_snapshots_finds(listed, asked):
    unique = {(day, k): seats for day, k, seats in listed}
    raw = pl.DataFrame(
        [(f"2013-02-{24 + day}", k, seats, "m") for (day, k), seats in unique.items()],
        schema={"ds": pl.String, "k": pl.String, "seats": pl.Int64, "maker": pl.String},
        orient="row",
    )
    values, _ = values_at(left(asked), PLANES.on(), clean(raw, PLANES), "t")
    for (k, at), seats in zip(asked, values["planes_seats"], strict=True):
        landed = [
            day
            for day, _ in unique
            if datetime(2013, 2, 24 + day, tzinfo=UTC) + timedelta(hours=30) <= T0 + at
        ]
        assert seats == (unique.get((max(landed), k)) if landed else None)


def test_the_calendar_reads_the_clocks_of_its_zone_after_the_shift():
    source = CalendarSource(timezone="America/New_York", shift="2h")
    feature_set = FeatureSet(name="departure", owner="t", keys=[], source=source)
    asked = pl.DataFrame(
        {"t": [datetime(2013, 3, 10, 4, 30, tzinfo=UTC), datetime(2013, 3, 10, 5, 30, tzinfo=UTC)]}
    )
    values, _ = values_at(asked, feature_set.on(), clean(pl.LazyFrame(), feature_set), "t")
    # 06:30Z is 01:30 in winter time; an hour later the clocks have sprung to 03:30.
    assert values.rows() == [(1, 7, 3, 69, 90), (3, 7, 3, 69, 210)]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"k": ["a"], "t": [datetime(2013, 3, 1)]}, EventTimeError, "naive"),
        ({"k": ["a"], "t": pl.Series([None], dtype=TIME)}, EventTimeError, "null in 1 of 1"),
        ({"k": ["a"], "t": [1]}, SchemaError, "not a time"),
        ({"k": ["a"], "when": [T0]}, SchemaError, "lacks the column 't'"),
        ({"key": ["a"], "t": [T0]}, SchemaError, "lacks the column 'k'"),
        ({"k": [1], "t": [T0]}, SchemaError, "'k' is Int64, and the key 'k' of 'stays' is String"),
    ],
)
def test_questions_that_cannot_be_asked(asked, error, words, make_set):
    feature_set = make_set()
    with pytest.raises(error, match=words):
        values_at(pl.DataFrame(asked), feature_set.on(), clean(frame([]), feature_set), "t")


def test_truths_are_added_as_numbers_and_kept_as_truths(make_set):
    feature_set = make_set(operations=["sum", "average", "last", "count"], windows=["7d"])
    rows = frame([("a", timedelta(hours=-n), 0, float(n)) for n in range(1, 5)]).with_columns(pl.col("x") > 1)
    values, _ = values_at(left([("a", timedelta())]), feature_set.on(), clean(rows, feature_set), "t")
    assert values.row(0) == (3, 0.75, False, 4)


def test_an_operation_that_a_type_does_not_have_is_named(make_set):
    source = EventSource(table="stays", event_time="ts")
    feature_set = FeatureSet(
        name="s", owner="t", keys=["k"], source=source, aggregations=[Aggregation("id", "sum", ["1h"])]
    )
    rows = clean(frame([("a", timedelta(), 0, 1.0)]).with_columns(pl.col("id").cast(pl.String)), feature_set)
    with pytest.raises(DataError, match="'s'"):
        values_at(left([("a", timedelta())]), feature_set.on(), rows, "t")
