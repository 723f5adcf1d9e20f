"""XGBClassifier: boosted trees that answer probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.xgboost_model import XGBModel

OBJECTIVES = ("binary:logistic", "multi:softprob")


@dataclass(eq=False)
class XGBClassifier(XGBModel):
    """Boosted trees for two classes (`binary:logistic`) or more (`multi:softprob`).

    Raises:
        UnknownNameError: an objective that answers no probabilities.
        DefinitionError: no rounds.
    """

    objective: str = "binary:logistic"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective that answers probabilities", self.objective, OBJECTIVES)
        if self.n_estimators < 1:
            raise DefinitionError(
                f"n_estimators is {self.n_estimators}.", cure="Expected at least one round."
            )

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn classes from labels of any kind; the second of two is the one whose probability is answered."""
        assert labels is not None
        target, classes = label_codes.encode(labels)
        many = self.objective == "multi:softprob"
        if len(classes) > 2 and not many:
            raise DataError(
                f"there are {len(classes)} classes for {self.objective!r}.",
                cure='objective="multi:softprob".',
            )
        self.classes = classes
        self._train(frame, target, len(classes) if many else None)

    def answers(self) -> tuple[str, ...]:
        """Return `probability`, or one for each class under `multi:softprob`."""
        if self.objective == "multi:softprob":
            return tuple(f"probability_{each}" for each in self.classes)
        return ("probability",)
