"""SelectKBest: the columns that a test finds to tell the labels apart best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection, finite_matrix
from bighead.pipeline_lib.transforms.selection.scored import best, import_selection, target_of

SCORES = ("f", "chi2")


@dataclass(eq=False)
class SelectKBest(ColumnSelection):
    """Pass on the columns of the highest scores against the labels.

    The reference is scikit-learn's SelectKBest. Labels of text, truths and integers are classes, others numbers.

    Args:
        count: How many; all, where there are fewer.
        score: `f`, of the analysis of variance (f_classif or f_regression), or `chi2`, of counts against classes.

    >>> step = SelectKBest(1)
    >>> step.fit(pl.DataFrame({"a": [1.0, 2.0, 1.0, 2.0], "b": [1.0, 1.1, 8.0, 9.0]}), pl.Series([0, 0, 1, 1]))
    >>> step.transform(pl.DataFrame({"a": [1.0], "b": [2.0]})).columns
    ['b']

    Raises:
        DefinitionError: a count below 1.
        UnknownNameError: another score.
        DataError: at fit, no labels, values that are missing or infinite, or, for chi2, numbers below 0.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    count: int = 10
    score: str = "f"

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DefinitionError(f"count={self.count}.", cure="Expected one or more.")
        if self.score not in SCORES:
            raise UnknownNameError("score of columns", self.score, SCORES)

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns of the highest scores."""
        target, classes = target_of("SelectKBest", labels)
        selection = import_selection()
        rows = finite_matrix(frame).to_numpy()
        # Constants have no score, and scikit-learn warns of them.
        with np.errstate(divide="ignore", invalid="ignore"):
            varying = np.ptp(rows, axis=0) > 0
            scores = np.full(frame.width, np.nan)
            if varying.any():
                method = {"chi2": "chi2", "f": "f_classif" if classes else "f_regression"}[self.score]
                scores[varying] = getattr(selection, method)(rows[:, varying], target)[0]
        return best(frame.columns, scores, self.count)
