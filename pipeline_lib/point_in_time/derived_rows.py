"""Derivations over single rows, for requests: equal to those over tables, bit for bit, and without planning any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from bighead.pipeline_lib.expressions import RowExpression
from bighead.pipeline_lib.expressions.kinds import dtype_of, kind_of
from bighead.pipeline_lib.features.derivation import Derivation
from bighead.pipeline_lib.point_in_time.derived_expressions import derived_expressions


class DerivedRows:
    """What makes each derivation over rows of a schema, each after those that it reads.

    Raises:
        SchemaError: an expression does not fit the types of what it reads.
        DefinitionError: an expression that rows cannot be asked; `may_be_rows` tells of their types before.
    """

    def __init__(self, schema: pl.Schema, derived: Iterable[Derivation], owner: str) -> None:
        listed = list(derived)
        # Tables say which types come out, and refuse what does not fit in the words of the derivation.
        made = pl.DataFrame(schema=schema).lazy()
        for value in derived_expressions(schema, listed, owner):
            made = made.with_columns(value)
        types = made.collect_schema()
        self._made = [
            (each.name, RowExpression(each.sql, f"the derivation {each.name!r} of {owner!r}", types))
            for each in listed
        ]

    def add(self, row: dict[str, Any]) -> None:
        """Add the derived values to a row; integers beyond 64 bits and what is not a finite number are None.

        Raises:
            SchemaError: a value is of another type than its column.
        """
        for name, expression in self._made:
            value = expression.value(row)
            if type(value) is float:
                # There is one zero, as in tables.
                value = value + 0.0 if math.isfinite(value) else None
            row[name] = value


def may_be_rows(schema: Mapping[str, pl.DataType], derived: Iterable[Derivation]) -> bool:
    """Return whether rows can be asked these derivations: each column that they read is of a type of the dialect.

    Other columns, as decimals or times of another zone, are handed on as they are, which tables do.
    """
    return all(_is_plain(schema[name]) for each in derived for name in each.reads if name in schema)


def _is_plain(dtype: pl.DataType) -> bool:
    kind = kind_of(dtype)
    return kind.name != "other" and (dtype.is_numeric() or dtype == dtype_of(kind))
