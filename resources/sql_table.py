"""A table of any database that SQLAlchemy reaches, as a lazy frame: read in batches, wanted columns only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa
from polars.io.plugins import register_io_source

from bighead.pipeline_lib.errors import SchemaError, StoreError, UnknownNameError

BATCH = 100_000
# Read in this order: a kind below may be a special case of one above it, as DateTime of TypeEngine.
_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], pl.DataType], ...] = (
    (sa.Boolean, pl.Boolean()),
    (sa.Integer, pl.Int64()),
    (sa.Numeric, pl.Float64()),
    (sa.Date, pl.Date()),
    (sa.LargeBinary, pl.Binary()),
    (sa.Uuid, pl.String()),
    (sa.String, pl.String()),
)


@dataclass(frozen=True)
class SqlTable:
    """A table, `schema.table` or `table`, of the database at a SQLAlchemy URL."""

    url: str
    table: str

    def scan(self) -> pl.LazyFrame:
        """Return the rows, lazily, with the types that the database's catalogue tells.

        Raises:
            StoreError: the database cannot be reached.
            UnknownNameError: it has no such table.
            SchemaError: a column's type has no counterpart.
        """
        with _connected(self.url) as connection:
            schema = _schema(self._described(connection))

        def batches(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, size: int | None
        ) -> Iterator[pl.DataFrame]:
            left = rows
            for frame in self._read(columns or schema.names(), schema, size or BATCH):
                kept = frame if predicate is None else frame.filter(predicate)
                kept = kept if left is None else kept.head(left)
                yield kept
                left = None if left is None else left - kept.height
                if left == 0:
                    return

        return register_io_source(batches, schema=schema)

    def fingerprint(self) -> str:
        """Return a text that names the table: a database keeps no version of its rows."""
        return f"unversioned:{self.table}"

    def _described(self, connection: sa.Connection) -> sa.Table:
        schema, _, name = self.table.rpartition(".")
        try:
            return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
        except sa.exc.NoSuchTableError as error:
            known = sa.inspect(connection).get_table_names(schema=schema or None)
            raise UnknownNameError("table of the database", self.table, known) from error

    def _read(self, columns: list[str], schema: pl.Schema, size: int) -> Iterator[pl.DataFrame]:
        wanted = {name: schema[name] for name in columns}
        with _connected(self.url) as connection:
            table = self._described(connection)
            query = sa.select(*(_cast(table.c[name]) for name in columns))
            streamed = connection.execution_options(stream_results=True).execute(query)
            for part in streamed.partitions(size):
                yield pl.DataFrame([tuple(row) for row in part], schema=wanted, orient="row")


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        told = str(error).split("\n")[0]
        raise StoreError(
            f"the database {_shown(url)} cannot be read: {told}.",
            cure="Check its URL, and that its driver is installed.",
        ) from error


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "given"


def _schema(table: sa.Table) -> pl.Schema:
    return pl.Schema({column.name: _type(table, column) for column in table.columns})


def _type(table: sa.Table, column: sa.Column[Any]) -> pl.DataType:
    if isinstance(column.type, sa.DateTime):
        return pl.Datetime("us", "UTC" if column.type.timezone else None)
    found = next((dtype for kind, dtype in _TYPES if isinstance(column.type, kind)), None)
    if found is None:
        raise SchemaError(
            f"the column {column.name!r} of the table {table.fullname!r} is {column.type!r}.",
            cure="Cast it in a view, to a number, text, a truth value, a date or an instant.",
        )
    return found


def _cast(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    # Drivers give decimals and UUIDs as objects of their own.
    if isinstance(column.type, sa.Uuid):
        return sa.cast(column, sa.String).label(column.name)
    if isinstance(column.type, sa.Numeric):
        return sa.cast(column, sa.Double).label(column.name)
    return column
