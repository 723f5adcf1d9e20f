"""WOEEncoder: a category becomes the weight of its evidence for one of two classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import Floats, Groups
from bighead.pipeline_lib.transforms.categories.cross_fitting import CrossFitted


@dataclass(eq=False)
class WOEEncoder(CrossFitted):
    """Make of each category ln(((p + r) / (P + 2r)) / ((n + r) / (N + 2r))); `fit_transform` cross-fits.

    Of its rows p are of the greater class and n of the other; of all rows P and N; r is the regularisation.
    A never-seen category becomes 0, no evidence; missing is a category of its own where training had one. The
    reference is the formula; it is category_encoders', without its rule that a category of one row becomes 0.

    Args:
        regularization: r, above 0.
        folds: Into how many parts `fit_transform` divides the rows, by row number.

    >>> import polars as pl
    >>> step, carriers = WOEEncoder(), pl.DataFrame({"c": ["AA", "UA", "UA", "UA"]})
    >>> step.fit(carriers, pl.Series(["no", "yes", "yes", "no"]))
    >>> step.transform(pl.DataFrame({"c": ["AA", "UA", "XX"]}))["c"].round(3).to_list()
    [-0.693, 0.405, 0.0]

    Raises:
        DefinitionError: a regularisation that is not above 0, or fewer than 2 folds.
        DataError: at fit, no labels, missing ones, or other than two classes; a column with infinite numbers.
    """

    two_classes = True
    regularization: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.regularization) and self.regularization > 0):
            raise DefinitionError(f"regularization={self.regularization}.", cure="Expected a number above 0.")

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Weigh the evidence of each category."""
        r, greater = self.regularization, groups.sums(groups.labels)
        other = groups.counts - greater
        share = (greater + r) / (greater.sum() + 2 * r)
        return [np.log(share / ((other + r) / (other.sum() + 2 * r)))], [0.0]
