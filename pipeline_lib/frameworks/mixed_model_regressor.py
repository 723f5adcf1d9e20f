"""MixedModelRegressor: a linear or Poisson model with effects of each entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.mixed_model import MixedModel
from bighead.pipeline_lib.frameworks.penalized_quasi_likelihood import Array, Family


@dataclass(eq=False)
class MixedModelRegressor(MixedModel):
    """A generalised linear mixed model of numbers: link(mean) = bias + Σ weight · x + the entity's own effects.

    Normal labels are fitted by maximum likelihood, the effects are best linear unbiased predictions (BLUP); counts by
    penalised quasi-likelihood. Other arguments: see MixedModel.

    Args:
        family: `gaussian` with the identity as link, or `poisson` with the logarithm.

    >>> frame = pl.DataFrame({"host": ["a", "b", "c"] * 30, "x": [float(n % 7) for n in range(90)]})
    >>> model = MixedModelRegressor("host")
    >>> model.fit(frame, frame["x"] * 2 + pl.Series([-5.0, 0.0, 5.0] * 30) + pl.Series([0.1, -0.1] * 45))
    >>> model.transform(pl.DataFrame({"host": ["a", "new", "c"], "x": [1.0] * 3}))["prediction"].round(1).to_list()
    [-3.0, 2.0, 7.0]

    Raises:
        DefinitionError: an argument that cannot be.
        UnknownNameError: another family.
        DataError: at fit, labels that are no numbers, negative counts, missing or infinite values.
    """

    classifies = False
    family: Literal["gaussian", "poisson"] = "gaussian"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.family not in ("gaussian", "poisson"):
            raise UnknownNameError("family", self.family, ("gaussian", "poisson"))

    def label_family(self) -> Family:
        """Return the family that was asked for."""
        return self.family

    def targets(self, labels: pl.Series) -> Array:
        """Return numbers."""
        found = label_codes.numbers(labels)
        if self.family == "poisson" and (found < 0).any():
            raise DataError("some labels are negative.", cure='Counts are from 0; take family="gaussian".')
        return found

    def mean(self, margin: Array) -> Array:
        """Return means."""
        if self.family == "gaussian":
            return margin
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(margin))
