"""Transforms of times against Polars, NumPy and Python's datetimes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline_lib.drawn_times import BOUNDARIES, INSTANT, TIMES, ZONES, times_of
from tests.pipeline_lib.native_steps import made

from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import (
    BusinessDays,
    CyclicalTime,
    DatetimeParts,
    DateTrunc,
    FourierFeatures,
    IsHoliday,
    IsWeekend,
    ParseDatetime,
    TimeBetween,
    TimeSince,
    TimezoneConvert,
)
from bighead.pipeline_lib.transforms.dates.parts import PARTS

DRAWN = st.lists(TIMES, min_size=1, max_size=12)
TRAIN = times_of(at=[datetime(2013, 1, 1, tzinfo=UTC)])
PAIR = times_of(a=[datetime(2013, 1, 1, tzinfo=UTC)], b=[datetime(2013, 1, 2, tzinfo=UTC)])
POLARS = {
    "year": lambda t: t.dt.year(),
    "quarter": lambda t: t.dt.quarter(),
    "month": lambda t: t.dt.month(),
    "day": lambda t: t.dt.day(),
    "day_of_year": lambda t: t.dt.ordinal_day(),
    "day_of_week": lambda t: t.dt.weekday(),
    "hour": lambda t: t.dt.hour(),
    "minute": lambda t: t.dt.minute(),
    "second": lambda t: t.dt.second(),
    "minute_of_day": lambda t: t.dt.hour().cast(pl.Int64) * 60 + t.dt.minute(),
}


def there(times: list[datetime | None], zone: str) -> list[datetime | None]:
    """What the clocks of a zone show."""
    return [None if each is None else each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each in times]


@given(DRAWN, st.sampled_from(ZONES))
def test_parts_are_those_of_the_zones_clocks(times: list[Any], zone: str) -> None:
    seen = made(DatetimeParts([*PARTS], zone=zone), TRAIN, times_of(at=times))
    local = pl.Series(there(times, zone), dtype=pl.Datetime("us"))
    for part, ask in POLARS.items():
        assert seen[f"at_{part}"].to_list() == ask(local).to_list(), part


@given(DRAWN, st.sampled_from(ZONES))
def test_cycles_are_angles_of_the_parts(times: list[Any], zone: str) -> None:
    parts = [part for part, (_, period) in PARTS.items() if period]
    seen = made(CyclicalTime(parts, zone=zone), TRAIN, times_of(at=times))
    local = pl.Series(there(times, zone), dtype=pl.Datetime("us"))
    for part in parts:
        first = 0 if part in ("hour", "minute", "second", "minute_of_day") else 1
        place = POLARS[part](local).cast(pl.Float64).fill_null(float("nan")).to_numpy() - first
        angle = 2 * np.pi * place / PARTS[part][1]  # type: ignore[operator]
        for wave, of in (("sin", np.sin), ("cos", np.cos)):
            have = seen[f"at_{part}_{wave}"].fill_null(float("nan")).to_numpy()
            np.testing.assert_allclose(have, of(angle), rtol=0, atol=1e-14)


@given(DRAWN, st.sampled_from(ZONES))
def test_weekends_and_holidays(times: list[Any], zone: str) -> None:
    local = there(times, zone)
    seen = made(IsWeekend(zone=zone), TRAIN, times_of(at=times))["at_is_weekend"].to_list()
    assert seen == [None if each is None else each.isoweekday() > 5 for each in local]
    holidays = ["2013-10-27", "1970-01-01", "2012-12-31"]
    seen = made(IsHoliday(holidays, zone=zone), TRAIN, times_of(at=times))["at_is_holiday"].to_list()
    assert seen == [None if each is None else each.date().isoformat() in holidays for each in local]


@given(DRAWN, st.sampled_from(["second", "hour", "day", "week"]))
def test_elapsed_time_is_a_difference_of_datetimes(times: list[Any], unit: str) -> None:
    length = {"second": 1, "hour": 3600, "day": 86400, "week": 604800}[unit]
    since = datetime(2001, 2, 3, 4, 5, 6, 7, UTC)
    seen = made(TimeSince(since.isoformat(), unit), TRAIN, times_of(at=times))[f"at_{unit}s"].to_list()
    wanted = [None if each is None else (each - since) / timedelta(seconds=length) for each in times]
    assert seen == pytest.approx(wanted, rel=1e-12, abs=1e-12) if None not in times else True
    other = times[::-1]
    pairs = made(TimeBetween("t", unit), PAIR, times_of(a=times, b=other))["t"].to_list()
    for first, second, between in zip(times, other, pairs, strict=True):
        if first is None or second is None:
            assert between is None
        else:
            assert between == pytest.approx((second - first) / timedelta(seconds=length), rel=1e-12)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=12), st.sampled_from(ZONES), st.booleans())
def test_business_days_are_numpys(pairs: list[Any], zone: str, holidays: bool) -> None:
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    listed = ["2013-10-28", "2012-12-31", "1970-01-01", "2013-10-26", "2013-10-28"] if holidays else []
    step = BusinessDays(holidays=listed, zone=zone)
    seen = made(step, PAIR, times_of(a=first, b=second))["business_days"].to_list()
    for a, b, have in zip(there(first, zone), there(second, zone), seen, strict=True):
        if a is None or b is None:
            assert have is None
        else:
            assert have == np.busday_count(a.date(), b.date(), holidays=listed), (a, b)


@given(DRAWN, st.sampled_from(ZONES))
def test_converting_there_and_back(times: list[Any], zone: str) -> None:
    local = made(TimezoneConvert(zone), TRAIN, times_of(at=times))
    assert [each and each.replace(tzinfo=None) for each in local["at"]] == there(times, zone)
    back = made(TimezoneConvert(zone, to="instant"), TRAIN, local)["at"].to_list()
    shown = pl.Series(there(times, zone), dtype=pl.Datetime("us"))
    wanted = shown.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    assert back == wanted.dt.convert_time_zone("UTC").to_list()


@given(DRAWN, st.sampled_from(ZONES), st.sampled_from(["hour", "day", "week", "month", "quarter", "year"]))
def test_units_begin_as_polars_truncates(times: list[Any], zone: str, unit: str) -> None:
    seen = made(DateTrunc(unit, zone=zone), TRAIN, times_of(at=times))["at"].to_list()
    every = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}[unit]
    wanted = pl.Series(there(times, zone), dtype=pl.Datetime("us")).dt.truncate(every).to_list()
    assert [each and each.replace(tzinfo=None) for each in seen] == wanted


@given(DRAWN, st.integers(1, 3))
def test_waves_are_sines_of_the_time_since_1970(times: list[Any], order: int) -> None:
    seen = made(FourierFeatures(365.25, order), TRAIN, times_of(at=times))
    days = (
        times_of(at=times)["at"].cast(pl.Int64).cast(pl.Float64).fill_null(float("nan")).to_numpy() / 86.4e9
    )
    for k in range(1, order + 1):
        for wave, of in (("sin", np.sin), ("cos", np.cos)):
            have = seen[f"at_{wave}_{k}"].fill_null(float("nan")).to_numpy()
            np.testing.assert_allclose(have, of(2 * np.pi * k * days / 365.25), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2013-07-04 09:00:00", datetime(2013, 7, 4, 7, tzinfo=UTC)),
        ("2013-03-31 02:30:00", None),
        ("2013-10-27 02:30:00", None),
        ("2013-13-01 00:00:00", None),
        ("4 July", None),
        ("", None),
        (None, None),
    ],
)
def test_texts_become_times_or_nothing(text: str | None, wanted: datetime | None) -> None:
    seen = pl.DataFrame({"at": [text]}, schema={"at": pl.String})
    step = ParseDatetime(zone="Europe/Paris")
    assert made(step, pl.DataFrame({"at": ["2013-01-01 00:00:00"]}), seen)["at"].to_list() == [wanted]


def test_an_offset_in_the_text_wins() -> None:
    seen = ParseDatetime("%Y-%m-%dT%H:%M:%S%z").transform(pl.DataFrame({"at": ["2013-07-04T09:00:00+0530"]}))
    assert seen["at"].to_list() == [datetime(2013, 7, 4, 3, 30, tzinfo=UTC)]


def test_what_cannot_be_is_refused() -> None:
    for wrong in (
        lambda: DatetimeParts([]),
        lambda: DatetimeParts(["hours"]),
        lambda: DatetimeParts(zone="Europe/Pari"),
        lambda: CyclicalTime(["year"]),
        lambda: IsWeekend(days=[0]),
        lambda: IsHoliday([]),
        lambda: IsHoliday(["2013-02-30"]),
        lambda: TimeSince("yesterday"),
        lambda: TimeSince("2013-01-01T00:00:00"),
        lambda: TimeBetween(unit="moon"),
        lambda: DateTrunc("decade"),
        lambda: FourierFeatures(0.0),
    ):
        with pytest.raises(DefinitionError):
            wrong()
    with pytest.raises(DataError, match="given 1 columns"):
        made(TimeBetween(), TRAIN, TRAIN)
    p = Pipeline("p")
    p["n"] >>= DatetimeParts()
    with pytest.raises(SchemaError, match="takes datetime") as refused:
        p.fit({"n": [1.0]})
    assert "ParseDatetime" in refused.value.cure


def test_dates_naive_times_and_other_zones_are_instants_in_a_pipeline() -> None:
    p = Pipeline("p")
    p["at"] >>= DatetimeParts(["hour", "day"])
    p.fit(pl.DataFrame({"at": BOUNDARIES}, schema={"at": INSTANT}))
    paris = pl.Series([datetime(2013, 7, 4, 1)]).dt.replace_time_zone("Europe/Paris")
    assert p.transform(pl.DataFrame({"at": paris})).rows() == [(23, 3)]
    assert p.transform(pl.DataFrame({"at": [datetime(2013, 7, 4, 1)]})).rows() == [(1, 4)]
    assert p.transform(pl.DataFrame({"at": [date(2013, 7, 4)]})).rows() == [(0, 4)]
