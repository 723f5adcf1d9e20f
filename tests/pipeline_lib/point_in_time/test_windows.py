"""Every kind of window, joined: against the naive oracle, on edges, over changes of clocks, with late rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import EventTimeError
from bighead.pipeline_lib.features.window import Window
from bighead.pipeline_lib.point_in_time import clean, trace, values_at
from bighead.pipeline_lib.point_in_time.bounds import calendar_bounds
from bighead.pipeline_lib.point_in_time.training import rows_needed

TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.Int64, "k": pl.String, "ts": TIME, "known": TIME, "x": pl.Float64}
NEW_YORK = ZoneInfo("America/New_York")
KINDS = [
    *("tumbling:1h", "tumbling:1d", "tumbling:1w", "snapshot:1d+2h", "snapshot:7d", "calendar:1d@America/New_York"),
    *("calendar:-1d@America/New_York", "calendar:1mo", "calendar:-1mo@America/New_York", "calendar:-1w"),
]  # fmt: skip
OPERATIONS = ["count", "sum", "min", "max", "first", "last"]
# A Monday's midnight; both changes of clocks in New York; a leap day; before 1970, a Wednesday's.
ANCHORS = [
    datetime(2013, 3, 4, tzinfo=UTC),
    datetime(2013, 3, 10, 7, tzinfo=UTC),
    datetime(2013, 11, 3, 4, tzinfo=UTC),
    datetime(2012, 2, 29, tzinfo=UTC),
    datetime(2012, 3, 1, 5, tzinfo=UTC),
    datetime(1969, 12, 31, tzinfo=UTC),
]
HOURS = [0, 1, 2, -1, -2, -23, -24, -25, 23, 24, 26, -7 * 24, -8 * 24, -31 * 24, -45 * 24]
offsets = st.builds(
    lambda hours, micros: timedelta(hours=hours, microseconds=micros),
    st.sampled_from(HOURS) | st.integers(-70 * 24, 48),
    st.sampled_from([0, 0, 0, 1, -1]),
)
event = st.tuples(
    st.sampled_from(["a", "b", None]), offsets, st.sampled_from([0, 0, 1, 3_600, 90_000, 10**6]),
    st.none() | st.integers(-9, 9).map(float),
)  # fmt: skip
events = st.lists(event, max_size=25)
questions = st.lists(st.tuples(st.sampled_from(["a", "b", None]), offsets), min_size=1, max_size=10)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frame(anchor, rows) -> pl.DataFrame:
    listed = [
        (n, k, anchor + at, anchor + at + timedelta(seconds=late), x)
        for n, (k, at, late, x) in enumerate(rows)
    ]
    return pl.DataFrame(listed, schema=SCHEMA, orient="row")


def left(anchor, asked) -> pl.DataFrame:
    rows = [(k, anchor + at) for k, at in asked]
    return pl.DataFrame(rows, schema={"k": pl.String, "t": TIME}, orient="row")


@quick
@given(
    anchor=st.sampled_from(ANCHORS),
    rows=events,
    asked=questions,
    boundary=st.sampled_from(["exclusive", "inclusive"]),
)
def test_values_of_every_kind_are_the_definition(
    anchor, rows, asked, boundary, make_set, oracle, assert_same
):
    feature_set = make_set(operations=OPERATIONS, windows=KINDS, boundary=boundary)
    cleaned, at = clean(frame(anchor, rows), feature_set), left(anchor, asked)
    values, report = values_at(at, feature_set.on(), cleaned, "t")
    assert_same(values, oracle(at, feature_set.on(), cleaned, "t"))
    seen = values.select(pl.sum_horizontal(pl.col("^.*_count_.*$"))).to_series()
    if all(x is not None for *_, x in rows):
        assert report.matched_rows == (seen > 0).sum()


@quick
@given(anchor=st.sampled_from(ANCHORS), rows=events, asked=questions, kind=st.sampled_from(KINDS))
def test_the_rows_that_are_read_are_all_that_count(anchor, rows, asked, kind, make_set, assert_same):
    feature_set = make_set(operations=OPERATIONS, windows=[kind])
    cleaned, at = clean(frame(anchor, rows), feature_set), left(anchor, asked)
    start, end = rows_needed(feature_set, at["t"])
    assert start is not None
    near = cleaned.filter((pl.col("event_time") >= start) & (pl.col("event_time") < end))
    everything, _ = values_at(at, feature_set.on(), cleaned, "t")
    assert_same(values_at(at, feature_set.on(), near, "t")[0], everything)


@quick
@given(anchor=st.sampled_from(ANCHORS), rows=events, asked=questions, kind=st.sampled_from(KINDS))
def test_a_trace_names_as_many_events_as_count(anchor, rows, asked, kind, make_set):
    feature_set = make_set(operations=["count"], windows=[kind])
    cleaned, (feature,) = clean(frame(anchor, rows), feature_set), feature_set.features
    values, _ = values_at(left(anchor, asked), feature_set.on(), cleaned, "t")
    for (key, at), count in zip(asked, values.to_series(), strict=True):
        if key is not None:
            assert trace(feature_set, feature.name, {"k": key}, anchor + at, cleaned).height == count


def count_at(make_set, window, rows, at, boundary="exclusive") -> int:
    feature_set = make_set(operations=["count"], windows=[window], boundary=boundary)
    listed = [(n, "a", ts, known, 1.0) for n, (ts, known) in enumerate(rows)]
    cleaned = clean(pl.DataFrame(listed, schema=SCHEMA, orient="row"), feature_set)
    asked = pl.DataFrame({"k": ["a"], "t": [at]}, schema_overrides={"t": TIME})
    return values_at(asked, feature_set.on(), cleaned, "t")[0].item()


def test_a_bucket_includes_its_start_and_not_its_end_whatever_the_boundary(make_set):
    edges = [datetime(2013, 3, 1, hour, tzinfo=UTC) for hour in (3, 4, 5)]
    rows = [(edge, edge) for edge in edges]
    for boundary in ("exclusive", "inclusive"):
        # At 5:00 the hour from 4 to 5 has just become whole; the event of 5:00 belongs to the next.
        assert count_at(make_set, "tumbling:1h", rows, edges[2], boundary) == 1
        assert count_at(make_set, "tumbling:1h", rows[:1], edges[2], boundary) == 0
        assert count_at(make_set, "tumbling:1h", rows[2:], edges[2], boundary) == 0
        # So says the trace.
        feature_set = make_set(operations=["count"], windows=["tumbling:1h"], boundary=boundary)
        listed = pl.DataFrame([(0, "a", edges[2], edges[2], 1.0)], schema=SCHEMA, orient="row")
        cleaned = clean(listed, feature_set)
        assert trace(feature_set, "x_count_tumbling_1h", {"k": "a"}, edges[2], cleaned).height == 0


def test_the_boundary_says_whether_what_becomes_known_at_t_counts(make_set):
    happened, t = datetime(2013, 3, 1, 4, 30, tzinfo=UTC), datetime(2013, 3, 1, 5, tzinfo=UTC)
    for window in ("tumbling:1h", "calendar:-1d", "snapshot:2d"):
        asked = t if window == "tumbling:1h" else datetime(2013, 3, 2, tzinfo=UTC)
        assert count_at(make_set, window, [(happened, asked)], asked, "exclusive") == 0
        assert count_at(make_set, window, [(happened, asked)], asked, "inclusive") == 1


def test_a_late_row_counts_in_its_bucket_from_when_it_is_known(make_set):
    day = datetime(2013, 3, 1, tzinfo=UTC)
    row = (day + timedelta(hours=20), day + timedelta(hours=30))
    for hours, count in ((25, 0), (30, 0), (31, 1), (47, 1), (48, 0)):
        assert count_at(make_set, "tumbling:1d", [row], day + timedelta(hours=hours)) == count


def test_a_snapshot_waits_for_its_landing(make_set):
    midnight = datetime(2013, 3, 2, tzinfo=UTC)
    row = (midnight - timedelta(minutes=1), midnight - timedelta(minutes=1))
    landed = midnight + timedelta(hours=2)
    assert count_at(make_set, "snapshot:1d+2h", [row], landed - timedelta(microseconds=1)) == 0
    assert count_at(make_set, "snapshot:1d+2h", [row], landed) == 1
    assert count_at(make_set, "snapshot:1d", [row], midnight) == 1


@pytest.mark.parametrize(("day", "hours"), [((2013, 3, 10), 23), ((2013, 11, 3), 25), ((2013, 6, 1), 24)])
def test_yesterday_has_as_many_hours_as_the_clocks_showed(make_set, day, hours):
    start = datetime(*day, tzinfo=NEW_YORK).astimezone(UTC)
    rows = [(start + timedelta(hours=n),) * 2 for n in range(-30, 60)]
    noon = start + timedelta(hours=36)
    assert count_at(make_set, "calendar:-1d@America/New_York", rows, noon) == hours


def test_february_has_a_leap_day(make_set):
    rows = [
        (datetime(year, 2, 28, 12, tzinfo=UTC) + timedelta(days=n),) * 2
        for year in (2012, 2013)
        for n in (0, 1)
    ]
    assert count_at(make_set, "calendar:-1mo", rows, datetime(2012, 3, 1, tzinfo=UTC)) == 2
    assert count_at(make_set, "calendar:-1mo", rows, datetime(2013, 3, 1, tzinfo=UTC)) == 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-(10**15), 4 * 10**15), min_size=1, max_size=30),
    st.sampled_from(
        ["calendar:1d@America/Sao_Paulo", "calendar:-1d@Pacific/Apia", "calendar:2q@America/St_Johns"]
    ),
)
def test_bounds_of_many_questions_are_those_of_each(times, text):
    window = Window.parse(text)
    assert window.span is not None
    starts, ends = calendar_bounds(pl.Series(times), window.span)
    assert starts.to_list() == [window.start(t) for t in times]
    assert ([None] * len(times) if ends is None else ends.to_list()) == [window.end(t) for t in times]


def test_a_calendar_asked_beyond_its_years_says_so(make_set):
    with pytest.raises(EventTimeError, match="years 2 to 9998"):
        count_at(make_set, "calendar:1mo", [], datetime(9999, 6, 1, tzinfo=UTC))
