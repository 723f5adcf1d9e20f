"""CyclicalEncoder: a number that comes round becomes a point on a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import NativeTransformer, mapped, scaled
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class CyclicalEncoder(NativeTransformer):
    """Answer `<name>_sin` and `<name>_cos` of 2πx / period, so that 23 o'clock is as near to 0 as 1 o'clock is.

    Missing stays missing. The reference is numpy.sin and numpy.cos.

    Args:
        period: After how much a number comes round: 24 for hours, 7 for days of the week.

    >>> import polars as pl
    >>> CyclicalEncoder(24.0).transform(pl.DataFrame({"hour": [0.0, None]})).to_dicts()
    [{'hour_sin': 0.0, 'hour_cos': 1.0}, {'hour_sin': None, 'hour_cos': None}]

    Raises:
        DefinitionError: a period that is not above 0.
    """

    period: float

    def __post_init__(self) -> None:
        if not 0 < self.period < float("inf"):
            raise DefinitionError(
                f"period={self.period}.", cure="Expected a number above 0, as 24 for hours."
            )

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return two names for each column."""
        return tuple(f"{name}_{part}" for name in inputs for part in ("sin", "cos"))

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that both are made of their column."""
        made = {f"{name}_{part}": (name,) for name in inputs for part in ("sin", "cos")}
        return {name: made[name] for name in outputs}

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Turn into an angle, and take its sine and cosine."""
        steps = []
        for place, read in enumerate(inputs):
            sine, cosine = outputs[2 * place : 2 * place + 2]
            angle = f"{sine} angle"
            steps += [scaled(read, angle, 0.0, self.period / (2 * pi))]
            steps += [mapped(angle, sine, "sin"), mapped(angle, cosine, "cos")]
        return steps
