"""DropDuplicate: columns that say the same as one before them are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class DropDuplicate(ColumnSelection):
    """Leave out each column that equals an earlier one in every row; missing equals missing, 1 equals true.

    The reference is pandas.DataFrame.duplicated of the transposed columns.

    >>> step = DropDuplicate()
    >>> step.fit(pl.DataFrame({"a": [1.0, None], "b": [1, None], "c": [1.0, 2.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.0], "b": [2], "c": [3.0]})).columns
    ['a', 'c']
    """

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the first of all columns that are equal."""
        kept: list[pl.Series] = []
        by_hash: dict[int, list[pl.Series]] = {}
        for series in frame.cast(pl.Float64).fill_nan(None):
            # Equal columns have equal sums of hashes; only those need a look at each row.
            alike = by_hash.setdefault(int(series.hash(seed=0).sum() or 0), [])
            if not any(series.equals(other, null_equal=True) for other in alike):
                alike.append(series)
                kept.append(series)
        return [series.name for series in kept]
