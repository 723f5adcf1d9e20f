"""SumEncoder: each category is compared with the mean of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.transforms.categories.contrast_encoder import ContrastEncoder, Matrix


@dataclass(eq=False)
class SumEncoder(ContrastEncoder):
    """Compare each category but the last with the mean of all categories' means: a weight is that difference.

    Outputs are `column_0` to `column_{k − 2}` of k sorted categories; missing and never-seen values become 0 in
    all. The reference is the definition: what a linear model with an intercept learns of the means.

    >>> import polars as pl
    >>> step = SumEncoder()
    >>> step.fit(pl.DataFrame({"c": ["AA", "DL", "UA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "DL", "UA"]})).rows()
    [(1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    def contrasts(self, count: int) -> Matrix:
        """Return the identity, and a last row of −1."""
        return np.vstack([np.eye(count - 1), np.full((1, count - 1), -1.0)])
