"""Bearing: in which direction one place of a row lies from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS
from bighead.pipeline_lib.transforms.geo.places import earthly, places_of, radians


@dataclass(eq=False)
class Bearing(ExpressedTransformer):
    """Answer the initial bearing from the first place to the second: degrees from north, clockwise, from 0 up to 360.

    Missing where a coordinate is, or is none. The reference is the formula of great-circle navigation,
    atan2(sin Δλ cos φ₂, cos φ₁ sin φ₂ − sin φ₁ cos φ₂ cos Δλ), in NumPy.

    Args:
        name: Of the new column.

    >>> import polars as pl
    >>> Bearing().transform(pl.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0], "d": [90.0]}))["bearing"].to_list()
    [90.0]

    Raises:
        DataError: other than four columns.
    """

    takes = NUMBERS
    cure = "Give latitudes and longitudes in degrees."
    name: str = "bearing"

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Take the direction in which the great circle starts."""
        (lat1, lon1), (lat2, lon2) = places = places_of("Bearing", inputs, 2)
        one, other, turn = radians(lat1), radians(lat2), radians(f"({lon2} - {lon1})")
        east = f"sin({turn}) * cos({other})"
        north = f"cos({one}) * sin({other}) - sin({one}) * cos({other}) * cos({turn})"
        return {self.name: earthly(places, f"(atan2({east}, {north}) * {180 / pi!r} + 360.0) % 360.0")}
