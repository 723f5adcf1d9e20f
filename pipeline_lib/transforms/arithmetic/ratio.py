"""Ratio: one column divided by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class Ratio(NativeTransformer):
    """Divide the first of two columns by the second: `p[["price", "nights"]] >>= Ratio("price_per_night")`.

    Missing where one of them is, and where the second is 0. The reference is numpy.divide.

    Args:
        name: Of the new column.

    >>> import polars as pl
    >>> Ratio("r").transform(pl.DataFrame({"a": [6.0, 1.0], "b": [3.0, 0.0]}))["r"].to_list()
    [2.0, None]

    Raises:
        DataError: at fit, other than two columns.
    """

    name: str = "ratio"

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the new column's name."""
        if len(inputs) != 2:
            raise DataError(f"a Ratio is given {len(inputs)} columns.", cure="Expected two: p[['a', 'b']].")
        return (self.name,)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Divide."""
        return [{"op": "combine", "inputs": [*inputs], "output": outputs[0], "combination": "divide"}]
