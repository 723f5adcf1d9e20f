"""ColumnSelector: the columns of some names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.transforms.selection.column_selection import ColumnSelection


@dataclass(eq=False)
class ColumnSelector(ColumnSelection):
    """Pass on the named columns of what it is given: within a chain, those of what the step before it made.

    The reference is polars.DataFrame.select.

    Args:
        columns: Their names, or one.

    >>> step = ColumnSelector(["b"])
    >>> step.fit(pl.DataFrame({"a": [1.0], "b": [2.0]}), None)
    >>> step.transform(pl.DataFrame({"a": [1.0], "b": [3.0]})).to_dicts()
    [{'b': 3.0}]

    Raises:
        DefinitionError: no names.
        SchemaError: at fit, there is no column of that name.
    """

    columns: Sequence[str]

    def __post_init__(self) -> None:
        self.columns = (
            [self.columns] if isinstance(self.columns, str) else [str(name) for name in self.columns]
        )
        if not self.columns:
            raise DefinitionError(
                "a ColumnSelector of no columns.", cure='Name some: ColumnSelector(["price"]).'
            )

    def choose(self, frame: pl.DataFrame, labels: pl.Series | None) -> Sequence[str]:
        """Return the names, once they are there."""
        if not set(self.columns) <= set(frame.columns):
            raise SchemaError.columns(
                "what a ColumnSelector is given", seen=frame.columns, expected=self.columns
            )
        return self.columns
