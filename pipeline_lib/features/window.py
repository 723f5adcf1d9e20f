"""Windows of time, `[start(t), end(t))` with end(t) ≤ t, and durations in integer microseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.calendar_span import CalendarSpan

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"us": 1, "ms": 1_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": 365 * DAY}
WEEK = 7 * DAY
KINDS = ("sawtooth", "sliding", "tumbling", "snapshot", "calendar", "unbounded")
_FORMS = "Expected '7d', 'sliding:3h', 'tumbling:1d', 'snapshot:7d+2h', 'calendar:1mo@Europe/Paris' or 'unbounded'."
# 1970-01-05 was a Monday: buckets of whole weeks start there.
_MONDAY = 4 * DAY
_DURATION = re.compile(r"([-−]?)(\d+)(us|ms|s|m|h|d|w|y)")
_LARGEST = 10_000 * UNITS["y"]
# A window at least this long starts on a multiple of this hop of the UTC epoch.
_HOPS = ((12 * DAY, DAY), (12 * HOUR, HOUR), (HOUR, 5 * MINUTE), (12 * MINUTE, MINUTE))


def duration(text: str) -> int:
    """Return a duration such as `90m`, `-2h` or `1y` (365 d) in microseconds.

    >>> duration("90m"), duration("-2h")
    (5400000000, -7200000000)

    Raises:
        DefinitionError: it is not a whole number and a unit of us, ms, s, m, h, d, w, y.
    """
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise DefinitionError(
            f"{text!r} is no duration.",
            cure="Expected a whole number and one of us, ms, s, m, h, d, w, y: '90m'.",
        )
    sign, number, unit = match.groups()
    length = int(number) * UNITS[unit]
    if length > _LARGEST:
        raise DefinitionError(
            f"{text!r} is longer than 10,000 years.", cure="Use an 'unbounded' window instead."
        )
    return -length if sign else length


@dataclass(frozen=True)
class Window:
    """A span of time before t: `length` µs (None where it has none of its own), named as it ends a feature's name.

    `sawtooth` floors its start to a `hop` on the UTC epoch, `sliding` starts exactly `length` before t;
    `tumbling` is the last complete bucket of UTC time, `snapshot` ends at the newest midnight m (UTC) with
    m + `landing` ≤ t, `calendar` follows the clocks of a zone by `span`, and `unbounded` starts with time itself.
    Whatever its end, a window shows nothing that happened or became known at or after t.

    >>> Window.parse("7d").hop == HOUR
    True
    """

    kind: str
    length: int | None
    name: str
    landing: int = 0
    span: CalendarSpan | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DefinitionError(f"a window is {self.kind!r}.", cure=f"Expected one of {', '.join(KINDS)}.")
        if (self.length is None) != (self.kind in ("unbounded", "calendar")) or (
            self.length is not None and self.length <= 0
        ):
            raise DefinitionError(
                f"a {self.kind} window has the length {self.length!r}.",
                cure="Expected a positive length, and none for an unbounded window or one of the calendar.",
            )
        if (self.span is None) == (self.kind == "calendar") or (self.landing and self.kind != "snapshot"):
            raise DefinitionError(
                f"a {self.kind} window has span={self.span!r}, landing={self.landing}.",
                cure="A calendar window has a span, and only a snapshot has a landing.",
            )
        if self.landing < 0:
            raise DefinitionError(
                f"a snapshot lands {self.landing} µs after midnight.",
                cure="No day is complete before it ends.",
            )
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", self.name):
            raise DefinitionError(
                f"a window is named {self.name!r}.", cure="Expected letters a-z, digits and single _."
            )

    @classmethod
    def parse(cls, text: str | Window) -> Window:
        """Read `7d` (sawtooth; below 12 minutes sliding), a kind with its length as `sliding:3h`, or `unbounded`.

        >>> Window.parse("sliding:3h").name
        'sliding_3h'

        Raises:
            DefinitionError: the text is none of these.
        """
        if isinstance(text, Window):
            return text
        if text == "unbounded":
            return cls("unbounded", None, "unbounded")
        kind, colon, rest = text.partition(":") if isinstance(text, str) else ("", "", text)
        if colon and kind not in ("sliding", "sawtooth", "tumbling", "snapshot", "calendar"):
            raise DefinitionError(f"a window is {text!r}.", cure=_FORMS)
        if kind == "calendar":
            span, _, zone = rest.partition("@")
            return cls.calendar(span, tz=zone or "UTC")
        if kind == "snapshot":
            span, plus, landing = rest.partition("+")
            return cls.snapshot(span, landing=landing if plus else "0s")
        span = rest if colon else text
        length = _positive(span, text)
        if kind == "tumbling":
            return cls("tumbling", length, f"tumbling_{span}")
        if length < _HOPS[-1][0]:
            return cls("sliding", length, span)
        return (
            cls("sliding", length, f"sliding_{span}") if kind == "sliding" else cls("sawtooth", length, span)
        )

    @classmethod
    def snapshot(cls, length: str, landing: str = "0s") -> Window:
        """Return the window of `length` that ends at the newest midnight (UTC) known `landing` after it.

        >>> Window.snapshot("7d", landing="2h").text
        'snapshot:7d+2h'

        Raises:
            DefinitionError: a length that is not positive, or a negative landing.
        """
        late = duration(landing)
        return cls(
            "snapshot",
            _positive(length, f"snapshot:{length}"),
            f"snapshot_{length}_landing_{landing}" if late else f"snapshot_{length}",
            landing=late,
        )

    @classmethod
    def calendar(cls, span: str, tz: str = "UTC") -> Window:
        """Return a window of the calendar of zone `tz`: `1 month` is the month so far, `-1mo` the last whole one.

        >>> Window.calendar("1 month", tz="America/New_York").text
        'calendar:1mo@America/New_York'

        Raises:
            DefinitionError: no such span or zone.
        """
        parsed = CalendarSpan.parse(span, tz)
        return cls("calendar", None, f"calendar_{parsed.name}", span=parsed)

    @property
    def text(self) -> str:
        """The form that `parse` reads back."""
        if self.span is not None:
            return f"calendar:{self.span.text}"
        if self.kind == "snapshot":
            return self.name.replace("snapshot_", "snapshot:", 1).replace("_landing_", "+", 1)
        return self.name.replace("sliding_", "sliding:", 1).replace("tumbling_", "tumbling:", 1)

    @property
    def hop(self) -> int:
        """The µs to whose multiple a sawtooth window's start is floored; 0 where the start is exact."""
        if self.kind != "sawtooth" or self.length is None:
            return 0
        return next((hop for least, hop in _HOPS if self.length >= least), 0)

    @property
    def kernel(self) -> tuple[str, int, int]:
        """Kind, length and what the kind needs besides, in µs, as the aggregation kernel takes them."""
        if self.kind == "calendar":
            return "bounds", 0, 0
        if self.kind == "tumbling":
            return self.kind, self.length or 0, self._first_edge
        return self.kind, self.length or 0, self.landing or self.hop

    @property
    def reach(self) -> int | None:
        """At least the µs that ever lie between t and the window's start; None where unbounded."""
        if self.span is not None:
            return self.span.reach
        further = {"tumbling": self.length or 0, "snapshot": DAY + self.landing}
        return self.length and self.length + further.get(self.kind, self.hop)

    def start(self, at: int) -> int | None:
        """Return the window's first µs for a question at `at` µs; None where unbounded. It never goes back.

        >>> Window.parse("1h").start(2 * HOUR + 1) == HOUR
        True
        """
        if self.span is not None:
            return self.span.window(at)[0]
        if self.length is None:
            return None
        end = self.end(at)
        start = (at if end is None else end) - self.length
        return start - start % self.hop if self.hop else start

    def end(self, at: int) -> int | None:
        """Return the first µs after the window of a question at `at` µs; None where it ends with the question.

        What happens at the end itself is outside, even if that is `at` and the boundary inclusive.

        >>> Window.parse("tumbling:1h").end(2 * HOUR + 1) == 2 * HOUR
        True
        """
        if self.span is not None:
            return self.span.window(at)[1]
        if self.kind == "tumbling" and self.length is not None:
            return at - (at - self._first_edge) % self.length
        return (at - self.landing) // DAY * DAY if self.kind == "snapshot" else None

    @property
    def _first_edge(self) -> int:
        return 0 if (self.length or 1) % WEEK else _MONDAY


@lru_cache(maxsize=1 << 12)
def mature_from(window: Window, start_date: int) -> int | None:
    """Return the first t (µs) whose window starts at or after `start_date` (µs); None where it has no start."""
    if window.reach is None:
        return None
    low, high = start_date, start_date + window.reach
    while low < high:
        middle = (low + high) // 2
        if (window.start(middle) or 0) >= start_date:
            high = middle
        else:
            low = middle + 1
    return low


def _positive(span: str, text: str) -> int:
    length = duration(span)
    if length <= 0:
        raise DefinitionError(
            f"the window {text!r} is not positive.", cure="Expected a positive length, as '7d'."
        )
    return length
