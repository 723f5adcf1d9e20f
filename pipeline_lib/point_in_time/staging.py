"""Step 2 of 9, backfill: a staging query, free SQL over warehouse tables, run by DuckDB in batches only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import DefinitionError, did_you_mean
from bighead.pipeline_lib.features.batch_grain import DAILY
from bighead.pipeline_lib.features.source import EventSource
from bighead.pipeline_lib.features.window import duration

_BOUND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SECOND = "%Y-%m-%d %H:%M:%S"
# Whole seconds are the same; fractions belong to the next.
_ALMOST = timedelta(microseconds=999_999)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def bound_query(source: EventSource, where: str, start: datetime | None, end: datetime | None) -> str:
    """Return a source's query with its days bound as ISO text, for event times in [start, end) (UTC).

    `start_date` is the first day that is read, never before the source's own; `latest_date` the last; and
    `end_date` lies `lateness` after the midnight that ends it, for tables that are partitioned by when rows arrived.
    `start_time` and `end_time` are the same span to the second, as `2024-01-05 13:00:00` (UTC), its end excluded.

    Raises:
        DefinitionError: it binds a name that there is not.
    """
    late = timedelta(microseconds=duration(source.lateness))
    first = source.start_date or _FIRST.date().isoformat()
    last = _LAST if end is None else min(end, _LAST)
    bound = {
        "start_date": max(first, start.date().isoformat()) if start else first,
        "latest_date": (last - timedelta(microseconds=1)).date().isoformat(),
        "end_date": _late(_LAST if end is None else DAILY.ceil(last), late).date().isoformat(),
        "start_time": max(f"{first} 00:00:00", f"{start.astimezone(UTC):{_SECOND}}" if start else ""),
        "end_time": f"{_late(last + _ALMOST, late):{_SECOND}}",
    }
    for name in _BOUND.findall(source.query or ""):
        if name not in bound:
            raise DefinitionError(
                f"the query of {where} binds {name!r}.",
                cure=did_you_mean(name, list(bound)) or f"There are {', '.join(bound)}.",
            )
    return _BOUND.sub(lambda match: bound[match.group(1)], source.query or "")


def _late(instant: datetime, late: timedelta) -> datetime:
    return instant.astimezone(UTC) + late if instant <= _LAST - late else _LAST


def run_query(sql: str, tables: Mapping[str, pl.LazyFrame], where: str) -> pl.DataFrame:
    """Return what a query gives over `tables`, with integers as Int64 and decimals as Float64.

    A name with a dot, `core.bookings`, is a schema and a table; one with a slash is quoted in SQL.

    Raises:
        DefinitionError: it does not run, and DuckDB says why; or a number does not fit.
    """
    import duckdb

    connection = duckdb.connect()
    try:
        # Text is read as an instant by the session's zone: the machine's own must not decide.
        connection.execute("SET TimeZone = 'UTC'")
        for number, (name, frame) in enumerate(tables.items()):
            connection.register(f"__table_{number}", frame)
            schema, dot, table = name.rpartition(".")
            if dot:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
            target = f"{_quoted(schema)}.{_quoted(table)}" if dot else _quoted(name)
            connection.execute(f"CREATE VIEW {target} AS SELECT * FROM __table_{number}")
        found = connection.sql(sql)
        if found is None:
            raise DefinitionError(f"the query of {where} gives no rows.", cure="Expected one SELECT.")
        return _plain_numbers(pl.DataFrame(found.to_arrow_table()), where)
    except duckdb.Error as error:
        raise DefinitionError(
            f"the query of {where} does not run: {error}.",
            cure="It is DuckDB's SQL over the tables in dependencies.",
        ) from error
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain_numbers(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """DuckDB sums integers as 128-bit ones and reads 1.5 as a decimal; features are 64-bit numbers."""
    casts: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Decimal):
            casts.append(pl.col(name).cast(pl.Float64 if dtype.scale else pl.Int64))
        elif isinstance(dtype, pl.Int128):
            casts.append(pl.col(name).cast(pl.Int64))
    try:
        return frame.with_columns(casts)
    except PolarsError as error:
        told = str(error).split("\n")[0]
        raise DefinitionError(
            f"a number of the query of {where} does not fit 64 bits: {told}.", cure="Cast it in the query."
        ) from error
