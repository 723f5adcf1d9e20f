"""The columns that cleaning reads of a source: those that must be there, and those that a condition makes."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.expressions import expression
from bighead.pipeline_lib.features.feature_set import FeatureSet


def require(schema: pl.Schema, needed: list[str], where: str) -> None:
    """Refuse a table that lacks a column.

    Raises:
        SchemaError: which, with the nearest names.
    """
    if any(name not in schema for name in needed):
        raise SchemaError.columns(where, seen=schema.names(), expected=needed)


def filtered_inputs(feature_set: FeatureSet, schema: pl.Schema, where: str) -> list[pl.Expr]:
    """Return the inputs that only some rows have: a column where its condition is true, null elsewhere."""
    return [
        pl.when(expression(condition, where, schema)).then(pl.col(column)).alias(name)
        for name, (column, condition) in feature_set.filtered.items()
    ]
