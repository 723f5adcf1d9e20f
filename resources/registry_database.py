"""The registry's connection: WAL on SQLite, writers queue at BEGIN IMMEDIATE, readers never wait for them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, create_engine, event, insert, select
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from bighead.pipeline_lib.errors import ConflictError, StoreError
from bighead.resources.registry_schema import SCHEMA_VERSION, metadata, schema_versions

BUSY_SECONDS = 30
_WRITES = "registry_writes"


class RegistryDatabase:
    """One database; open it once a process, in any thread. Folder and tables are made when missing."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._sqlite = target.get_backend_name() == "sqlite"
        if self._sqlite:
            if target.database in (None, "", ":memory:"):
                raise StoreError(
                    "a registry in memory would be seen by one connection only.", cure="Name a file."
                )
            Path(str(target.database)).parent.mkdir(parents=True, exist_ok=True)
        self._reader: Engine = create_engine(
            target, connect_args={"timeout": BUSY_SECONDS} if self._sqlite else {}
        )
        if self._sqlite:
            event.listen(self._reader, "connect", _prepare)
            event.listen(self._reader, "begin", _begin)
        # The same pool under an option that `_begin` sees.
        self._writer = self._reader.execution_options(**{_WRITES: True})
        self._create()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in one read transaction: all its queries see the same state."""
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in one write transaction; it commits at the end, or nothing of it happens.

        Raises:
            ConflictError: another writer held the database for longer than BUSY_SECONDS.
        """
        with self._told(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all idle connections; the next use opens anew."""
        self._reader.dispose()

    def _create(self) -> None:
        with self.write() as connection:
            metadata.create_all(connection)
            seen = connection.scalar(select(schema_versions.c.version))
            if seen is None:
                connection.execute(insert(schema_versions).values(version=SCHEMA_VERSION))
            elif seen != SCHEMA_VERSION:
                raise StoreError(
                    f"the registry's tables are of version {seen}, this program knows {SCHEMA_VERSION}.",
                    cure="Use the Bighead that wrote it, or point BIGHEAD_REGISTRY to another database.",
                )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise ConflictError(
                    f"the registry was locked by another writer for {BUSY_SECONDS} s.", cure="Try again."
                ) from error
            raise StoreError(
                f"the registry cannot be used: {error.orig}.", cure="Check its URL and disk."
            ) from error
        except DBAPIError as error:
            raise StoreError(f"the registry refused: {error.orig}.") from error


def new_id(added: CursorResult[Any]) -> int:
    """Return the id of the one row that an insert added."""
    key = added.inserted_primary_key
    assert key is not None
    return int(key[0])


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # sqlite3 must not open transactions by itself: `_begin` says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    _enter_wal(cursor)
    # An acknowledged promotion must outlive a power cut, so every commit is synced.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _enter_wal(cursor: sqlite3.Cursor) -> None:
    # Switching the mode ignores the busy timeout, and several processes may open a new file at once.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
