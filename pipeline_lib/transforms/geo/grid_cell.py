"""GridCell: places as cells of a grid of degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer
from bighead.pipeline_lib.pipeline.transformer import NUMBERS
from bighead.pipeline_lib.transforms.geo.places import earthly, places_of


@dataclass(eq=False)
class GridCell(ExpressedTransformer):
    """Answer the cell of a place as a text `row:column`, a category for an encoder: `p[["lat", "lon"]] >>= GridCell()`.

    Missing where a coordinate is, or is none. The reference is numpy.floor.

    Args:
        name: Of the new column.
        size: Of a cell, in degrees.

    >>> import polars as pl
    >>> GridCell(size=0.5).transform(pl.DataFrame({"lat": [40.6], "lon": [-73.8]}))["cell"].to_list()
    ['81:-148']

    Raises:
        DefinitionError: a size that is not above 0.
        DataError: other than two columns.
    """

    takes = NUMBERS
    cure = "Give latitudes and longitudes in degrees."
    name: str = "cell"
    size: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.size <= 360:
            raise DefinitionError(f"size={self.size}.", cure="Expected degrees above 0, up to 360.")

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Count cells from the equator and from Greenwich."""
        places = places_of("GridCell", inputs, 1)
        row, place = (f"CAST(CAST(floor({each} / {self.size!r}) AS BIGINT) AS TEXT)" for each in places[0])
        return {self.name: earthly(places, f"{row} || ':' || {place}")}
