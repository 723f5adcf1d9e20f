"""CountEncoder: a category becomes how often it occurs in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats, Groups


@dataclass(eq=False)
class CountEncoder(CategoryNumbers):
    """Make of each category the number of its training rows; of what was never seen 0.

    Missing is counted like a category. The reference is collections.Counter.

    >>> import polars as pl
    >>> step = CountEncoder()
    >>> step.fit(pl.DataFrame({"c": ["UA", "AA", "UA", None]}), None)
    >>> step.transform(pl.DataFrame({"c": ["UA", "XX", None]}))["c"].to_list()
    [2.0, 0.0, 1.0]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Count."""
        return [groups.counts], [0.0]
