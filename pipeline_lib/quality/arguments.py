"""What checks ask of their arguments: shares, numbers, durations, and words of which an asset check is named."""

from __future__ import annotations

import re

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError

SEVERITIES = ("warn", "error", "block")
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


def check_severity(seen: str) -> None:
    """Refuse what is no severity."""
    if seen not in SEVERITIES:
        raise UnknownNameError("severity", str(seen), SEVERITIES)


def number(name: str, value: object) -> float:
    """Return a number that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DefinitionError(f"a check has {name}={value!r}.", cure="Expected a number.")
    return value


def share(value: str | float) -> float:
    """Return a share, as 0.5 or `50%`."""
    if isinstance(value, str):
        match = _SHARE.fullmatch(value)
        if match is None:
            raise DefinitionError(f"a check has within={value!r}.", cure="Expected '50%', or 0.5.")
        return float(match.group(1)) / 100
    return number("within", value)


def micros(text: str) -> int:
    """Return a duration in microseconds."""
    # Definitions import checks, so checks may not import definitions while they load.
    from bighead.pipeline_lib.features.window import duration

    return duration(text)


def word(column: str) -> str:
    """Return a column as a part of a check's name."""
    return re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_") or "column"
