"""BinaryEncoder: a category becomes the bits of its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.transforms.categories.base_n_encoder import digits
from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats, Groups


@dataclass(eq=False)
class BinaryEncoder(CategoryNumbers):
    """Make of each category its place among the sorted ones, from 1, in base 2: `column_0` is the highest bit.

    Missing and never-seen values become 0 in every bit; there are as many bits as the last place needs. The
    reference is numpy.base_repr.

    >>> import polars as pl
    >>> step = BinaryEncoder()
    >>> step.fit(pl.DataFrame({"c": ["AA", "DL", "UA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]})).rows()
    [(0.0, 1.0), (1.0, 1.0), (0.0, 0.0)]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    missing_counts = False
    several = True

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Divide each place into bits."""
        made = digits(len(groups.categories), 2)
        return made, [0.0] * len(made)
