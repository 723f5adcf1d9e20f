"""The registry's connection: writers queue one behind another, readers see one state and never wait for them.

SQLite: WAL, and writers begin with BEGIN IMMEDIATE. PostgreSQL: writers begin with one advisory lock, readers
with REPEATABLE READ.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, create_engine, event, insert, select, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from bighead.pipeline_lib.errors import ConflictError, MissingExtraError, StoreError
from bighead.resources.registry_schema import SCHEMA_VERSION, finite_json, metadata, schema_versions

BUSY_SECONDS = 30
_WRITES = "registry_writes"
_WRITERS_LOCK = 0x62_69_67_68_65_61_64


class RegistryDatabase:
    """One database; open it once a process, in any thread. Folder and tables are made when missing."""

    def __init__(self, url: str) -> None:
        target = _target(url)
        self._sqlite = target.get_backend_name() == "sqlite"
        self._reader = _sqlite_engine(target) if self._sqlite else _server_engine(target)
        # The same pool under options that `_begin` sees, or that the server is told.
        self._writer = self._reader.execution_options(**{_WRITES: True})
        if not self._sqlite:
            self._reader = self._reader.execution_options(isolation_level="REPEATABLE READ")
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
            if not self._sqlite:
                # As on SQLite one writer at a time: what it read is still so when it writes.
                connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"))
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
            if "locked" in str(error.orig) or "lock timeout" in str(error.orig):
                raise ConflictError(
                    f"the registry was locked by another writer for {BUSY_SECONDS} s.", cure="Try again."
                ) from error
            raise StoreError(
                f"the registry cannot be used: {error.orig}.", cure="Check its URL and disk."
            ) from error
        except DBAPIError as error:
            raise StoreError(f"the registry refused: {error.orig}.") from error


def _target(url: str) -> URL:
    target = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres:") else url)
    return target.set(drivername="postgresql+psycopg") if target.drivername == "postgresql" else target


def _sqlite_engine(target: URL) -> Engine:
    if target.database in (None, "", ":memory:"):
        raise StoreError("a registry in memory would be seen by one connection only.", cure="Name a file.")
    Path(str(target.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(target, connect_args={"timeout": BUSY_SECONDS}, json_serializer=finite_json)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _server_engine(target: URL) -> Engine:
    try:
        # A server may have been started anew since a connection was last used.
        return create_engine(target, pool_pre_ping=True, json_serializer=finite_json)
    except ImportError as error:
        raise MissingExtraError("the PostgreSQL driver", "postgres") from error


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
