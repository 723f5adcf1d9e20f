"""DropConstant: columns in which one value has nearly all rows are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class DropConstant(ColumnSelection):
    """Leave out the columns whose commonest value, missing being one, has at least a share of the rows.

    The reference is pandas.Series.value_counts; feature-engine calls it DropConstantFeatures.

    Args:
        share: From just above 0 to 1; 1 leaves out constants only.

    >>> step = DropConstant(share=0.75)
    >>> step.fit(pl.DataFrame({"a": [1, 1, 1, 2], "b": [1, 2, 3, 4]}), None)
    >>> step.transform(pl.DataFrame({"a": [1], "b": [1]})).columns
    ['b']

    Raises:
        DefinitionError: a share beyond these.
        DataError: at fit, no column goes on.
    """

    share: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise DefinitionError(f"share={self.share}.", cure="Expected more than 0 and at most 1.")

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that are not constant."""
        return [series.name for series in frame if _commonest(series) < self.share * len(series)]


def _commonest(series: pl.Series) -> int:
    most = series.value_counts(name="rows")["rows"].max()
    return int(most) if isinstance(most, int) else 0
