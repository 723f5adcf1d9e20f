"""Days, weeks, months, quarters and years as a zone's clocks show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bighead.pipeline_lib.errors import DefinitionError, EventTimeError
from bighead.pipeline_lib.features.zone import check_zone, day_begins

_DAY = 86_400_000_000
_MONTHS = {"mo": 1, "q": 3, "y": 12}
# The longest that a unit can be, in days.
_LONGEST = {"d": 1, "w": 7, "mo": 31, "q": 92, "y": 366}
_WORDS = {"day": "d", "week": "w", "month": "mo", "quarter": "q", "year": "y"}
_SPAN = re.compile(r"(-?\d{1,4}) ?(?:(d|w|mo|q|y)|(day|week|month|quarter|year)s?)")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
# Beyond, neighbouring days or their zones' clocks may leave the years that Python's dates have.
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), date(9998, 12, 31).toordinal()


@dataclass(frozen=True)
class CalendarSpan:
    """`count` units on the clocks of `timezone`: of 1 the current unit so far, of −1 the last complete one.

    `3mo` is this month so far and the two before it, `-3mo` the three complete months before this one.

    Raises:
        DefinitionError: no unit at all, a unit that is none of d, w, mo, q, y, or an unknown zone.
    """

    count: int
    unit: str
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        if self.unit not in _LONGEST or not 0 < abs(self.count) < 10_000:
            raise DefinitionError(
                f"a calendar window is {self.count}{self.unit}.",
                cure="Expected some days, weeks, months, quarters or years: '1mo', or '-1mo' for complete ones.",
            )
        check_zone(self.timezone)

    @classmethod
    def parse(cls, text: str, timezone: str = "UTC") -> CalendarSpan:
        """Read `1mo`, `-2w` or `1 month`.

        Raises:
            DefinitionError: the text is none of these.
        """
        match = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise DefinitionError(
                f"{text!r} is no calendar span.",
                cure="Expected a whole number and one of d, w, mo, q, y: '1mo', '-1w', '1 month'.",
            )
        count, unit, word = match.groups()
        return cls(int(count), unit or _WORDS[word], timezone)

    @property
    def text(self) -> str:
        """The form that a window's text ends with: `1mo@America/New_York`; UTC goes without saying."""
        zone = "" if self.timezone == "UTC" else f"@{self.timezone}"
        return f"{self.count}{self.unit}{zone}"

    @property
    def name(self) -> str:
        """How it ends a feature's name: `1mo_america_new_york`, `last_1mo`."""
        zone = self.timezone.replace("+", "_plus_").replace("-", "_minus_" if "GMT" in self.timezone else "_")
        zone = "" if self.timezone == "UTC" else "_" + re.sub(r"[^a-z0-9]+", "_", zone.lower())
        return f"{'last_' if self.count < 0 else ''}{abs(self.count)}{self.unit}{zone}"

    @property
    def reach(self) -> int:
        """More µs than ever lie between t and the span's start: clocks that jump have two days to do so."""
        units = self.count if self.count > 0 else 1 - self.count
        return (units * _LONGEST[self.unit] + 2) * _DAY

    def units_near(self, day: int) -> dict[int, date]:
        """Return instants at which units begin, with their first days: those that may be current on a UTC day.

        Args:
            day: Days since 1970-01-01.

        Raises:
            EventTimeError: a day outside the years 2 to 9998.
        """
        ordinal = day + _EPOCH_DAY
        if not _FIRST_DAY <= ordinal <= _LAST_DAY:
            raise EventTimeError(
                f"a calendar window is asked {day} days after 1970.", cure="Ask in the years 2 to 9998."
            )
        # A zone's date differs by at most a day from that of UTC. Of a skipped day the next one stays.
        days = sorted({self._floor(date.fromordinal(ordinal + n)) for n in (-1, 0, 1)})
        return {day_begins(each, self.timezone): each for each in days}

    def bounds(self, unit: date) -> tuple[int, int | None]:
        """Return start and end (µs; None is t itself) of the window whose current unit begins on `unit`."""
        if self.count > 0:
            return day_begins(self._step(unit, 1 - self.count), self.timezone), None
        return day_begins(self._step(unit, self.count), self.timezone), day_begins(unit, self.timezone)

    def window(self, at: int) -> tuple[int, int | None]:
        """Return start and end (µs; None is `at` itself) of the window of a question at `at` µs."""
        units = self.units_near(at // _DAY)
        return self.bounds(units[max(instant for instant in units if instant <= at)])

    def _floor(self, day: date) -> date:
        if self.unit == "d":
            return day
        if self.unit == "w":
            return day - timedelta(days=day.weekday())
        months = _MONTHS[self.unit]
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)

    def _step(self, unit: date, count: int) -> date:
        if self.unit in ("d", "w"):
            ordinal = unit.toordinal() + count * _LONGEST[self.unit]
            return date.fromordinal(max(ordinal, _FIRST_DAY))
        month = unit.year * 12 + unit.month - 1 + count * _MONTHS[self.unit]
        return max(date(max(month // 12, 1), month % 12 + 1, 1), date.fromordinal(_FIRST_DAY))
