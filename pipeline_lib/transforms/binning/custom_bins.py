"""CustomBins: a number becomes the place of its bin between edges that the user gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class CustomBins(ColumnTransformer):
    """Answer how many edges are no greater than a number: 0 below the first. Missing stays missing.

    The reference is numpy.digitize; an edge belongs to the bin above it.

    Args:
        edges: They must grow.

    >>> import polars as pl
    >>> CustomBins([0.0, 18.0, 65.0]).transform(pl.DataFrame({"age": [17.9, 18.0, 70.0, None]}))["age"].to_list()
    [1.0, 2.0, 3.0, None]

    Raises:
        DefinitionError: no edges, or edges that do not grow.
    """

    edges: Sequence[float]

    def __post_init__(self) -> None:
        self.edges = [float(edge) for edge in self.edges]
        if not self.edges or any(
            not one < other for one, other in zip(self.edges, self.edges[1:], strict=False)
        ):
            raise DefinitionError(f"edges={self.edges}.", cure="Expected numbers that grow, at least one.")
        if any(edge != edge for edge in self.edges):
            raise DefinitionError(f"edges={self.edges}.", cure="Expected numbers; NaN is none.")

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Count edges."""
        return [mapped(read, write, "bin", edges=[*self.edges])]
