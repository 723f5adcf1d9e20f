"""MEstimateEncoder: a category becomes the m-estimate of its labels' mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import CrossFitted


@dataclass(eq=False)
class MEstimateEncoder(CrossFitted):
    """Make of each category (sum of its labels + m · mean of all) / (its rows + m); `fit_transform` cross-fits.

    A never-seen category becomes the mean of all labels; missing is a category of its own where training had one.
    The reference is the formula: Micci-Barreca 2001 with the weight rows / (rows + m).

    Args:
        m: How many labels the mean of all counts as.
        folds: Into how many parts `fit_transform` divides the rows, by row number.

    >>> import polars as pl
    >>> step, carriers = MEstimateEncoder(m=1.0), pl.DataFrame({"c": ["AA", "UA", "UA"]})
    >>> step.fit(carriers, pl.Series([0.0, 1.0, 2.0]))
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]}))["c"].round(3).to_list()
    [0.5, 1.333, 1.0]

    Raises:
        DefinitionError: an m below 0, or fewer than 2 folds.
        DataError: at fit, no labels, missing or infinite ones, or texts of other than two classes; a column
            with infinite numbers.
    """

    m: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.m) and self.m >= 0):
            raise DefinitionError(f"m={self.m}.", cure="Expected a number from 0.")

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Add m labels of the mean of all to those of each category."""
        prior = float(groups.labels.mean())
        return [(groups.sums(groups.labels) + self.m * prior) / (groups.counts + self.m)], [prior]
