"""LGBMClassifier: LightGBM's boosted trees that answer probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DataError, UnknownNameError
from bighead.pipeline_lib.frameworks import labels as label_codes
from bighead.pipeline_lib.frameworks.lightgbm_model import LGBMModel

OBJECTIVES = ("binary", "multiclass", "multiclassova")


@dataclass(eq=False)
class LGBMClassifier(LGBMModel):
    """Boosted trees for two classes (`binary`) or more (`multiclass`, `multiclassova`).

    Raises:
        UnknownNameError: an objective that answers no probabilities.
    """

    objective: str = "binary"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objective not in OBJECTIVES:
            raise UnknownNameError("objective that answers probabilities", self.objective, OBJECTIVES)

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn classes from labels of any kind; the second of two is the one whose probability is answered.

        Raises:
            DataError: more than two classes for `binary`, or a single one.
        """
        assert labels is not None
        target, self.classes = label_codes.encode(labels)
        count = len(self.classes)
        if count > 2 and self.objective == "binary":
            raise DataError(f"there are {count} classes for 'binary'.", cure='objective="multiclass".')
        self._train(frame, target, None if self.objective == "binary" else count)

    def answers(self) -> tuple[str, ...]:
        """Return `probability`, or one for each class under `multiclass` and `multiclassova`."""
        if self.objective == "binary":
            return ("probability",)
        return tuple(f"probability_{each}" for each in self.classes)
