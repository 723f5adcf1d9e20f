"""The parts of a time that can be asked for, as the SQL dialect has them."""

from __future__ import annotations

from collections.abc import Sequence

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.expressed import column, text

# How each part is asked for, and after how many it comes round (None where it does not).
PARTS: dict[str, tuple[str, float | None]] = {
    "year": ("year({})", None),
    "quarter": ("quarter({})", 4.0),
    "month": ("month({})", 12.0),
    "day": ("day({})", 31.0),
    "day_of_year": ("doy({})", 366.0),
    "day_of_week": ("isodow({})", 7.0),
    "hour": ("hour({})", 24.0),
    "minute": ("minute({})", 60.0),
    "second": ("second({})", 60.0),
    "minute_of_day": ("hour({0}) * 60 + minute({0})", 1440.0),
}


def local(name: str, zone: str) -> str:
    """Return a column's time as the clocks of a zone show it, in SQL."""
    return f"({column(name)} AT TIME ZONE {text(zone)})"


def check_parts(parts: Sequence[str], known: Sequence[str]) -> None:
    """Refuse parts that there are not.

    Raises:
        DefinitionError: none at all, or one twice.
        UnknownNameError: one that is not known.
    """
    if not parts or len(set(parts)) < len(parts):
        raise DefinitionError(f"parts={list(parts)}.", cure="Expected at least one part, each once.")
    for part in parts:
        if part not in known:
            raise UnknownNameError("part of a time", part, known)
