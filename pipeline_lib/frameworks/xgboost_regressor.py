"""XGBRegressor: boosted trees that answer a number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel

OBJECTIVES = (
    "reg:squarederror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:logistic",
    "count:poisson",
    "reg:gamma",
    "reg:tweedie",
)


@dataclass(eq=False)
class XGBRegressor(XGBModel):
    """Boosted trees for numbers; answers `prediction`.

    Raises:
        UnknownNameError: an objective that answers no number.
    """

    objective: str = "reg:squarederror"

    classifies = False

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective of a regressor", self.objective, OBJECTIVES)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn numbers."""
        assert labels is not None
        self._train(frame, label_codes.numbers(labels), None)
