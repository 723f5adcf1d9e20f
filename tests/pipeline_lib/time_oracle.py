"""Times of expressions in naive Python: days or microseconds since 1970, of the years 1 to 9999."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)
DAY = 86_400_000_000
SIZES = {
    "microsecond": 1,
    "millisecond": 1000,
    "second": 10**6,
    "minute": 60 * 10**6,
    "hour": 3600 * 10**6,
    "day": DAY,
}


def in_years(micros: int) -> int | None:
    return micros if -62_135_596_800_000_000 <= micros <= 253_402_300_799_999_999 else None


def when(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def micros(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def parsed(text, pattern, days=False):
    found = re.search(pattern.replace("$", r"\Z"), text)
    if found is None:
        return None
    part = {name: value or "0" for name, value in found.groupdict().items()}
    try:
        day = (date(int(part["Y"]), int(part["m"]), int(part["d"])) - date(1970, 1, 1)).days
    except ValueError:
        return None
    hour, minute, second = (int(part.get(name, 0)) for name in "HMS")
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int(part.get("f", "0").ljust(6, "0")[:6])
    zone, away = part.get("z", "Z"), 0
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        if hours > 23 or minutes > 59:
            return None
        away = (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)
    if days:
        return day
    return in_years(day * DAY + ((hour * 60 + minute) * 60 + second) * 10**6 + fraction - away * 60 * 10**6)


class BeyondRulesError(Exception):
    """A local time of a year for which engines know other rules of zones."""


def to_instant(local, zone):
    if not when(local).year < 2099:
        raise BeyondRulesError
    time = when(local)
    try:
        found = {time.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    except OverflowError:
        return None
    if len(found) > 1:
        return None
    instant = found.pop()
    return micros(instant.replace(tzinfo=None)) if to_local_time(instant, zone) == time else None


def to_local_time(instant, zone):
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def to_local(instant, zone):
    if not when(instant).year < 2099:
        raise BeyondRulesError
    try:
        return micros(to_local_time(when(instant).replace(tzinfo=UTC), zone))
    except OverflowError:
        return None


def month_start(unit, time):
    month = {"month": time.month, "quarter": (time.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return datetime(time.year, month, 1)


def trunc(unit, time):
    if unit in SIZES:
        return time // SIZES[unit] * SIZES[unit]
    if unit == "week":
        return in_years((time // DAY - when(time).weekday()) * DAY)
    return micros(month_start(unit, when(time)))


def starts(unit, time):
    if unit in SIZES:
        return time // SIZES[unit]
    if unit == "week":
        return (time // DAY - when(time).weekday() - 4) // 7
    at = when(time)
    return {"year": at.year, "quarter": at.year * 4 + (at.month + 2) // 3, "month": at.year * 12 + at.month}[
        unit
    ]


TIMES: dict[str, Any] = {
    "year": lambda t: when(t).year,
    "quarter": lambda t: (when(t).month + 2) // 3,
    "month": lambda t: when(t).month,
    "day": lambda t: when(t).day,
    "hour": lambda t: when(t).hour,
    "minute": lambda t: when(t).minute,
    "second": lambda t: when(t).second,
    "dow": lambda t: when(t).isoweekday() % 7,
    "isodow": lambda t: when(t).isoweekday(),
    "doy": lambda t: when(t).timetuple().tm_yday,
    "epoch": lambda t: float(t) / 1e6,
    "add_time": lambda a, b: in_years(a + b),
    "sub_time": lambda a, b: in_years(a - b),
    "trunc": trunc,
    "trunc_date": lambda unit, d: None if (t := trunc(unit, d * DAY)) is None else t // DAY,
    "date_diff": lambda unit, a, b: starts(unit, b) - starts(unit, a),
    "parse_time": parsed,
    "parse_instant": parsed,
    "parse_local": lambda text, form, zone: (
        None if (t := parsed(text, form)) is None else to_instant(t, zone)
    ),
    "to_instant": to_instant,
    "to_local": to_local,
    "from_epoch": lambda x: in_years(x * 10**6),
    "from_epoch_float": lambda x: in_years(math.floor(x * 1e6)) if math.isfinite(x * 1e6) else None,
    "date_to_timestamp": lambda d: in_years(d * DAY),
    "timestamp_to_date": lambda t: t // DAY,
    "same_time": lambda t: t,
    "date_to_text": lambda d: (date(1970, 1, 1) + timedelta(days=d)).isoformat(),
    "text_to_date": lambda x: parsed(x, r"^(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})$", True),
}
_DAY = r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
_CLOCK = r"[ T](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(:(?P<S>[0-9]{2})([.](?P<f>[0-9]{1,9}))?)?"
TIMES["text_to_timestamp"] = lambda x: parsed(x, f"^{_DAY}({_CLOCK})?$")
TIMES["text_to_instant"] = lambda x: parsed(x, f"^{_DAY}{_CLOCK}(?P<z>Z|[+-][0-9]{{2}}:[0-9]{{2}})$")
