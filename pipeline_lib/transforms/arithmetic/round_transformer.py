"""RoundTransformer: numbers become whole ones, or whole multiples of a step."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep

DIRECTIONS = {"nearest": "round", "down": "floor", "up": "ceil"}


@dataclass(eq=False)
class RoundTransformer(ColumnTransformer):
    """Answer the multiple of `step` that is nearest (halves to the even one), below or above. Missing stays missing.

    The reference is numpy.round, numpy.floor or numpy.ceil of x / step, times step.

    Args:
        step: Between two answers.
        direction: `nearest`, `down` or `up`.

    >>> import polars as pl
    >>> RoundTransformer(step=5.0, direction="down").transform(pl.DataFrame({"n": [12.0, -1.0]}))["n"].to_list()
    [10.0, -5.0]

    Raises:
        DefinitionError: a step that is not above 0.
        UnknownNameError: another direction.
    """

    step: float = 1.0
    direction: str = "nearest"

    def __post_init__(self) -> None:
        if not 0 < self.step < float("inf"):
            raise DefinitionError(f"step={self.step}.", cure="Expected a number above 0.")
        if self.direction not in DIRECTIONS:
            raise UnknownNameError("direction of rounding", self.direction, DIRECTIONS)

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Count steps, round their number, and take as many."""
        if self.step == 1.0:
            return [mapped(read, write, DIRECTIONS[self.direction])]
        count, whole = f"{write} count", f"{write} whole"
        return [
            scaled(read, count, 0.0, self.step),
            mapped(count, whole, DIRECTIONS[self.direction]),
            {"op": "linear", "inputs": [whole], "output": write, "weights": [self.step], "bias": 0.0},
        ]
