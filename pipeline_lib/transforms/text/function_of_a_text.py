"""FunctionOfAText: base of steps that make a text of each text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from bighead_kernels import TextFunction

from bighead.pipeline_lib.pipeline.transformer import PlanStep, arrow_column
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer, texts


@dataclass(eq=False)
class FunctionOfAText(TextTransformer):
    """Base of steps that make a text of each text, in the order they came; a missing one stays missing.

    A subclass says in `function` what the kernel is told of it.
    """

    def function(self) -> dict[str, Any]:
        """Return the function as the kernel reads it."""
        raise NotImplementedError(f"{type(self).__name__} does not say its function")

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the function for each column."""
        function = self.function()
        return [
            {"op": "text", "input": read, "output": write, "function": function}
            for read, write in zip(inputs, outputs, strict=True)
        ]

    @cached_property
    def _native(self) -> TextFunction:
        return TextFunction.from_spec(json.dumps(self.function()))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Apply the function to each text."""
        return pl.DataFrame(
            [arrow_column(series.name, self._native.apply(series)) for series in texts(frame)]
        )
