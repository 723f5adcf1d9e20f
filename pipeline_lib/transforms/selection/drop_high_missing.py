"""DropHighMissing: columns in which too much is missing are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class DropHighMissing(ColumnSelection):
    """Leave out the columns of which more than a share of the rows is missing; NaN is missing, too.

    The reference is pandas.DataFrame.isna, averaged.

    Args:
        share: From 0 to 1.

    >>> step = DropHighMissing(share=0.5)
    >>> step.fit(pl.DataFrame({"a": [None, None, 1.0], "b": [None, 1.0, 2.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.0], "b": [2.0]})).columns
    ['b']

    Raises:
        DefinitionError: a share beyond these.
        DataError: at fit, no column goes on.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise DefinitionError(f"share={self.share}.", cure="Expected 0 to 1.")

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the columns that are mostly there."""
        floats = frame.cast(pl.Float64).fill_nan(None)
        return [series.name for series in floats if series.null_count() <= self.share * len(series)]
