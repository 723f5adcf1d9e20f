"""Inputs that an artifact's training set derives: made of what was fetched and of what the request gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.artifact import DerivedInputs
from bighead.pipeline_lib.features.row_derivations import digests
from bighead.pipeline_lib.point_in_time.derived_expressions import derived_expressions
from bighead.pipeline_lib.point_in_time.row_columns import INPUT_DTYPES
from bighead.pipeline_lib.point_in_time.status import STATUSES
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS
from bighead.serving.feature_fetchers.fetched import Fetched
from bighead.serving.gateway.wire import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANK = {status: rank for rank, status in enumerate(STATUSES)}


class DerivedColumns:
    """Computes derived inputs by the expressions that made the training rows; any number of threads may call it."""

    def __init__(self, asked: DerivedInputs) -> None:
        self.asked = asked
        features = frozenset(asked.features)
        self._reads = [
            (each.name, [root for root in each.roots if root in features]) for each in asked.derived
        ]
        self._digests = digests(asked.training_set, asked.derived)
        self._made: tuple[pl.Schema, list[pl.Expr]] | None = None

    def add(self, rows: Sequence[Row], fetched: Fetched, at: int, types: Mapping[str, pl.DataType]) -> None:
        """Add derived values and their statuses to what was fetched for `rows` as of `at` (UTC µs).

        The rows are checked: each column has its declared type, times are microseconds. `types` are those of the
        fetched features. The status of a derived value is the worst among the features that it reads.

        Raises:
            SchemaError: an expression does not fit the types of what it reads.
        """
        frame = self._frame(rows, fetched, at, types)
        made = self._made
        if made is None or made[0] != frame.schema:
            expressions = derived_expressions(frame.schema, self.asked.derived, self.asked.training_set)
            made = self._made = (frame.schema, expressions)
        for expression in made[1]:
            frame = frame.with_columns(expression)
        names = [name for name, _ in self._reads]
        told = zip(frame.select(names).iter_rows(), fetched.features, fetched.statuses, strict=True)
        for values, features, statuses in told:
            features.update(zip(names, values, strict=True))
            for name, read in self._reads:
                met = [statuses[root] for root in read if root in statuses]
                if met:
                    statuses[name] = max(met, key=_RANK.__getitem__)
        fetched.definitions.update(self._digests)
        immature = set(fetched.immature)
        fetched.immature.extend(name for name, read in self._reads if immature.intersection(read))

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
