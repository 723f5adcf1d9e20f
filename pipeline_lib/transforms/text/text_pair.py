"""TextPair: base of steps that make one number of two texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
from bighead_kernels import TextComparison

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.transformer import PlanStep, arrow_column
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer, texts


@dataclass(eq=False)
class TextPair(TextTransformer):
    """Base of steps on two columns of texts; a subclass has a `name` for the new column, and says its `comparison`.

    Missing where one of the texts is.
    """

    name: str

    def comparison(self) -> dict[str, Any]:
        """Return the comparison as the kernel reads it."""
        raise NotImplementedError(f"{type(self).__name__} does not say its comparison")

    @cached_property
    def _native(self) -> TextComparison:
        return TextComparison.from_spec(json.dumps(self.comparison()))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Compare row by row."""
        if frame.width != 2:
            raise DataError(
                f"{type(self).__name__} is given {frame.width} columns.",
                cure="Expected two: p[['a', 'b']] >>= step.",
            )
        one, other = texts(frame)
        return pl.DataFrame([arrow_column(self.name, self._native.compare(one, other))])

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return the comparison."""
        one, other = inputs
        compared = {"one": one, "other": other, "output": outputs[0], "comparison": self.comparison()}
        return [{"op": "compare", **compared}]

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that the number is made of both."""
        return dict.fromkeys(outputs, tuple(inputs))
