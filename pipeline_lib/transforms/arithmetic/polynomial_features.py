"""PolynomialFeatures: columns, and products of them up to a degree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, combinations_with_replacement

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class PolynomialFeatures(NativeTransformer):
    """Answer every product of one to `degree` columns, named as `a`, `a^2`, `a b`, as scikit-learn names them.

    Missing where one of the columns is. The reference is scikit-learn's PolynomialFeatures(include_bias=False).

    Args:
        degree: The most columns of a product.
        interaction_only: Whether a column comes at most once in a product.

    >>> import polars as pl
    >>> PolynomialFeatures().transform(pl.DataFrame({"a": [2.0], "b": [3.0]})).to_dicts()
    [{'a': 2.0, 'b': 3.0, 'a^2': 4.0, 'a b': 6.0, 'b^2': 9.0}]

    Raises:
        DefinitionError: a degree below 1.
    """

    degree: int = 2
    interaction_only: bool = False

    def __post_init__(self) -> None:
        if self.degree < 1:
            raise DefinitionError(f"degree={self.degree}.", cure="Expected 1 or more.")

    def products(self, inputs: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the columns of each product."""
        pick = combinations if self.interaction_only else combinations_with_replacement
        return list(chain.from_iterable(pick(inputs, count) for count in range(1, self.degree + 1)))

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return a name for each product."""
        return tuple(" ".join(map(_power, Counter(each).items())) for each in self.products(inputs))

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the columns of each product."""
        made = dict(zip(self.names(inputs), self.products(inputs), strict=True))
        return {name: tuple(dict.fromkeys(made[name])) for name in outputs}

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Multiply."""
        told = zip(self.products(inputs), outputs, strict=True)
        return [
            {"op": "combine", "inputs": [*columns], "output": output, "combination": "product"}
            for columns, output in told
        ]


def _power(part: tuple[str, int]) -> str:
    column, count = part
    return column if count == 1 else f"{column}^{count}"
