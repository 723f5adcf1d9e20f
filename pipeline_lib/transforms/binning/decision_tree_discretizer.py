"""DecisionTreeDiscretizer: bins whose edges tell the labels apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, DefinitionError, MissingExtraError
from bighead.pipeline_lib.pipeline.native import ColumnTransformer, Learnt, mapped
from bighead.pipeline_lib.pipeline.transformer import PlanStep


@dataclass(eq=False)
class DecisionTreeDiscretizer(ColumnTransformer):
    """Answer the place of a number between the thresholds of a decision tree of the labels on this column alone.

    Missing stays missing, and rows without the number teach nothing. Labels of text, truths or integers are classes,
    others numbers. The reference is scikit-learn's decision tree with random_state 0, which compares in 32 bits.

    Args:
        bins: The most leaves, 2 or more.

    >>> step = DecisionTreeDiscretizer(2)
    >>> step.fit(pl.DataFrame({"n": [1.0, 2.0, 3.0, 4.0]}), pl.Series([0, 0, 1, 1]))
    >>> step.transform(pl.DataFrame({"n": [2.4, 2.6, None]}))["n"].to_list()
    [0.0, 1.0, None]

    Raises:
        DefinitionError: fewer than two bins.
        DataError: at fit, no labels, or a column without a number.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    bins: int = 5

    def __post_init__(self) -> None:
        if self.bins < 2:
            raise DefinitionError(f"bins={self.bins}.", cure="Expected two or more.")

    def learn(self, series: pl.Series, labels: pl.Series | None) -> Learnt:
        """Learn the thresholds."""
        if labels is None:
            raise DataError(
                "a DecisionTreeDiscretizer learns labels, and there are none.", cure="p.fit(frame, labels)."
            )
        try:
            from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "train") from error
        numbers = series.cast(pl.Float64).fill_nan(None)
        there = numbers.is_finite().fill_null(False)
        if not there.any():
            raise DataError(f"no number at all in {series.name!r}.", cure="Leave it out.")
        tree = (DecisionTreeRegressor if labels.dtype.is_float() else DecisionTreeClassifier)(
            max_leaf_nodes=self.bins, random_state=0
        )
        tree.fit(numbers.filter(there).to_numpy()[:, None], labels.filter(there).to_numpy())
        inner = tree.tree_.threshold[tree.tree_.feature >= 0]
        # A tree goes left where x ≤ the threshold, and a bin begins at its edge.
        return {"edges": np.unique(np.nextafter(inner, np.inf)).tolist()}

    def steps(self, read: str, write: str, learnt: Learnt) -> list[PlanStep]:
        """Count edges."""
        return [mapped(read, write, "bin", edges=[*learnt["edges"]])]
