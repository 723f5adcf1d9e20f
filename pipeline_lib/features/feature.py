"""A feature: one output column of a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.declared_types import Tensor
from bighead.pipeline_lib.features.derivation import Derivation
from bighead.pipeline_lib.features.window import Window

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Feature:
    """One output column of a set: `set_input_op[k]_window[_by_bucket]`; `set_column` for facts, `set_name` for derived.

    `column` is the column of the cleaned rows that it is made of, empty of what is derived from other features. Only
    what is computed from events has an operation, a window and an aggregation. `tensor` is what its column is declared
    to hold, if that.
    """

    name: str
    column: str
    operation: str | None
    window: Window | None
    doc: str
    aggregation: Aggregation | None = None
    derivation: Derivation | None = None
    tensor: Tensor | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the cleaned rows that it comes down to."""
        return (self.column,) if self.derivation is None else self.derivation.columns

    @property
    def what(self) -> str:
        """What it computes, in words: `last_5 of dest by carrier where "delay > 0"`."""
        if self.derivation is not None:
            return f"derived: `{self.derivation.sql}`"
        made = self.aggregation
        if made is None:
            return f"fact `{self.column}`"
        details = [f"`{', '.join(map(str, made.quantiles))}`"] if len(made.quantiles) > 1 else []
        details += [f"half-life {made.half_life}"] if made.half_life else []
        inside = f" ({', '.join(details)})" if details else ""
        by = f" by {', '.join(f'`{bucket}`' for bucket in made.buckets)}" if made.buckets else ""
        where = f" where `{made.where}`" if made.where else ""
        return f"{made.short_operation}{inside} of `{made.column}`{by}{where}"

    def dtype_of(self, column: pl.DataType) -> pl.DataType:
        """Return the type of its values where its input column has the type `column`.

        >>> import polars as pl
        >>> Feature("f", "x", "last_k", None, "", Aggregation("x", "last_5")).dtype_of(pl.Int32())
        List(Int64)

        Raises:
            SchemaError: the operation does not take such a column.
        """
        if self.aggregation is None and self.tensor is None:
            return column
        from bighead.pipeline_lib.features.result_types import of_tensors, result_type, tensor_type

        if self.tensor is not None:
            return of_tensors(self.aggregation, self.tensor) if self.aggregation else tensor_type(self.tensor)
        assert self.aggregation is not None
        return result_type(self.aggregation, column)
