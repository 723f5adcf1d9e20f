"""SQLTransformer: columns made of expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.expressed import ExpressedTransformer


@dataclass(eq=False)
class SQLTransformer(ExpressedTransformer):
    """Answer a column for each SQL expression of a row, in the dialect of docs/expressions.md.

    Local times are answered as instants, spans as seconds. Null goes through as the dialect says.
    The reference is bighead.pipeline_lib.expressions.expression, which Polars computes.

    Args:
        select: The expressions by the names of the columns that they make.

    >>> import polars as pl
    >>> stays = pl.DataFrame({"price": [350.0, 80.0], "nights": [7, 0]})
    >>> SQLTransformer({"rate": "price / nights"}).transform(stays)["rate"].to_list()
    [50.0, None]

    Raises:
        DefinitionError: no expression, or one that does not parse.
        SchemaError: at fit, an expression that reads what is not there, or means nothing over it.
    """

    select: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.select:
            raise DefinitionError("an SQLTransformer selects nothing.", cure='Expected {"name": "SQL"}.')

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Return what is selected."""
        return dict(self.select)
