"""MathFeatures: sums, means and the like of several columns, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep

FUNCTIONS = ("sum", "mean", "min", "max", "std", "product")


@dataclass(eq=False)
class MathFeatures(NativeTransformer):
    """Answer a column `<function>_<name>` for each function of the numbers of a row.

    Of sum, mean, min, max and std (of the population) what is missing is left out; a product needs all. The reference
    is feature_engine's MathFeatures, whose std is of a sample.

    Args:
        functions: Of `sum`, `mean`, `min`, `max`, `std` and `product`, at least one.
        name: What the columns are called together.

    >>> import polars as pl
    >>> made = MathFeatures(["sum", "product"], "rooms").transform(pl.DataFrame({"a": [2.0, None], "b": [3.0, 1.0]}))
    >>> made.to_dicts()
    [{'sum_rooms': 5.0, 'product_rooms': 6.0}, {'sum_rooms': 1.0, 'product_rooms': None}]

    Raises:
        DefinitionError: no function, or one twice.
        UnknownNameError: another function.
    """

    functions: Sequence[str] = ("sum", "mean", "min", "max")
    name: str = "row"

    def __post_init__(self) -> None:
        self.functions = list(self.functions)
        for each in self.functions:
            if each not in FUNCTIONS:
                raise UnknownNameError("function of several numbers", each, FUNCTIONS)
        if not self.functions or len({*self.functions}) < len(self.functions):
            raise DefinitionError(f"functions={self.functions}.", cure="Expected each once, at least one.")

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return a name for each function."""
        return tuple(f"{function}_{self.name}" for function in self.functions)

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Combine all columns by each function."""
        return [
            {"op": "combine", "inputs": [*inputs], "output": output, "combination": function}
            for function, output in zip(self.functions, outputs, strict=True)
        ]
