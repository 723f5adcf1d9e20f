"""Step 4 of 9, fit: places, distances and directions."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.geo.bearing import Bearing
from bighead.pipeline_lib.transforms.geo.distance_to_poi import DistanceToPOI
from bighead.pipeline_lib.transforms.geo.grid_cell import GridCell
from bighead.pipeline_lib.transforms.geo.haversine import Haversine
from bighead.pipeline_lib.transforms.geo.point_in_box import PointInBox

TRANSFORMS: tuple[type[Transformer], ...] = (
    Bearing,
    DistanceToPOI,
    GridCell,
    Haversine,
    PointInBox,
)

__all__ = ["TRANSFORMS", "Bearing", "DistanceToPOI", "GridCell", "Haversine", "PointInBox"]
