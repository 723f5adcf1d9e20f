"""Places on the earth in SQL: degrees as radians, great circles."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.pipeline.expressed import column

# The mean radius of the earth (IUGG), in each unit.
RADIUS = {"km": 6371.0088, "m": 6371008.8, "mile": 6371.0088 / 1.609344, "nautical_mile": 6371.0088 / 1.852}
Place = tuple[str, str]


def check_unit(unit: str) -> None:
    """Refuse a unit of length that there is not.

    Raises:
        UnknownNameError: naming the nearest.
    """
    if unit not in RADIUS:
        raise UnknownNameError("unit of length", unit, RADIUS)


def places_of(step: str, inputs: Sequence[str], count: int) -> list[Place]:
    """Return columns as so many places, each latitude and longitude in SQL.

    Raises:
        DataError: there are more or fewer columns.
    """
    if len(inputs) != 2 * count:
        wanted = "['lat', 'lon']" if count == 1 else "['lat1', 'lon1', 'lat2', 'lon2']"
        raise DataError(f"{step} is given {len(inputs)} columns.", cure=f"Expected p[{wanted}].")
    named = [column(name) for name in inputs]
    return list(zip(named[::2], named[1::2], strict=True))


def radians(degrees: str) -> str:
    """Return an angle in radians."""
    return f"({degrees} * {pi / 180!r})"


def great_circle(one: Place, other: Place, radius: float) -> str:
    """Return the haversine distance (Sinnott 1984): 2r atan2(√a, √(1 − a))."""
    (lat1, lon1), (lat2, lon2) = one, other
    rise, run = (f"sin({radians(f'({b} - {a})')} / 2)" for a, b in ((lat1, lat2), (lon1, lon2)))
    part = f"least(pow({rise}, 2) + cos({radians(lat1)}) * cos({radians(lat2)}) * pow({run}, 2), 1.0)"
    return f"{2 * radius!r} * atan2(sqrt({part}), sqrt(1 - {part}))"


def earthly(places: Sequence[Place], made: str) -> str:
    """Return an expression that is missing where a place is none: a latitude beyond 90°, a longitude beyond 360°."""
    known = " AND ".join(f"abs({lat}) <= 90 AND abs({lon}) <= 360" for lat, lon in places)
    return f"CASE WHEN {known} THEN {made} END"
