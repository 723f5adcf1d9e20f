"""Windows against their definitions read off a wall clock, edge by edge, and what no window may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DefinitionError, EventTimeError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Window
from bighead.pipeline_lib.features.window import DAY, HOUR, MINUTE, WEEK, mature_from
from bighead.pipeline_lib.features.zone import day_begins

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"
# Clocks that skip midnight, show it twice, lose a whole day, or jump over midnight from 23:30 to 00:30.
ODD = ["America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "America/Toronto", "Asia/Kathmandu", NEW_YORK]
TEXTS = [
    *("7d", "90m", "5m", "sliding:36h", "tumbling:1h", "tumbling:1d", "tumbling:1w", "tumbling:100m"),
    *("snapshot:1d", "snapshot:7d+2h", "snapshot:36h+30h", "calendar:1d@America/Sao_Paulo", "calendar:-1d"),
    *("calendar:1w", "calendar:-2w@Europe/Paris", "calendar:1mo@America/New_York", "calendar:-1q"),
    *("calendar:1y@Pacific/Apia", "calendar:-1d@Pacific/Apia"),
]  # fmt: skip
years = 366 * DAY
times = st.integers(-60 * years, 60 * years) | st.builds(
    lambda day, off: day * DAY + off,
    st.integers(-20_000, 20_000),
    st.sampled_from([-1, 0, 1, 7 * HOUR, 30 * HOUR]),
)


def micros(*when: int, zone: str = "UTC") -> int:
    return (datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)  # type: ignore[arg-type]


def span(text: str, at: int) -> tuple[int | None, int]:
    window = Window.parse(text)
    end = window.end(at)
    return window.start(at), at if end is None else end


@pytest.mark.parametrize("text", [*TEXTS, "unbounded", "calendar:1mo@Etc/GMT-5"])
def test_the_text_reads_back_and_names_a_feature(text):
    window = Window.parse(text)
    assert window.text == text
    assert Window.parse(window.text) == window


def test_names():
    named = {
        "tumbling:1w": "tumbling_1w",
        "snapshot:7d": "snapshot_7d",
        "snapshot:7d+2h": "snapshot_7d_landing_2h",
        "calendar:1 month": "calendar_1mo",
        "calendar:-1mo@America/New_York": "calendar_last_1mo_america_new_york",
        "calendar:1d@Etc/GMT-5": "calendar_1d_etc_gmt_minus_5",
        "calendar:1d@Etc/GMT+5": "calendar_1d_etc_gmt_plus_5",
        "calendar:1d@America/Port-au-Prince": "calendar_1d_america_port_au_prince",
    }
    assert {text: Window.parse(text).name for text in named} == named
    assert Window.snapshot("7d", landing="2h") == Window.parse("snapshot:7d+2h")
    assert Window.calendar("1 month", tz=NEW_YORK) == Window.parse("calendar:1mo@America/New_York")


@pytest.mark.parametrize(
    ("text", "at", "start", "end"),
    [
        ("tumbling:1h", (2013, 3, 1, 5), (2013, 3, 1, 4), (2013, 3, 1, 5)),
        ("tumbling:1h", (2013, 3, 1, 4, 59), (2013, 3, 1, 3), (2013, 3, 1, 4)),
        ("tumbling:1d", (1969, 12, 31, 23), (1969, 12, 30), (1969, 12, 31)),
        # 4 March 2013 was a Monday.
        ("tumbling:1w", (2013, 3, 4), (2013, 2, 25), (2013, 3, 4)),
        ("tumbling:1w", (2013, 3, 3, 23), (2013, 2, 18), (2013, 2, 25)),
        ("tumbling:1w", (1969, 12, 31), (1969, 12, 22), (1969, 12, 29)),
        ("snapshot:7d", (2013, 3, 8), (2013, 3, 1), (2013, 3, 8)),
        ("snapshot:7d+2h", (2013, 3, 8, 2), (2013, 3, 1), (2013, 3, 8)),
        ("snapshot:7d+2h", (2013, 3, 8, 1, 59), (2013, 2, 28), (2013, 3, 7)),
        ("snapshot:1d+30h", (2013, 3, 8, 5), (2013, 3, 5), (2013, 3, 6)),
        ("calendar:1mo", (2012, 2, 29, 12), (2012, 2, 1), (2012, 2, 29, 12)),
        ("calendar:-1mo", (2012, 3, 1), (2012, 2, 1), (2012, 3, 1)),
        ("calendar:-1mo", (2012, 2, 29, 23), (2012, 1, 1), (2012, 2, 1)),
        ("calendar:3mo", (2013, 1, 15), (2012, 11, 1), (2013, 1, 15)),
        ("calendar:-1q", (2013, 5, 15), (2013, 1, 1), (2013, 4, 1)),
        ("calendar:1y", (2012, 12, 31, 23), (2012, 1, 1), (2012, 12, 31, 23)),
        ("calendar:-1y", (2013, 1, 1), (2012, 1, 1), (2013, 1, 1)),
        ("calendar:1w", (2013, 3, 10), (2013, 3, 4), (2013, 3, 10)),
        ("calendar:-2w", (2013, 3, 10), (2013, 2, 18), (2013, 3, 4)),
        ("calendar:1d", (1969, 12, 31, 5), (1969, 12, 31), (1969, 12, 31, 5)),
    ],
)
def test_spans_by_example(text, at, start, end):
    assert span(text, micros(*at)) == (micros(*start), micros(*end))


def test_a_local_day_has_23_to_25_hours():
    # Clocks in New York spring forward on 10 March and fall back on 3 November 2013.
    for day, hours in (((2013, 3, 10), 23), ((2013, 11, 3), 25), ((2013, 6, 1), 24)):
        after = date(*day) + timedelta(days=1)
        noon = micros(after.year, after.month, after.day, 12, zone=NEW_YORK)
        start, end = span("calendar:-1d@America/New_York", noon)
        assert (start, end - start) == (micros(*day, zone=NEW_YORK), hours * HOUR)


def test_midnights_that_clocks_skip_show_twice_or_never():
    # São Paulo skipped from 00:00 to 01:00 on 4 November 2018: the day begins at the jump, 03:00Z.
    assert day_begins(date(2018, 11, 4), "America/Sao_Paulo") == micros(2018, 11, 4, 3)
    # St. John's went back from 00:01 to 23:01 on 29 October 2006: the first midnight counts.
    assert day_begins(date(2006, 10, 29), "America/St_Johns") == micros(2006, 10, 29, 2, 30)
    # Toronto jumped from 23:30 to 00:30 on 30 March 1919: the next day begins then.
    assert day_begins(date(1919, 3, 31), "America/Toronto") == micros(1919, 3, 31, 4, 30)
    # Samoa had no 30 December 2011: it begins, and ends, with the 31st.
    assert day_begins(date(2011, 12, 30), "Pacific/Apia") == day_begins(date(2011, 12, 31), "Pacific/Apia")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ODD), st.dates(date(1918, 1, 1), date(2037, 1, 1)))
def test_a_day_begins_when_the_clocks_first_show_it(zone, day):
    begins, tz = day_begins(day, zone), ZoneInfo(zone)
    # Minute by minute from two days before: the first that shows the day or a later one.
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    minutes = (first + timedelta(minutes=n) for n in range(4 * 24 * 60))
    shown = next(minute for minute in minutes if minute.astimezone(tz).date() >= day)
    exact = (shown - EPOCH) // timedelta(microseconds=1)
    # Before zones were agreed upon, clocks were off by seconds.
    assert exact - MINUTE < begins <= exact


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TEXTS), times, st.integers(0, 400 * DAY))
def test_windows_lie_before_t_within_their_reach_and_only_move_forward(text, at, later):
    window = Window.parse(text)
    (start, end), after = span(text, at), span(text, at + later)
    assert start is not None
    assert after[0] is not None
    assert window.reach is not None
    assert start <= end <= at
    assert at - start <= window.reach
    assert start <= after[0]
    assert end <= after[1]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([t for t in TEXTS if t.startswith("calendar")]), times)
def test_a_calendar_window_is_what_the_wall_clock_says(text, at):
    window = Window.parse(text)
    assert window.span is not None
    unit, count, tz = window.span.unit, window.span.count, ZoneInfo(window.span.timezone)
    local = (EPOCH + timedelta(microseconds=at)).astimezone(tz)
    # A day that the clocks went back to has been the current one before: it is not again.
    seen = (EPOCH + timedelta(microseconds=at) - timedelta(hours=3)).astimezone(tz)
    today = max(local.date(), seen.date())

    def floor(day: date) -> date:
        if unit == "w":
            return day - timedelta(days=day.weekday())
        first = {"d": day, "mo": day.replace(day=1), "y": day.replace(month=1, day=1)}
        return first[unit] if unit in first else date(day.year, (day.month - 1) // 3 * 3 + 1, 1)

    def back(day: date, units: int) -> date:
        for _ in range(units):
            day = floor(floor(day) - timedelta(days=1))
        return floor(day)

    start = day_begins(back(today, count - 1 if count > 0 else -count), window.span.timezone)
    end = None if count > 0 else day_begins(floor(today), window.span.timezone)
    assert (window.start(at), window.end(at)) == (start, end)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TEXTS), st.dates(date(1950, 1, 1), date(2030, 1, 1)))
def test_a_window_is_mature_from_the_first_t_that_starts_after_the_source(text, first):
    window, since = Window.parse(text), (first - date(1970, 1, 1)).days * DAY
    mature = mature_from(window, since)
    assert mature is not None
    assert (window.start(mature - 1) or 0) < since <= (window.start(mature) or 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hopping:1h", "Expected '7d', 'sliding:3h', 'tumbling:1d', 'snapshot:7d\\+2h'"),
        ("tumbling:-1d", "'tumbling:-1d' is not positive"),
        ("tumbling:1mo", "'1mo' is no duration"),
        ("snapshot:7d+", "'' is no duration"),
        ("snapshot:7d+-2h", "No day is complete before it ends"),
        ("calendar:1h", "'1h' is no calendar span.*one of d, w, mo, q, y"),
        ("calendar:0mo", "a calendar window is 0mo"),
        ("calendar:1mo@America/New_Yrok", "no time zone is called 'America/New_Yrok'.*America/New_York"),
        ("calendar:1mo@", None),
    ],
)
def test_windows_that_cannot_be(text, words):
    if words is None:
        assert Window.parse(text) == Window.parse("calendar:1mo")
        return
    with pytest.raises(DefinitionError, match=words):
        Window.parse(text)


def test_a_window_of_parts_that_do_not_fit_is_refused():
    for kind, length, parts in (
        ("calendar", None, {}),
        ("sliding", DAY, {"landing": 1}),
        ("tumbling", None, {}),
    ):
        with pytest.raises(DefinitionError):
            Window(kind, length, "w", **parts)


def test_a_calendar_has_its_years():
    window = Window.parse("calendar:9999y")
    assert window.start(0) == micros(2, 1, 1)
    with pytest.raises(EventTimeError, match="years 2 to 9998"):
        window.start(-750_000 * DAY)


def test_a_set_reaches_as_far_as_its_windows():
    def reach(*windows: str) -> int | None:
        source = EventSource(table="t")
        aggregations = [Aggregation("x", "sum", list(windows))]
        return FeatureSet(
            name="s", owner="o", keys=["k"], source=source, aggregations=aggregations
        ).max_window

    assert reach("tumbling:1w", "1h") == 2 * WEEK
    assert reach("snapshot:7d+2h") == 8 * DAY + 2 * HOUR
    assert reach("calendar:-1mo") == 64 * DAY
    assert reach("7d", "unbounded") is None
