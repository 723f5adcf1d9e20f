"""BackwardDifferenceEncoder: each category is compared with the one before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.transforms.categories.contrast_encoder import ContrastEncoder, Matrix


@dataclass(eq=False)
class BackwardDifferenceEncoder(ContrastEncoder):
    """Compare each category but the first with the one before it: a weight is that difference.

    Outputs are `column_0` to `column_{k − 2}` of k sorted categories; missing and never-seen values become 0 in
    all. The reference is the definition: what a linear model with an intercept learns of the means.

    >>> import polars as pl
    >>> step = BackwardDifferenceEncoder()
    >>> step.fit(pl.DataFrame({"c": ["AA", "UA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA"]})).rows()
    [(-0.5,), (0.5,)]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    def contrasts(self, count: int) -> Matrix:
        """Return (i + 1 − k) / k to row i, and (i + 1) / k after it."""
        place = np.arange(count)[:, None]
        after = np.arange(1, count)
        return np.where(place < after, (after - count) / count, after / count)
