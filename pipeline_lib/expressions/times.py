"""Times as texts: formats become patterns with named groups, and the texts of an expression become numbers.

The groups are Y, m, d, H, M, S, f (a fraction of a second) and z (`Z` or an offset); those that lack count as 0.
"""

from __future__ import annotations

import re
from datetime import date

from bighead.pipeline_lib.expressions.kinds import DATE, INSTANT, TIMESTAMP, Kind
from bighead.pipeline_lib.expressions.syntax import WrongExpressionError

_DIRECTIVES = {
    "%Y": "(?P<Y>[0-9]{4})",
    "%m": "(?P<m>[0-9]{1,2})",
    "%d": "(?P<d>[0-9]{1,2})",
    "%H": "(?P<H>[0-9]{1,2})",
    "%M": "(?P<M>[0-9]{1,2})",
    "%S": "(?P<S>[0-9]{1,2})",
    "%f": "(?P<f>[0-9]{1,9})",
    "%z": "(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "%%": "%",
}
_SHORT = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S"}
_DAY = "(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
_CLOCK = "[ T](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.](?P<f>[0-9]{1,9}))?)?"
_ZONE = "(?P<z>Z|[+-][0-9]{2}:[0-9]{2})"
# How CAST reads texts.
ISO: dict[Kind, str] = {
    DATE: f"^{_DAY}$",
    TIMESTAMP: f"^{_DAY}(?:{_CLOCK})?$",
    INSTANT: f"^{_DAY}{_CLOCK}{_ZONE}$",
}
_FORMS = {DATE: "'2013-01-31'", TIMESTAMP: "'2013-01-31 10:00:00'", INSTANT: "'2013-01-31T10:00:00Z'"}
UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 7 * 86_400_000_000,
    "month": 0,
    "quarter": 0,
    "year": 0,
}
_SPAN = re.compile(r"\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]+)\s*,?")
DAY = UNITS["day"]


def pattern_of(form: str, at: int, *, zoned: bool) -> str:
    r"""Return the pattern of a format as `%Y-%m-%d`; `zoned` tells whether its texts must say an offset.

    >>> pattern_of("%Y/%m/%d", 0, zoned=False)
    '^(?P<Y>[0-9]{4})/(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})$'
    """
    for short, long in _SHORT.items():
        form = form.replace(short, long)
    pieces = re.findall(r"%.|[^%]+|%$", form, re.DOTALL)
    unknown = [each for each in pieces if each.startswith("%") and each not in _DIRECTIVES]
    if unknown:
        known = " ".join([*_DIRECTIVES, *_SHORT])
        raise WrongExpressionError(f"the format {form!r} has {unknown[0]!r}", at, f"Known are {known}.")
    if len(set(pieces) & set(_DIRECTIVES)) < sum(each in _DIRECTIVES for each in pieces if each != "%%"):
        raise WrongExpressionError(f"the format {form!r} names a part twice", at)
    if not {"%Y", "%m", "%d"} <= set(pieces):
        raise WrongExpressionError(f"the format {form!r} names no day", at, "Expected %Y, %m and %d.")
    if ("%z" in pieces) != zoned:
        cure = (
            "A text with %z is an instant: to_timestamp(x, format); without, name its zone as third argument."
        )
        raise WrongExpressionError(f"the format {form!r} {'lacks' if zoned else 'has'} %z", at, cure)
    return "^" + "".join(_DIRECTIVES.get(each, re.escape(each)) for each in pieces) + "$"


def time_value(text: str, kind: Kind, at: int) -> int:
    """Return the days or microseconds since 1970 that a text of an expression means."""
    found = re.fullmatch(ISO[kind], text)
    if found is None:
        raise WrongExpressionError(f"{text!r} is no {kind}", at, f"Expected {_FORMS[kind]}.")
    parts = {name: part or "0" for name, part in found.groupdict().items() if name != "z"}
    try:
        days = (date(int(parts["Y"]), int(parts["m"]), int(parts["d"])) - date(1970, 1, 1)).days
    except ValueError:
        raise WrongExpressionError(f"there is no day {text!r}", at) from None
    if kind == DATE:
        return days
    hour, minute, second = int(parts["H"]), int(parts["M"]), int(parts["S"])
    if hour > 23 or minute > 59 or second > 59:
        raise WrongExpressionError(f"there is no time {text!r}", at)
    clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(parts["f"].ljust(6, "0")[:6])
    return days * DAY + clock - _offset(found["z"] if kind == INSTANT else "Z", at)


def _offset(zone: str, at: int) -> int:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise WrongExpressionError(f"there is no offset {zone!r}", at)
    return (1 if zone[0] == "+" else -1) * (hours * 60 + minutes) * UNITS["minute"]


def unit_of(text: str, at: int) -> str:
    """Return the unit that a text names, in singular."""
    unit = text.lower().removesuffix("s")
    if unit not in UNITS:
        raise WrongExpressionError(f"{text!r} is no unit of time", at, f"Known are {', '.join(UNITS)}.")
    return unit


def span_of(text: str, at: int) -> int:
    """Return the microseconds of a span as `1 day 2 hours`."""
    total, place = 0.0, 0
    whole = 0
    while place < len(text.rstrip()):
        found = _SPAN.match(text, place)
        if found is None:
            raise WrongExpressionError(f"{text!r} is no interval", at, "Expected '1 day 2 hours'.")
        unit = unit_of(found[2], at)
        if not UNITS[unit]:
            cure = "Expected weeks or shorter units."
            raise WrongExpressionError(f"a {unit} has no fixed length", at, cure)
        if found[1].lstrip("+-").isdigit():
            whole += int(found[1]) * UNITS[unit]
        else:
            total += float(found[1]) * UNITS[unit]
        place = found.end()
    if place == 0 or abs(whole + total) >= 2**63:
        raise WrongExpressionError(f"{text!r} is no interval", at, "Expected '1 day 2 hours'.")
    return whole + round(total)
