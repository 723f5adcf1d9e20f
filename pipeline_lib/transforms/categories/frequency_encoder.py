"""FrequencyEncoder: a category becomes its share of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats, Groups


@dataclass(eq=False)
class FrequencyEncoder(CategoryNumbers):
    """Make of each category its number of training rows divided by that of all; of what was never seen 0.

    Missing is counted like a category. The reference is the count of collections.Counter by the number of rows.

    >>> import polars as pl
    >>> step = FrequencyEncoder()
    >>> step.fit(pl.DataFrame({"c": ["UA", "AA", "UA", None]}), None)
    >>> step.transform(pl.DataFrame({"c": ["UA", "XX", None]}))["c"].to_list()
    [0.5, 0.0, 0.25]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Count, and divide by the number of rows."""
        return [groups.counts / max(len(groups.places), 1)], [0.0]
