"""Inputs that an artifact's training set derives: made of what was fetched and of what the request gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.artifact import DerivedInputs
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.row_derivations import digests
from bighead.pipeline_lib.point_in_time.derived_expressions import derived_expressions
from bighead.pipeline_lib.point_in_time.derived_rows import DerivedRows, may_be_rows
from bighead.pipeline_lib.point_in_time.row_columns import INPUT_DTYPES
from bighead.pipeline_lib.point_in_time.status import worst_status
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS
from bighead.serving.feature_fetchers.fetched import Fetched
from bighead.serving.gateway.wire import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# From here on a table is faster than its rows one by one.
_MANY = 200


class DerivedColumns:
    """Computes derived inputs by the expressions that made the training rows; any number of threads may call it."""

    def __init__(self, asked: DerivedInputs) -> None:
        self.asked = asked
        features = frozenset(asked.features)
        self._reads = [
            (each.name, [root for root in each.roots if root in features]) for each in asked.derived
        ]
        self._names = [each.name for each in asked.derived]
        self._digests = digests(asked.training_set, asked.derived)
        self._made: tuple[pl.Schema, list[pl.Expr], DerivedRows | None] | None = None

    def add(self, rows: Sequence[Row], fetched: Fetched, at: int, types: Mapping[str, pl.DataType]) -> None:
        """Add derived values and their statuses to what was fetched for `rows` as of `at` (UTC µs).

        The rows are checked: each column has its declared type, times are microseconds. `types` are those of the
        fetched features. The status of a derived value is the worst among the features that it reads.

        Raises:
            SchemaError: an expression does not fit the types of what it reads.
        """
        values = self._values(rows, fetched, at, types)
        for made, features, statuses in zip(values, fetched.features, fetched.statuses, strict=True):
            features.update(zip(self._names, made, strict=True))
            for name, read in self._reads:
                worst = worst_status(statuses, read)
                if worst is not None:
                    statuses[name] = worst
        fetched.definitions.update(self._digests)
        immature = set(fetched.immature)
        fetched.immature.extend(name for name, read in self._reads if immature.intersection(read))

    def _values(
        self, rows: Sequence[Row], fetched: Fetched, at: int, types: Mapping[str, pl.DataType]
    ) -> list[tuple[Any, ...]]:
        expressions, by_row = self._expressions(types)
        given = self._rows(rows, fetched, at) if by_row is not None and len(rows) < _MANY else None
        if by_row is not None and given is not None:
            for row in given:
                by_row.add(row)
            return [tuple(row[name] for name in self._names) for row in given]
        frame = self._frame(rows, fetched, at, types)
        for expression in expressions:
            frame = frame.with_columns(expression)
        return frame.select(self._names).rows()

    def _expressions(self, types: Mapping[str, pl.DataType]) -> tuple[list[pl.Expr], DerivedRows | None]:
        schema = pl.Schema(
            {each.name: INPUT_DTYPES[each.dtype] for each in self.asked.request}
            | {name: types[name] for name in self.asked.features}
            | {self.asked.timestamp: UTC_MICROSECONDS}
        )
        made = self._made
        if made is None or made[0] != schema:
            derived, owner = self.asked.derived, self.asked.training_set
            expressions = derived_expressions(schema, derived, owner)
            try:
                by_row = DerivedRows(schema, derived, owner) if may_be_rows(schema, derived) else None
            except DefinitionError:
                by_row = None
            made = self._made = (schema, expressions, by_row)
        return made[1], made[2]

    def _rows(self, rows: Sequence[Row], fetched: Fetched, at: int) -> list[Row] | None:
        """The columns of each row; None beyond the year 9999, for which Python has no times and tables have."""
        names = [each.name for each in self.asked.request]
        times = [each.name for each in self.asked.request if each.dtype == "datetime"]
        moment, made = _EPOCH + timedelta(microseconds=at), []
        for row, features in zip(rows, fetched.features, strict=True):
            given: Row = {name: row[name] for name in names}
            try:
                given |= {n: _EPOCH + timedelta(microseconds=row[n]) for n in times if row[n] is not None}
            except OverflowError:
                return None
            given |= {name: features[name] for name in self.asked.features}
            given[self.asked.timestamp] = moment
            made.append(given)
        return made

    def _frame(
        self, rows: Sequence[Row], fetched: Fetched, at: int, types: Mapping[str, pl.DataType]
    ) -> pl.DataFrame:
        columns = []
        for each in self.asked.request:
            # Requests give times as microseconds.
            dtype = pl.Int64() if each.dtype == "datetime" else INPUT_DTYPES[each.dtype]
            given = pl.Series(each.name, [row[each.name] for row in rows], dtype=dtype)
            columns.append(given.cast(INPUT_DTYPES[each.dtype]))
        for name in self.asked.features:
            values = [features[name] for features in fetched.features]
            columns.append(pl.Series(name, values, dtype=types[name], strict=False))
        moment = _EPOCH + timedelta(microseconds=at)
        columns.append(pl.Series(self.asked.timestamp, [moment] * len(rows), dtype=UTC_MICROSECONDS))
        return pl.DataFrame(columns)
