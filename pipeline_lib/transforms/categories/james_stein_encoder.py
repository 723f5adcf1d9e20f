"""JamesSteinEncoder: a category becomes the James-Stein estimate of its labels' mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import CrossFitted


@dataclass(eq=False)
class JamesSteinEncoder(CrossFitted):
    """Make of each category (1 − B) · its mean + B · the mean of all; `fit_transform` cross-fits.

    Of k categories B is v / (v + V) · (k − 3) / (k − 1), at least 0, where v is the sample variance of the
    category's labels, 0 of one label, and V that of all. Where every row has a category of its own, all become the
    mean of all, as never-seen ones do; missing is a category of its own where training had one. The reference is
    the formula, which is that of category_encoders' "independent" model.

    Args:
        folds: Into how many parts `fit_transform` divides the rows, by row number.

    >>> import polars as pl
    >>> step, carriers = JamesSteinEncoder(), pl.DataFrame({"c": ["AA", "UA", "UA", "DL", "WN"]})
    >>> step.fit(carriers, pl.Series([0.0, 1.0, 2.0, 0.0, 0.0]))
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]}))["c"].round(3).to_list()
    [0.0, 1.385, 0.6]

    Raises:
        DefinitionError: fewer than 2 folds.
        DataError: at fit, no labels, missing or infinite ones, or texts of other than two classes; a column
            with infinite numbers.
    """

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Shrink the mean of each category by its variance."""
        labels, counts, prior = groups.labels, groups.counts, float(groups.labels.mean())
        if len(counts) == len(labels):
            return [np.full(len(counts), prior)], [prior]
        means = groups.sums(labels) / counts
        within = groups.sums((labels - means[groups.places]) ** 2) / np.maximum(counts - 1, 1)
        whole = within + labels.var(ddof=1)
        share = np.divide(within, whole, out=np.zeros_like(within), where=whole > 0)
        shrunk = share * max(len(counts) - 3, 0) / max(len(counts) - 1, 1)
        return [(1 - shrunk) * means + shrunk * prior], [prior]
