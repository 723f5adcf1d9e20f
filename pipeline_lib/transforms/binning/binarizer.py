"""Binarizer: whether a number is above a threshold."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class Binarizer(ColumnTransformer):
    """Answer 1 where a number is above the threshold, else 0. Missing stays missing.

    The reference is scikit-learn's Binarizer, which refuses missing values.

    Args:
        threshold: What a number must be above.

    >>> import polars as pl
    >>> Binarizer(2.0).transform(pl.DataFrame({"n": [2.0, 2.5, None]}))["n"].to_list()
    [0.0, 1.0, None]
    """

    threshold: float = 0.0

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Compare."""
        return [mapped(read, write, "above", threshold=self.threshold)]
