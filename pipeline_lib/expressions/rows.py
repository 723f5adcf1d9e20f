"""Expressions over single rows, by the kernel: streams and requests cannot wait for a table to be planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
from bighead_kernels import Expression

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.expressions.kinds import kind_of
from bighead.pipeline_lib.expressions.reading import reads, typed_over


class RowExpression:
    """One expression over the columns of a schema, a row at a time; equal to `expression` over tables, bit for bit.

    Dates, times and spans are Python's; instants come back in UTC. Nothing fails for one row: what has no value is
    None.

    >>> made = RowExpression("date_diff('day', checkin, checkout) * price", "stays",
    ...                      {"checkin": pl.Date(), "checkout": pl.Date(), "price": pl.Float64()})
    >>> from datetime import date
    >>> made.value({"checkin": date(2013, 1, 1), "checkout": date(2013, 1, 4), "price": 1.5})
    4.5

    Raises:
        DefinitionError: it does not parse, or reads or gives what single rows have no values of.
        SchemaError: a column that is not there, or of a kind that a function does not take.
    """

    def __init__(self, sql: str, where: str, schema: Mapping[str, pl.DataType]) -> None:
        self.sql, self.where = sql, where
        self._made = _made(
            sql, where, tuple((name, schema[name]) for name in reads(sql, where) if name in schema)
        )

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return the value in a row, which may have other columns, too.

        Raises:
            SchemaError: a column is absent, or its value is of another kind.
        """
        try:
            return self._made.value(_plain(row))
        except (KeyError, TypeError) as error:
            raise self._misfit(error) from error

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the value in each row; as `value`."""
        try:
            return self._made.values([_plain(row) for row in rows])
        except (KeyError, TypeError) as error:
            raise self._misfit(error) from error

    def _misfit(self, error: Exception) -> SchemaError:
        return SchemaError(
            f"{self.where} cannot evaluate {self.sql!r}: {error.args[0]}.",
            cure="Give values of the declared types.",
        )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return row if isinstance(row, dict) else dict(row)


@lru_cache(maxsize=1024)
def _made(sql: str, where: str, schema: tuple[tuple[str, pl.DataType], ...]) -> Expression:
    kinds = {name: kind_of(dtype) for name, dtype in schema}
    node = typed_over(sql, where, kinds, [*kinds])
    try:
        return Expression(node.to_json())
    except ValueError as error:
        raise DefinitionError(
            f"{where} has the expression {sql!r}, which single rows cannot be asked: {error}.",
            cure="Streams and requests take numbers, texts, truths, times and lists of them; CAST what is else.",
        ) from error
