"""SelectMutualInformation: the columns that say most about the labels, in whatever shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection, finite_matrix
from bighead.pipeline_lib.transforms.selection.scored import best, import_selection, target_of


@dataclass(eq=False)
class SelectMutualInformation(ColumnSelection):
    """Pass on the columns of the highest mutual information with the labels, estimated by nearest neighbours.

    The reference is scikit-learn's mutual_info_classif and mutual_info_regression; labels of text, truths and integers
    are classes, others numbers (Kraskov et al., 2004; Ross, 2014). It sees what no correlation does, as a label that
    depends on |x|.

    Args:
        count: How many; all, where there are fewer.
        neighbours: How many nearest neighbours the estimate takes.
        random_state: Of the noise that keeps equal numbers apart.

    >>> step = SelectMutualInformation(1)
    >>> frame = pl.DataFrame({"a": [0.0, 1.0] * 10, "b": [float(n % 7) for n in range(20)]})
    >>> step.fit(frame, pl.Series([0, 1] * 10))
    >>> step.transform(frame.head(1)).columns
    ['a']

    Raises:
        DefinitionError: a count or a number of neighbours below 1.
        DataError: at fit, no labels, or values that are missing or infinite.
        MissingExtraError: at fit, scikit-learn is not installed.
    """

    count: int = 10
    neighbours: int = 3
    random_state: int = 0

    def __post_init__(self) -> None:
        if self.count < 1 or self.neighbours < 1:
            raise DefinitionError(
                f"count={self.count}, neighbours={self.neighbours}.", cure="Expected one or more."
            )

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that say most."""
        target, classes = target_of("SelectMutualInformation", labels)
        selection = import_selection()
        estimate = selection.mutual_info_classif if classes else selection.mutual_info_regression
        rows = finite_matrix(frame).to_numpy()
        scores = estimate(rows, target, n_neighbors=self.neighbours, random_state=self.random_state)
        return best(frame.columns, scores, self.count)
