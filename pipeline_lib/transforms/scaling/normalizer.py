"""Normalizer: the numbers of each row are divided by their norm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep

NORMS = ("l1", "l2", "max")


@dataclass(eq=False)
class Normalizer(NativeTransformer):
    """Divide the numbers of a row by their norm, so that it is 1; zeros stay zeros.

    Missing stays missing and is left out of the norm. The reference is scikit-learn's Normalizer.

    Args:
        norm: `l1`, the sum without signs; `l2`, the root of the sum of squares; `max`, the greatest without its sign.

    >>> import polars as pl
    >>> Normalizer().transform(pl.DataFrame({"a": [3.0], "b": [-4.0]})).row(0)
    (0.6, -0.8)

    Raises:
        UnknownNameError: another norm.
    """

    norm: str = "l2"

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise UnknownNameError("norm", self.norm, NORMS)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Divide all by the norm of all."""
        return [{"op": "normalize", "inputs": [*inputs], "outputs": [*outputs], "norm": self.norm}]
