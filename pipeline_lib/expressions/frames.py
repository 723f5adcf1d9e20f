"""`select` and `where` of a source over tables: expressions that are checked against the columns they read."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.expressions.batch import lowered
from bighead.pipeline_lib.expressions.kinds import BOOL, NULL, kind_of
from bighead.pipeline_lib.expressions.reading import misfit, parsed, reads, typed_over
from bighead.pipeline_lib.expressions.syntax import WrongExpressionError
from bighead.pipeline_lib.expressions.typed import Typed


def expression(sql: str, where: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Return one expression over the columns of `schema` as Polars computes it; a bare column keeps its type.

    Raises:
        DefinitionError: it does not parse, or calls a function that there is not.
        SchemaError: it reads a column that is not there, or one of a kind that a function does not take.
    """
    made = _typed(sql, where, schema)
    return pl.col(str(made.value)) if made.op == "column" else lowered(made, schema)


def condition(sql: str, where: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Return one expression that is a truth.

    Raises:
        DefinitionError, SchemaError: as `expression`; or it is no truth.
    """
    made = _typed(sql, where, schema)
    if made.kind not in (BOOL, NULL):
        node = parsed(sql, where)
        wrong = WrongExpressionError(f"a condition is {made.kind}", node.at, "Expected a truth.", fits=False)
        raise misfit(sql, where, wrong)
    return lowered(made, schema).cast(pl.Boolean)


def _typed(sql: str, where: str, schema: Mapping[str, pl.DataType]) -> Typed:
    kinds = {name: kind_of(schema[name]) for name in reads(sql, where) if name in schema}
    return typed_over(sql, where, kinds, schema)


def derive(
    frame: pl.LazyFrame, where: str, select: Mapping[str, str] | None, only: str | None
) -> pl.LazyFrame:
    """Return the rows for which `only` is true, with `select`'s columns added; both read the table.

    Raises:
        DefinitionError: an expression that does not parse.
        SchemaError: an expression that does not fit the columns.
    """
    schema = frame.collect_schema()
    derived = [expression(sql, where, schema).alias(name) for name, sql in (select or {}).items()]
    if only is not None:
        frame = frame.filter(condition(only, where, schema))
    return frame.with_columns(derived) if derived else frame


def collect(frame: pl.LazyFrame, where: str) -> pl.DataFrame:
    """Collect a frame whose expressions came from a user.

    Raises:
        SchemaError: an expression does not fit the columns' types.
    """
    try:
        return frame.collect()
    except PolarsError as error:
        told = str(error).split("Resolved plan")[0].strip()
        raise SchemaError(f"{where} cannot be read: {told}.", cure="Check its select and where.") from error
