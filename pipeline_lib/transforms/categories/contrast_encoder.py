"""ContrastEncoder: base of encoders by which a linear model compares categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats, Groups

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


@dataclass(eq=False)
class ContrastEncoder(CategoryNumbers):
    """Make of each of k sorted categories its row of a matrix of k − 1 contrasts; missing and never-seen get zeros.

    There is no column of ones: a linear model has its own intercept.
    """

    missing_counts = False
    several = True

    def contrasts(self, count: int) -> Matrix:
        """Return a row for each of `count` categories, a column for each contrast."""
        raise NotImplementedError(f"{type(self).__name__} does not say its contrasts")

    def encode(self, groups: Groups) -> tuple[Sequence[Floats], Sequence[float]]:
        """Take the columns of the matrix."""
        made = [*self.contrasts(len(groups.categories)).T] if groups.categories else []
        return made, [0.0] * len(made)
