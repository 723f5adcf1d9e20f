"""SplineTransformer: a number becomes the values of smooth bumps along its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms.wrapped import WrappedTransform

KNOTS = ("uniform", "quantile")
BEYOND = ("constant", "linear", "continue", "periodic")


@dataclass(eq=False)
class SplineTransformer(WrappedTransform):
    """Answer the B-splines of each column, so that a linear model can learn a curve: `n_sp_0`, `n_sp_1` and so on.

    A row with a missing number is answered with missing. The reference is scikit-learn's SplineTransformer, by which it
    is calculated, in Python.

    Args:
        knots: How many points the pieces meet in, 2 or more.
        degree: Of the pieces.
        placing: `uniform`, or `quantile` for as many training rows between each two.
        beyond: What comes before the first and behind the last knot: `constant`, `linear`, `continue` or `periodic`.

    >>> import polars as pl
    >>> step = SplineTransformer(knots=2, degree=1)
    >>> step.fit(pl.DataFrame({"n": [0.0, 1.0]}), None)
    >>> step.transform(pl.DataFrame({"n": [0.25]})).to_dicts()
    [{'n_sp_0': 0.75, 'n_sp_1': 0.25}]

    Raises:
        DefinitionError: fewer than two knots, or a degree below 0.
        UnknownNameError: another word for `placing` or `beyond`.
        DataError: at fit, missing or infinite values.
        MissingExtraError: scikit-learn is not installed.
    """

    knots: int = 5
    degree: int = 3
    placing: str = "uniform"
    beyond: str = "constant"

    def __post_init__(self) -> None:
        if self.knots < 2 or self.degree < 0:
            raise DefinitionError(
                f"knots={self.knots}, degree={self.degree}.",
                cure="Expected two knots or more, and no degree below 0.",
            )
        if self.placing not in KNOTS:
            raise UnknownNameError("placing of knots", self.placing, KNOTS)
        if self.beyond not in BEYOND:
            raise UnknownNameError("way beyond the knots", self.beyond, BEYOND)

    def wrapped(self) -> Any:
        """Return scikit-learn's SplineTransformer."""
        from sklearn.preprocessing import SplineTransformer as Wrapped

        return Wrapped(n_knots=self.knots, degree=self.degree, knots=self.placing, extrapolation=self.beyond)
