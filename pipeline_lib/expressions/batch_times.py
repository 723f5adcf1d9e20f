"""Times in Polars: days and microseconds since 1970, taken apart by its calendar and its zones.

Texts are taken apart by the groups of a pattern (`times.pattern_of`), and put together as numbers: no parser's leniency
gets between a text and its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from bighead.pipeline_lib.expressions.batch_numbers import divided, fitted
from bighead.pipeline_lib.expressions.kinds import DATE, INSTANT, TIMESTAMP
from bighead.pipeline_lib.expressions.times import DAY, ISO, UNITS

# The years 1 to 9999, in microseconds since 1970: times beyond are null.
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
_EVERY = {"month": "1mo", "quarter": "1q", "year": "1y"}
_LOCAL, _UTC = pl.Datetime("us"), pl.Datetime("us", "UTC")


def in_range(count: pl.Expr) -> pl.Expr:
    """Return microseconds of the years 1 to 9999; null beyond."""
    return pl.when(count.is_between(EARLIEST, LATEST)).then(count)


def _moved(sign: int) -> Callable[[pl.Expr, pl.Expr], pl.Expr]:
    def moved(a: pl.Expr, b: pl.Expr) -> pl.Expr:
        return in_range(fitted(a.cast(pl.Int128) + b.cast(pl.Int128) * sign))

    return moved


def _parts(text: pl.Expr, pattern: str) -> Callable[[str], pl.Expr]:
    groups = text.str.extract_groups(pattern)
    there = set(re.findall(r"\?P<(\w)>", pattern))

    def part(name: str) -> pl.Expr:
        if name not in there:
            return pl.lit("0")
        return groups.struct.field(name)

    return part


def _parsed_days(text: pl.Expr, pattern: str) -> pl.Expr:
    part = _parts(text, pattern)
    written = pl.concat_str(part("Y"), part("m").str.zfill(2), part("d").str.zfill(2), separator="-")
    days = written.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64)
    return pl.when(days >= EARLIEST // DAY).then(days)


def _parsed(text: pl.Expr, pattern: str) -> pl.Expr:
    """Microseconds since 1970 of a text; its offset, where it has one, taken off."""
    part = _parts(text, pattern)

    def number(name: str, below: int) -> pl.Expr:
        value = part(name).fill_null("0").cast(pl.Int64, strict=False)
        return pl.when(value < below).then(value)

    clock = (number("H", 24) * 60 + number("M", 60)) * 60 + number("S", 60)
    fraction = part("f").fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False)
    local = _parsed_days(text, pattern) * DAY + clock * 1_000_000 + fraction
    zone = part("z")
    hours, minutes = (zone.str.slice(place, 2).cast(pl.Int64, strict=False) for place in (1, -2))
    away = pl.when((hours < 24) & (minutes < 60)).then((hours * 60 + minutes) * UNITS["minute"])
    signed = pl.when(zone.str.starts_with("-")).then(-away).otherwise(away)
    has_zone = "?P<z>" in pattern
    return in_range(local - pl.when(zone == "Z").then(0).otherwise(signed) if has_zone else local)


def _to_instant(local: pl.Expr, zone: str) -> pl.Expr:
    there = local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return in_range(there.dt.convert_time_zone("UTC").cast(pl.Int64)).cast(_UTC)


def _to_local(instant: pl.Expr, zone: str) -> pl.Expr:
    return in_range(instant.dt.convert_time_zone(zone).dt.replace_time_zone(None).cast(pl.Int64)).cast(_LOCAL)


def _parse_local(text: pl.Expr, pattern: str, zone: str) -> pl.Expr:
    return _to_instant(_parsed(text, pattern).cast(_LOCAL), zone)


def _weeks(days: pl.Expr) -> pl.Expr:
    # 1970 began on a Thursday.
    return (days + 3) // 7


def _trunc(unit: str, time: pl.Expr) -> pl.Expr:
    if unit in _EVERY:
        return time.dt.truncate(_EVERY[unit])
    counted, span = time.to_physical(), UNITS[unit]
    start = (_weeks(counted // DAY) * 7 - 3) * DAY if unit == "week" else counted // span * span
    # Adding nothing gives the zone back, whatever it is.
    return time + (in_range(start) - counted).cast(pl.Duration("us"))


def _trunc_date(unit: str, date: pl.Expr) -> pl.Expr:
    if unit in _EVERY:
        return date.dt.truncate(_EVERY[unit])
    if unit != "week":
        return date
    return (_weeks(date.cast(pl.Int64)) * 7 - 3).cast(pl.Int32).cast(pl.Date)


def _date_diff(unit: str, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    return _starts(unit, end) - _starts(unit, start)


def _starts(unit: str, time: pl.Expr) -> pl.Expr:
    """How many units had begun, since whenever."""
    if unit in _EVERY:
        year = time.dt.year().cast(pl.Int64)
        if unit == "year":
            return year
        return year * 12 + time.dt.month() if unit == "month" else year * 4 + time.dt.quarter()
    counted = time.to_physical()
    return _weeks(counted // DAY) if unit == "week" else counted // UNITS[unit]


def _whole(part: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr], pl.Expr]:
    return lambda x: part(x).cast(pl.Int64)


TIMES: dict[str, Callable[..., pl.Expr]] = {
    "year": _whole(lambda x: x.dt.year()),
    "quarter": _whole(lambda x: x.dt.quarter()),
    "month": _whole(lambda x: x.dt.month()),
    "day": _whole(lambda x: x.dt.day()),
    "hour": _whole(lambda x: x.dt.hour()),
    "minute": _whole(lambda x: x.dt.minute()),
    "second": _whole(lambda x: x.dt.second()),
    "dow": lambda x: x.dt.weekday().cast(pl.Int64) % 7,
    "isodow": _whole(lambda x: x.dt.weekday()),
    "doy": _whole(lambda x: x.dt.ordinal_day()),
    "epoch": lambda x: divided(x.cast(pl.Float64), pl.lit(1e6)),
    "add_time": _moved(1),
    "sub_time": _moved(-1),
    "trunc": _trunc,
    "trunc_date": _trunc_date,
    "date_diff": _date_diff,
    "to_instant": _to_instant,
    "to_local": _to_local,
    "parse_time": _parsed,
    "parse_instant": _parsed,
    "parse_local": _parse_local,
    "from_epoch": lambda x: in_range(fitted(x.cast(pl.Int128) * 1_000_000)),
    "from_epoch_float": lambda x: in_range((x * 1e6).floor().cast(pl.Int64, strict=False)),
    "date_to_timestamp": lambda x: in_range(fitted(x.cast(pl.Int128) * DAY)),
    "timestamp_to_date": lambda x: x.dt.date(),
    "date_to_text": lambda x: x.dt.strftime("%Y-%m-%d"),
    "same_time": lambda x: x.to_physical(),
    "text_to_date": lambda x: _parsed_days(x, ISO[DATE]),
    "text_to_timestamp": lambda x: _parsed(x, ISO[TIMESTAMP]),
    "text_to_instant": lambda x: _parsed(x, ISO[INSTANT]),
}
