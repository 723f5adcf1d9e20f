"""Windows of time, `[start(t), t)`, and durations in integer microseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"us": 1, "ms": 1_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": 365 * DAY}
KINDS = ("sawtooth", "sliding", "unbounded")
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
    """A span of time before t: `length` µs (None where unbounded), named as it ends a feature's name.

    `sawtooth` floors its start to a `hop` on the UTC epoch, `sliding` starts exactly `length` before t, and
    `unbounded` starts with time itself.

    >>> Window.parse("7d").hop == HOUR
    True
    """

    kind: str
    length: int | None
    name: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DefinitionError(f"a window is {self.kind!r}.", cure=f"Expected one of {', '.join(KINDS)}.")
        if (self.length is None) != (self.kind == "unbounded") or (
            self.length is not None and self.length <= 0
        ):
            raise DefinitionError(
                f"a {self.kind} window has the length {self.length!r}.",
                cure="Expected a positive length, and none for an unbounded window.",
            )
        if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", self.name):
            raise DefinitionError(
                f"a window is named {self.name!r}.", cure="Expected letters a-z, digits and single _."
            )

    @classmethod
    def parse(cls, text: str | Window) -> Window:
        """Read `7d` (sawtooth; below 12 minutes sliding), `sliding:3h` or `unbounded`.

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
        if colon and kind not in ("sliding", "sawtooth"):
            raise DefinitionError(
                f"a window is {text!r}.", cure="Expected '7d', 'sliding:3h' or 'unbounded'."
            )
        span = rest if colon else text
        length = duration(span)
        if length <= 0:
            raise DefinitionError(
                f"the window {text!r} is not positive.", cure="Expected a positive length, as '7d'."
            )
        if length < _HOPS[-1][0]:
            return cls("sliding", length, span)
        return (
            cls("sliding", length, f"sliding_{span}") if kind == "sliding" else cls("sawtooth", length, span)
        )

    @property
    def text(self) -> str:
        """The form that `parse` reads back."""
        return self.name.replace("sliding_", "sliding:", 1)

    @property
    def hop(self) -> int:
        """The µs to whose multiple a sawtooth window's start is floored; 0 where the start is exact."""
        if self.kind != "sawtooth" or self.length is None:
            return 0
        return next((hop for least, hop in _HOPS if self.length >= least), 0)

    def start(self, at: int) -> int | None:
        """Return the window's first µs for a question at `at` µs; None where unbounded.

        >>> Window.parse("1h").start(2 * HOUR + 1) == HOUR
        True
        """
        if self.length is None:
            return None
        start = at - self.length
        return start - start % self.hop if self.hop else start
