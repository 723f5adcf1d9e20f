"""Columns of a training row besides its features: inputs of declared types, and what is derived across sets."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features.request_input import Input
from bighead.pipeline_lib.features.training_set import TrainingSet
from bighead.pipeline_lib.point_in_time.derived_expressions import derived_expressions, finite
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS, utc

INPUT_DTYPES: dict[str, pl.DataType] = {
    "float64": pl.Float64(),
    "int64": pl.Int64(),
    "bool": pl.Boolean(),
    "string": pl.String(),
    "datetime": UTC_MICROSECONDS,
}


def with_declared(left: pl.DataFrame, declared: Mapping[str, Input], where: str) -> pl.DataFrame:
    """Return left rows with each declared input in its type, as a request gives it: NaN and ±Inf are missing.

    Raises:
        SchemaError: a column is of another kind: text for a number, a fraction for an int64.
        EventTimeError: a datetime without a zone.
        DataError: null where none may be, or an integer beyond 64 bits.
    """
    made = [_declared(left, each, where) for each in declared.values()]
    return left.with_columns(made) if made else left


def _declared(left: pl.DataFrame, wanted: Input, where: str) -> pl.Series:
    column, seen = left[wanted.name], left.schema[wanted.name]
    if not _fits(seen, wanted.dtype):
        raise SchemaError(
            f"the column {wanted.name!r} of {where} is {seen}, and is declared as {wanted.dtype}.",
            cure=f'Declare it as it is, Input("{wanted.name}", …), or convert the column.',
        )
    if isinstance(seen, pl.Datetime):
        made = left.select(utc(wanted.name, seen, where)).to_series()
    else:
        made = column.cast(INPUT_DTYPES[wanted.dtype], strict=False)
    if made.null_count() > column.null_count():
        raise DataError(f"{wanted.name!r} of {where} holds integers beyond 64 bits.", cure="Declare float64.")
    if wanted.dtype == "float64":
        made = made.to_frame().select(finite(pl.col(wanted.name)).alias(wanted.name)).to_series()
    if not wanted.nullable and made.null_count():
        raise DataError(
            f"{wanted.name!r} of {where} is missing in {made.null_count()} of {left.height} rows, and is declared"
            " with nullable=False.",
            cure="Leave these rows out, or let it be missing.",
        )
    return made


def _fits(seen: pl.DataType, wanted: str) -> bool:
    if seen == pl.Null:
        return True
    kinds = {
        "float64": seen.is_numeric(),
        "int64": seen.is_integer(),
        "bool": seen == pl.Boolean,
        "string": isinstance(seen, pl.String | pl.Categorical | pl.Enum),
        "datetime": isinstance(seen, pl.Datetime),
    }
    return kinds[wanted]


def with_row_derivations(rows: pl.LazyFrame, training_set: TrainingSet) -> pl.LazyFrame:
    """Return joined rows with the derivations of a training set behind them, in the order of its definition.

    Raises:
        SchemaError: an expression does not fit the types of what it reads.
    """
    if not training_set.derivations:
        return rows
    schema = rows.collect_schema()
    for value in derived_expressions(schema, training_set.derived, training_set.name):
        rows = rows.with_columns(value)
    return rows.select(*schema, *training_set.derivations)
