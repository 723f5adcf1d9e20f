"""SelectFromModel: the columns that a small model makes most of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection, finite_matrix
from bighead.pipeline_lib.transforms.selection.scored import import_selection, target_of

MODELS = ("forest", "lasso")


@dataclass(eq=False)
class SelectFromModel(ColumnSelection):
    """Pass on the columns that a model, fitted for this alone, finds more important than their mean, or uses at all.

    The reference is scikit-learn's SelectFromModel. By `forest` it holds extremely randomised trees, and an importance
    of the mean is enough; by `lasso` a Lasso, or a LogisticRegression of an L1 penalty, on standardised columns, and
    any weight but 0 is enough.

    Args:
        model: `forest` or `lasso`.
        strength: Of the lasso's penalty: more leaves out more.
        random_state: Where the forest starts.

    >>> step = SelectFromModel("lasso", strength=0.1)
    >>> frame = pl.DataFrame({"a": [0.0, 1.0] * 10, "b": [1.0] * 20})
    >>> step.fit(frame, pl.Series([0.0, 5.0] * 10))
    >>> step.transform(frame.head(1)).columns
    ['a']

    Raises:
        UnknownNameError: another model.
        DefinitionError: a strength that is not above 0.
        DataError: at fit, no labels, values that are missing or infinite, or no column goes on.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    model: str = "forest"
    strength: float = 1.0
    random_state: int = 0

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UnknownNameError("model to select by", self.model, MODELS)
        if not self.strength > 0:
            raise DefinitionError(f"strength={self.strength}.", cure="Expected more than 0.")

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that the model makes most of."""
        target, classes = target_of("SelectFromModel", labels)
        selection = import_selection()
        rows = finite_matrix(frame).to_numpy()
        if self.model == "lasso":
            from sklearn.preprocessing import StandardScaler

            rows = StandardScaler().fit_transform(rows)
        chosen = selection.SelectFromModel(self._solver(classes)).fit(rows, target).get_support()
        return [name for name, taken in zip(frame.columns, chosen, strict=True) if taken]

    def _solver(self, classes: bool) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
        from sklearn.linear_model import Lasso, LogisticRegression

        if self.model == "forest":
            return (ExtraTreesClassifier if classes else ExtraTreesRegressor)(random_state=self.random_state)
        if classes:
            return LogisticRegression(
                l1_ratio=1.0,
                C=1 / self.strength,
                solver="saga",
                max_iter=10_000,
                random_state=self.random_state,
            )
        return Lasso(alpha=self.strength)
