"""MissingIndicator: a column that says where another is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.pipeline.native import NativeTransformer, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class MissingIndicator(NativeTransformer):
    """Answer `<name> is missing`, 1 or 0, for each column; put it on a branch of its own, beside what fills them.

    The reference is scikit-learn's MissingIndicator(features="all").

    >>> import polars as pl
    >>> MissingIndicator().transform(pl.DataFrame({"n": [1.0, None]})).to_dicts()
    [{'n is missing': 0.0}, {'n is missing': 1.0}]
    """

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return a name for each column."""
        return tuple(f"{name} is missing" for name in inputs)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that each is made of its column."""
        return {f"{name} is missing": (name,) for name in inputs if f"{name} is missing" in outputs}

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Look whether a value is there."""
        return [mapped(read, write, "is_missing") for read, write in zip(inputs, outputs, strict=True)]
