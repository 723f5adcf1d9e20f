"""`select` and `where` of a source: small SQL expressions, checked against the columns they read."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import DefinitionError, SchemaError


def reads(sql: str) -> tuple[str, ...]:
    """Return the columns that an expression reads, each once.

    Raises:
        DefinitionError: it does not parse.
    """
    return tuple(dict.fromkeys(parse(sql, "An expression").meta.root_names()))


def expression(sql: str, where: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Parse one SQL expression over the columns of `schema`, for batches.

    Raises:
        DefinitionError: it does not parse.
        SchemaError: it reads a column that is not there, with the nearest names.
    """
    parsed = parse(sql, where)
    needed = parsed.meta.root_names()
    if not set(needed) <= set(schema):
        raise SchemaError.columns(f"{where} reads {sql!r}; the table", seen=list(schema), expected=needed)
    return parsed


def derive(
    frame: pl.LazyFrame, where: str, select: Mapping[str, str] | None, condition: str | None
) -> pl.LazyFrame:
    """Return the rows for which `condition` is true, with `select`'s columns added; both read the table.

    Raises:
        DefinitionError: an expression that does not parse.
        SchemaError: an expression that reads a missing column.
    """
    schema = frame.collect_schema()
    derived = [expression(sql, where, schema).alias(name) for name, sql in (select or {}).items()]
    if condition is not None:
        frame = frame.filter(expression(condition, where, schema))
    frame = frame.with_columns(derived) if derived else frame
    try:
        frame.collect_schema()
    except PolarsError as error:
        raise _misfit(where, error) from error
    return frame


def collect(frame: pl.LazyFrame, where: str) -> pl.DataFrame:
    """Collect a frame whose expressions came from a user.

    Raises:
        SchemaError: an expression does not fit the columns' types.
    """
    try:
        return frame.collect()
    except PolarsError as error:
        raise _misfit(where, error) from error


def parse(sql: str, where: str) -> pl.Expr:
    """Parse one SQL expression; `where` names what has it in errors.

    Raises:
        DefinitionError: it does not parse.
    """
    try:
        parsed = pl.sql_expr(sql)
        parsed.meta.root_names()
    except PolarsError as error:
        raise DefinitionError(
            f"{where} has the expression {sql!r}, which is no SQL expression: {error}.",
            cure="Expected one expression over the table's columns, as 'arr_delay > 15'.",
        ) from error
    return parsed


def _misfit(where: str, error: PolarsError) -> SchemaError:
    told = str(error).split("Resolved plan")[0].strip()
    return SchemaError(f"{where} cannot be read: {told}.", cure="Check its select and where.")
