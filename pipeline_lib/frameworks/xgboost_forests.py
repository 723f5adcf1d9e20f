"""XGBoost's random forests: one round of many trees, each grown on other rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.frameworks.xgboost_classifier import XGBClassifier
from bighead.pipeline_lib.frameworks.xgboost_regressor import XGBRegressor


@dataclass(eq=False)
class XGBRFClassifier(XGBClassifier):
    """A random forest of `n_estimators` trees for two classes or more, as XGBoost's own of that name."""

    learning_rate: float = 1.0
    subsample: float = 0.8
    colsample_bynode: float = 0.8
    reg_lambda: float = 1e-5

    def rounds(self) -> tuple[int, int]:
        """Return one round of all trees."""
        return 1, self.n_estimators


@dataclass(eq=False)
class XGBRFRegressor(XGBRegressor):
    """A random forest of `n_estimators` trees for numbers, as XGBoost's own of that name."""

    learning_rate: float = 1.0
    subsample: float = 0.8
    colsample_bynode: float = 0.8
    reg_lambda: float = 1e-5

    def rounds(self) -> tuple[int, int]:
        """Return one round of all trees."""
        return 1, self.n_estimators
