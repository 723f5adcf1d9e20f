"""XGBRegressor: boosted trees that answer a number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel

OBJECTIVES = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:quantileerror",
    "reg:pseudohubererror",
    "reg:logistic",
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
    "binary:logitraw",
    "binary:hinge",
)


@dataclass(eq=False)
class XGBRegressor(XGBModel):
    """Boosted trees for numbers; answers `prediction`.

    Args:
        tweedie_variance_power: Between 1 and 2, of `reg:tweedie`.
        huber_slope: Where `reg:pseudohubererror` turns straight.
        quantile_alpha: Which quantile `reg:quantileerror` answers.

    Raises:
        UnknownNameError: an objective that answers no number.
    """

    objective: str = "reg:squarederror"
    tweedie_variance_power: float | None = None
    huber_slope: float | None = None
    quantile_alpha: float | None = None

    classifies = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective of a regressor", self.objective, OBJECTIVES)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn numbers."""
        assert labels is not None
        self._train(frame, label_codes.numbers(labels), None)
