"""Derivations as expressions over columns: one place that says of which type their values are."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.expressions import expression
from bighead.pipeline_lib.features.derivation import Derivation


def derived_expressions(schema: pl.Schema, derived: Iterable[Derivation], owner: str) -> list[pl.Expr]:
    """Return what makes each derivation over columns of a schema, each after those that it reads.

    Integers become Int64 and floats Float64; what is not a finite number is null.

    Raises:
        SchemaError: an expression does not fit the types of what it reads.
    """
    made: list[pl.Expr] = []
    row = pl.DataFrame(schema=schema)
    for each in derived:
        try:
            value = expression(each.sql, _where(each, owner), row.schema).alias(each.name)
        except SchemaError as error:
            raise _misfit(error.message, each, row.schema, owner) from error
        value = _kept(value, row.lazy().select(value).collect_schema()[each.name])
        row = row.with_columns(value)
        made.append(value)
    return made


def with_derivations(frame: pl.DataFrame, derived: Iterable[Derivation], owner: str) -> pl.DataFrame:
    """Return a frame with each derivation behind its columns, each after those that it reads.

    Raises:
        SchemaError: an expression does not fit what it reads.
    """
    listed = list(derived)
    for each, value in zip(listed, derived_expressions(frame.schema, listed, owner), strict=True):
        try:
            frame = frame.with_columns(value)
        except PolarsError as error:
            raise _misfit(str(error).split("\n")[0].strip() + ".", each, frame.schema, owner) from error
    return frame


def finite(number: pl.Expr) -> pl.Expr:
    """Return floats with null for what is not finite, and with one zero."""
    # Polars leaves out the sum of a column and 0.0, which would make 0.0 of -0.0.
    return pl.when(number == 0.0).then(0.0).when(number.is_finite()).then(number)


def _where(derivation: Derivation, owner: str) -> str:
    return f"the derivation {derivation.name!r} of {owner!r}"


def _misfit(told: str, derivation: Derivation, schema: pl.Schema, owner: str) -> SchemaError:
    seen = ", ".join(f"{name} is {schema[name]}" for name in derivation.reads)
    return SchemaError(
        f"{_where(derivation, owner)} is {derivation.sql!r}, which does not fit its inputs ({seen}): {told}",
        cure="Cast them within the expression, as CAST(x AS DOUBLE).",
    )


def _kept(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_integer():
        return value.cast(pl.Int64, strict=False)
    if dtype.is_float():
        return finite(value.cast(pl.Float64)).alias(value.meta.output_name())
    return value
