"""Keep: columns go on as they are, for models that take missing values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.pipeline.native import passed
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, PlanStep, State, Transformer


@dataclass(eq=False)
class Keep(Transformer):
    """Pass numbers on unchanged; truth values and integers become floats. `p[columns] >>= []` does the same.

    The reference is polars.DataFrame.cast.

    >>> Keep().transform(pl.DataFrame({"n": [1, None]}))["n"].to_list()
    [1.0, None]
    """

    takes = NUMBERS
    cure = "Encode strings, as p[columns] >>= OneHotLabelEncoder()."

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the columns as float64."""
        return frame.cast(pl.Float64)

    def state(self) -> State:
        """There is nothing to learn."""
        return {}

    def restore(self, state: State) -> None:
        """There is nothing to take up."""

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Cast each column."""
        return [passed(read, write) for read, write in zip(inputs, outputs, strict=True)]
