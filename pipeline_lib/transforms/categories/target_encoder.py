"""TargetEncoder: a category becomes the mean of its labels, drawn towards the mean of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import CrossFitted


@dataclass(eq=False)
class TargetEncoder(CrossFitted):
    """Make of each category the mean of its labels, drawn towards the mean of all; `fit_transform` cross-fits.

    A never-seen category becomes the mean of all labels; missing is a category of its own where training had one.
    The reference is scikit-learn's TargetEncoder, of a continuous or a binary target.

    Args:
        smooth: How many labels the mean of all counts as; "auto" weighs the variances (empirical Bayes).
        folds: Into how many parts `fit_transform` divides the rows, by row number.

    >>> import polars as pl
    >>> step, carriers = TargetEncoder(smooth=1.0), pl.DataFrame({"c": ["AA", "UA", "UA"]})
    >>> step.fit(carriers, pl.Series([0.0, 1.0, 2.0]))
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]}))["c"].round(3).to_list()
    [0.5, 1.333, 1.0]

    Raises:
        DefinitionError: a `smooth` that is neither "auto" nor a number from 0, or fewer than 2 folds.
        DataError: at fit, no labels, missing or infinite ones, or texts of other than two classes; a column
            with infinite numbers.
    """

    smooth: float | str = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        number = isinstance(self.smooth, int | float) and math.isfinite(self.smooth) and self.smooth >= 0
        if self.smooth != "auto" and not number:
            raise DefinitionError(f"smooth={self.smooth!r}.", cure='Expected "auto" or a number from 0.')

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Draw the mean of each category towards the mean of all."""
        labels, counts, sums = groups.labels, groups.counts, groups.sums(groups.labels)
        prior = float(labels.mean())
        if not isinstance(self.smooth, str):
            return [(sums + self.smooth * prior) / (counts + self.smooth)], [prior]
        means = sums / counts
        within = groups.sums((labels - means[groups.places]) ** 2) / counts
        between = labels.var() * counts
        weight = between / (between + within)
        return [np.where(np.isnan(weight), prior, weight * means + (1 - weight) * prior)], [prior]
