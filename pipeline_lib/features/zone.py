"""Time zones by name, and the instant at which a day begins on a zone's clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bighead.pipeline_lib.errors import DefinitionError, did_you_mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def check_zone(name: str) -> None:
    """Refuse a time zone that the IANA database lacks.

    Raises:
        DefinitionError: with the nearest zones there are.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        near = did_you_mean(str(name), sorted(available_timezones()))
        raise DefinitionError(f"no time zone is called {name!r}.", cure=near) from error


@lru_cache(maxsize=1 << 16)
def day_begins(day: date, zone: str) -> int:
    """Return the first instant, in µs since 1970-01-01T00:00Z, at which the zone's date is `day` or later.

    That is local midnight; the first of two where clocks went back over it; and the jump itself where they
    skipped it.

    >>> day_begins(date(1970, 1, 1), "Europe/Paris") // 1_000_000
    -3600
    """
    tz = ZoneInfo(zone)
    midnight = datetime.combine(day, time.min)
    first = midnight.replace(tzinfo=tz).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None) != midnight:
        # Nonexistent: `fold` 0 and 1 read it with the offsets before and after the jump, which lies between.
        first = _jump(midnight.replace(tzinfo=tz, fold=1).astimezone(UTC), first, tz)
    return (first - _EPOCH) // _MICROSECOND


def _jump(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """Return the instant in (before, after] at which the zone's offset changes, to the second."""
    new = after.astimezone(tz).utcoffset()
    seconds = int((after - before).total_seconds())
    low, high = 0, seconds
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(tz).utcoffset() == new:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def check_start(start: object) -> None:
    """Refuse a first day that is none.

    Raises:
        DefinitionError: it is no day in ISO.
    """
    if start is None:
        return
    try:
        date.fromisoformat(start if isinstance(start, str) else "")
    except ValueError as error:
        raise DefinitionError(f"start_date is {start!r}.", cure="Expected a day as '2013-01-01'.") from error
