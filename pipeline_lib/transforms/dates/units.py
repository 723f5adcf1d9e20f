"""Units of elapsed time, in seconds."""

from __future__ import annotations

from bighead.pipeline_lib.errors import UnknownNameError

SECONDS = {
    "millisecond": 0.001,
    "second": 1.0,
    "minute": 60.0,
    "hour": 3_600.0,
    "day": 86_400.0,
    "week": 604_800.0,
}


def check_unit(unit: str) -> None:
    """Refuse a unit that there is not.

    Raises:
        UnknownNameError: naming the nearest.
    """
    if unit not in SECONDS:
        raise UnknownNameError("unit of elapsed time", unit, SECONDS)
