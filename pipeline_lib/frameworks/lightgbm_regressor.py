"""LGBMRegressor: LightGBM's boosted trees that answer a number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.lightgbm_model import LGBMModel

OBJECTIVES = (
    "regression",
    "regression_l1",
    "huber",
    "fair",
    "quantile",
    "mape",
    "poisson",
    "gamma",
    "tweedie",
    "cross_entropy",
)


@dataclass(eq=False)
class LGBMRegressor(LGBMModel):
    """Boosted trees for numbers; answers `prediction`.

    Args:
        alpha: Which quantile `quantile` answers; where `huber` turns straight.
        tweedie_variance_power: Between 1 and 2, of `tweedie`.

    Raises:
        UnknownNameError: an objective that answers no number.
    """

    objective: str = "regression"
    alpha: float | None = None
    tweedie_variance_power: float | None = None

    classifies = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective of a regressor", self.objective, OBJECTIVES)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn numbers."""
        assert labels is not None
        self._train(frame, label_codes.numbers(labels), None)
