"""PointInBox: whether a place lies within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS
from bighead.pipeline_lib.transforms.geo.places import earthly, places_of


@dataclass(eq=False)
class PointInBox(ExpressedTransformer):
    """Answer whether a place lies within bounds, edges included; `west` may be greater than `east` over the date line.

    Missing where a coordinate is, or is none. The reference is comparison in NumPy.

    Args:
        name: Of the new column.
        south, west, north, east: The bounds in degrees.

    >>> import polars as pl
    >>> step = PointInBox("in_new_york", south=40.5, west=-74.3, north=40.9, east=-73.7)
    >>> step.transform(pl.DataFrame({"lat": [40.6, 51.5], "lon": [-73.8, -0.5]}))["in_new_york"].to_list()
    [True, False]

    Raises:
        DefinitionError: a box that is upside down or no box.
        DataError: other than two columns.
    """

    takes = NUMBERS
    cure = "Give latitudes and longitudes in degrees."
    name: str = "in_box"
    south: float = -90.0
    west: float = -180.0
    north: float = 90.0
    east: float = 180.0

    def __post_init__(self) -> None:
        if not (
            -90 <= self.south <= self.north <= 90 and -360 <= self.west <= 360 and -360 <= self.east <= 360
        ):
            raise DefinitionError(
                f"south={self.south}, west={self.west}, north={self.north}, east={self.east}.",
                cure="Expected −90 ≤ south ≤ north ≤ 90, and longitudes from −360 to 360.",
            )

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Compare with each bound."""
        (lat, lon), *_ = places = places_of("PointInBox", inputs, 1)
        joined = "AND" if self.west <= self.east else "OR"
        across = f"({lon} >= {self.west!r} {joined} {lon} <= {self.east!r})"
        inside = f"{lat} >= {self.south!r} AND {lat} <= {self.north!r} AND {across}"
        return {self.name: earthly(places, inside)}
