"""QuantileEncoder: a category becomes a quantile of its labels, drawn towards that of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import CrossFitted


@dataclass(eq=False)
class QuantileEncoder(CrossFitted):
    """Make of each category (n · its quantile + m · the quantile of all) / (n + m); `fit_transform` cross-fits.

    n is the number of its rows; quantiles are interpolated linearly. A never-seen category becomes the quantile of
    all labels; missing is a category of its own where training had one. The reference is numpy.quantile and the
    formula (Mougan et al. 2021).

    Args:
        quantile: From 0 to 1.
        m: How many labels the quantile of all counts as.
        folds: Into how many parts `fit_transform` divides the rows, by row number.

    >>> import polars as pl
    >>> step, carriers = QuantileEncoder(m=2.0), pl.DataFrame({"c": ["AA", "UA", "UA"]})
    >>> step.fit(carriers, pl.Series([0.0, 1.0, 2.0]))
    >>> step.transform(pl.DataFrame({"c": ["UA", "XX"]}))["c"].to_list()
    [1.25, 1.0]

    Raises:
        DefinitionError: a quantile not from 0 to 1, an m below 0, or fewer than 2 folds.
        DataError: at fit, no labels, missing or infinite ones, or texts of other than two classes; a column
            with infinite numbers.
    """

    quantile: float = 0.5
    m: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.quantile <= 1:
            raise DefinitionError(f"quantile={self.quantile}.", cure="Expected a number from 0 to 1.")
        if not (math.isfinite(self.m) and self.m >= 0):
            raise DefinitionError(f"m={self.m}.", cure="Expected a number from 0.")

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Draw the quantile of each category towards that of all."""
        counts, prior = groups.counts, float(np.quantile(groups.labels, self.quantile))
        ordered = groups.labels[np.lexsort((groups.labels, groups.places))]
        first, steps = (np.cumsum(counts) - counts).astype(np.int64), (counts - 1) * self.quantile
        lower, upper = (
            ordered[first + np.floor(steps).astype(int)],
            ordered[first + np.ceil(steps).astype(int)],
        )
        found = lower + (upper - lower) * (steps - np.floor(steps))
        return [(counts * found + self.m * prior) / (counts + self.m)], [prior]
