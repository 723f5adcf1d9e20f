"""Clipper: what lies beyond two bounds becomes the bound."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class Clipper(ColumnTransformer):
    """Make what is below `low` `low`, and what is above `high` `high`; infinite values too. Missing stays missing.

    The reference is numpy.clip.

    >>> import polars as pl
    >>> Clipper(low=0.0).transform(pl.DataFrame({"n": [-1.0, 2.0, None]}))["n"].to_list()
    [0.0, 2.0, None]

    Raises:
        DefinitionError: no bound, or `low` above `high`.
    """

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise DefinitionError("a Clipper has no bound.", cure="Give low=…, high=… or both.")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DefinitionError(f"low={self.low}, high={self.high}.", cure="Expected low ≤ high.")

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Clip."""
        return [mapped(read, write, "clip", low=self.low, high=self.high)]
