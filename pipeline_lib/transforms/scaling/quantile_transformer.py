"""QuantileTransformer: a value becomes the share of training values below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep
from bighead.pipeline_lib.transforms.numbers_of import numbers_of


@dataclass(eq=False)
class QuantileTransformer(ColumnTransformer):
    """Answer shares from 0 to 1, on lines between quantiles of the training values; beyond them 0 and 1.

    Missing stays missing. The reference is scikit-learn's QuantileTransformer with `output_distribution="uniform"` and
    all rows; where quantiles coincide, both answer the middle of their shares.

    Args:
        quantiles: How many are learnt, at most one a row.

    >>> step = QuantileTransformer()
    >>> step.fit(pl.DataFrame({"n": [0.0, 10.0, 20.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [-5.0, 5.0, 20.0, None]}))["n"].to_list()
    [0.0, 0.25, 1.0, None]

    Raises:
        DefinitionError: fewer than two quantiles.
        DataError: at fit, a column without a number, or with an infinite one.
    """

    quantiles: int = 1000

    def __post_init__(self) -> None:
        if self.quantiles < 2:
            raise DefinitionError(f"quantiles={self.quantiles}.", cure="Expected two or more.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the quantiles and the shares that they stand for."""
        numbers = numbers_of(series)
        shares = np.linspace(0, 1, min(self.quantiles, len(series)))
        # By percentiles, since these round as scikit-learn's do.
        found = np.maximum.accumulate(np.percentile(numbers, shares * 100))
        points, first, counts = np.unique(found, return_index=True, return_counts=True)
        below, above = shares[first], shares[first + counts - 1]
        at = (below + above) / 2
        at[-1], at[0] = 1.0, 0.0
        # Where quantiles coincide the shares jump: to the middle at the value itself, and to the last right after it.
        steps = [np.nextafter(points, -np.inf), points, np.nextafter(points, np.inf)]
        jumps = np.array([counts > 1, counts > 0, counts > 1])
        jumps[0, 0], jumps[2, -1] = False, len(points) == 1
        # Quantiles that differ by rounding only leave no room for a jump between them.
        jumps[2, :-1] &= steps[2][:-1] < points[1:]
        jumps[0, 1:] &= steps[0][1:] > np.where(jumps[2, :-1], steps[2][:-1], points[:-1])
        known = jumps.T.ravel()
        return {
            "points": np.array(steps).T.ravel()[known].tolist(),
            "shares": np.array([below, at, above]).T.ravel()[known].tolist(),
        }

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Look up the share."""
        return [mapped(read, write, "interpolate", **{"from": learnt["points"], "to": learnt["shares"]})]
