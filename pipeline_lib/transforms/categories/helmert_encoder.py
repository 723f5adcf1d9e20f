"""HelmertEncoder: each category is compared with those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.transforms.categories.contrast_encoder import ContrastEncoder, Matrix


@dataclass(eq=False)
class HelmertEncoder(ContrastEncoder):
    """Compare each category but the first with the mean of those before it; a weight is that difference by i + 2.

    Outputs are `column_0` to `column_{k − 2}` of k sorted categories; missing and never-seen values become 0 in
    all. The reference is the definition: what a linear model with an intercept learns of the means.

    >>> import polars as pl
    >>> step = HelmertEncoder()
    >>> step.fit(pl.DataFrame({"c": ["AA", "DL", "UA"]}), None)
    >>> step.transform(pl.DataFrame({"c": ["AA", "DL", "UA"]})).rows()
    [(-1.0, -1.0), (1.0, -1.0), (0.0, 2.0)]

    Raises:
        DataError: at fit, a column with infinite numbers.
    """

    def contrasts(self, count: int) -> Matrix:
        """Return −1 above, and below it one row of i + 1."""
        place = np.arange(count)[:, None]
        after = np.arange(1, count)
        return np.where(place < after, -1.0, np.where(place == after, after, 0.0))
