"""Encoders that learn labels, and cross-fitting: a training row's number is made of other rows' labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.transforms.categories.category_numbers import CategoryNumbers, Floats


@dataclass(eq=False)
class LabelNumbers(CategoryNumbers):
    """Base of encoders that learn labels: numbers as they are, booleans as 0 and 1, the greater of two texts as 1.

    With `two_classes`, numbers too are two classes, of which the greater is 1.
    """

    two_classes: ClassVar[bool] = False

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the categories and their numbers from all labels."""
        self.learn(frame, self.targets(labels))

    def targets(self, labels: pl.Series | None) -> Floats:
        """Return labels as floats.

        Raises:
            DataError: there are none, some are missing or infinite, or there are other than two classes.
        """
        if labels is None or not len(labels):
            raise DataError(
                f"{type(self).__name__} learns labels, and there are none.", cure="p.fit(frame, labels)."
            )
        if labels.null_count() or (labels.dtype.is_float() and not labels.is_finite().all()):
            raise DataError("some labels are missing or infinite.", cure="Leave such rows out.")
        if labels.dtype != pl.Boolean and (self.two_classes or not labels.dtype.is_numeric()):
            classes = labels.unique().sort()
            if len(classes) != 2:
                shown = ", ".join(repr(each) for each in classes.head(5))
                cure = f"{type(self).__name__} learns two classes" + (
                    "." if self.two_classes else ", or numbers."
                )
                raise DataError(f"the labels are of {len(classes)} classes: {shown}.", cure=cure)
            labels = labels == classes[1]
        return labels.cast(pl.Float64).to_numpy()


@dataclass(eq=False)
class CrossFitted(LabelNumbers):
    """Base of encoders whose `fit_transform` answers each row what the other folds' rows teach.

    A row's fold is its number modulo `folds`: the same always, and a row's own label is never in its value. A row
    that is the only one is answered null. `transform` answers what all rows taught.
    """

    folds: int = field(default=5, kw_only=True)

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise DefinitionError(f"folds={self.folds}.", cure="Expected 2 or more.")

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Learn from all rows, and answer each row without its own fold."""
        targets = self.targets(labels)
        self.learn(frame, targets)
        fold = np.arange(frame.height) % self.folds
        if frame.height == 1:
            return self.transform(frame).clear(1)
        parts = [self._without(frame, targets, fold == each) for each in range(min(self.folds, frame.height))]
        return pl.concat(parts)[np.argsort(np.argsort(fold, kind="stable"))]

    def _without(self, frame: pl.DataFrame, targets: Floats, left_out: np.ndarray) -> pl.DataFrame:
        """Answer the rows that are left out by what the others teach."""
        others = self.clone()
        others.learn(frame.filter(~left_out), targets[~left_out])
        return others.transform(frame.filter(left_out))
