"""Difference: one column without another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class Difference(NativeTransformer):
    """Subtract the second of two columns from the first: `p[["landed", "planned"]] >>= Difference("delay")`.

    Missing where one of them is. The reference is numpy.subtract.

    Args:
        name: Of the new column.

    >>> import polars as pl
    >>> Difference("d").transform(pl.DataFrame({"a": [6.0, None], "b": [3.0, 1.0]}))["d"].to_list()
    [3.0, None]

    Raises:
        DataError: at fit, other than two columns.
    """

    name: str = "difference"

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the new column's name."""
        if len(inputs) != 2:
            raise DataError(
                f"a Difference is given {len(inputs)} columns.", cure="Expected two: p[['a', 'b']]."
            )
        return (self.name,)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Subtract."""
        return [{"op": "combine", "inputs": [*inputs], "output": outputs[0], "combination": "subtract"}]
