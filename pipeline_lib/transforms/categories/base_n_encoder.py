"""BaseNEncoder: a category becomes the digits of its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats, Groups


@dataclass(eq=False)
class BaseNEncoder(CategoryNumbers):
    """Make of each category its place among the sorted ones, from 1, as digits in a base: `column_0` is the first.

    Missing and never-seen values become 0 in every digit; there are as many digits as the last place needs. The
    reference is numpy.base_repr.

    Args:
        base: 2 or more.

    >>> import polars as pl
    >>> step = BaseNEncoder(base=3)
    >>> step.fit(pl.DataFrame({"c": ["AA", "DL", "UA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]})).rows()
    [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)]

    Raises:
        DefinitionError: a base below 2.
        DataError: at fit, a column with infinite numbers.
    """

    missing_counts = False
    several = True
    base: int = 3

    def __post_init__(self) -> None:
        if self.base < 2:
            raise DefinitionError(f"base={self.base}.", cure="Expected 2 or more.")

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Divide each place into digits."""
        made = digits(len(groups.categories), self.base)
        return made, [0.0] * len(made)


def digits(count: int, base: int) -> list[Floats]:
    """Return the digits of 1 to `count`, the first digit of all first.

    >>> [digit.tolist() for digit in digits(3, 2)]
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]]
    """
    rest = np.arange(1, count + 1)
    found: list[Floats] = []
    while rest.any():
        found.insert(0, (rest % base).astype(np.float64))
        rest = rest // base
    return found
