"""Haversine: how far it is between two places of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS
from bighead.pipeline_lib.transforms.geo.places import RADIUS, check_unit, earthly, great_circle, places_of


@dataclass(eq=False)
class Haversine(ExpressedTransformer):
    """Answer the great-circle distance of two places: `p[["lat1", "lon1", "lat2", "lon2"]] >>= Haversine("trip")`.

    Degrees in; the earth is a sphere of its mean radius. Missing where a coordinate is, or is none.
    The reference is scikit-learn's haversine_distances.

    Args:
        name: Of the new column.
        unit: km, m, mile or nautical_mile.

    >>> import polars as pl
    >>> legs = pl.DataFrame({"a": [40.6], "b": [-73.8], "c": [51.5], "d": [-0.5]})
    >>> round(Haversine().transform(legs)["distance"][0])
    5540

    Raises:
        DefinitionError: a unit that there is not.
        DataError: other than four columns.
    """

    takes = NUMBERS
    cure = "Give latitudes and longitudes in degrees."
    name: str = "distance"
    unit: str = "km"

    def __post_init__(self) -> None:
        check_unit(self.unit)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Measure along the great circle."""
        one, other = places = places_of("Haversine", inputs, 2)
        return {self.name: earthly(places, great_circle(one, other, RADIUS[self.unit]))}
