"""DistanceToPOI: how far it is to points of interest, and to the nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS
from bighead.pipeline_lib.transforms.geo.places import RADIUS, check_unit, earthly, great_circle, places_of


@dataclass(eq=False)
class DistanceToPOI(ExpressedTransformer):
    """Answer `distance_to_<name>` for each point of interest, and `distance_to_nearest`.

    Missing where a coordinate is, or is none. The reference is scikit-learn's haversine_distances.

    Args:
        points: Latitude and longitude in degrees by name.
        unit: km, m, mile or nautical_mile.

    >>> import polars as pl
    >>> step = DistanceToPOI({"JFK": [40.64, -73.78], "LHR": [51.47, -0.45]})
    >>> step.transform(pl.DataFrame({"lat": [40.64], "lon": [-73.78]}))["distance_to_nearest"].to_list()
    [0.0]

    Raises:
        DefinitionError: no points, or one that is none; a unit that there is not.
        DataError: other than two columns.
    """

    takes = NUMBERS
    cure = "Give latitudes and longitudes in degrees."
    points: dict[str, list[float]] = field(default_factory=dict)
    unit: str = "km"

    def __post_init__(self) -> None:
        check_unit(self.unit)
        odd = [n for n, p in self.points.items() if len(p) != 2 or abs(p[0]) > 90 or abs(p[1]) > 360]
        if odd or not self.points:
            raise DefinitionError(
                f"points hold {odd}." if odd else "there are no points.",
                cure='Expected {"JFK": [40.64, -73.78]}, latitude first.',
            )

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Measure to each point, and take the least."""
        places = places_of("DistanceToPOI", inputs, 1)
        there = {name: (f"({lat!r})", f"({lon!r})") for name, (lat, lon) in self.points.items()}
        far = {name: great_circle(places[0], place, RADIUS[self.unit]) for name, place in there.items()}
        nearest = f"least({', '.join(far.values())})" if len(far) > 1 else next(iter(far.values()))
        made = {f"distance_to_{name}": earthly(places, each) for name, each in far.items()}
        return made | {"distance_to_nearest": earthly(places, nearest)}
