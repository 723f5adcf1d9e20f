"""LMDB environments, opened once a process: LMDB forbids opening one file twice in the same process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import lmdb

from bighead.pipeline_lib.errors import StoreError

# Address space, not disk: the file grows with what is in it.
_MAP_BYTES = 1 << 34
_DATABASES = 8
_TRIES = 100
Read = TypeVar("Read")
_lock = threading.Lock()
_open: dict[Path, tuple[lmdb.Environment, int]] = {}


def acquire(folder: Path) -> lmdb.Environment:
    """Return the environment at `folder`, made when missing; call `release` once for each time.

    Raises:
        StoreError: the files are damaged or cannot be written.
    """
    path = folder.absolute()
    with _lock:
        environment, users = _open.get(path, (None, 0))
        if environment is None:
            path.mkdir(parents=True, exist_ok=True)
            try:
                # Without metasync a crash of the machine may undo the last commit, and the log redoes it.
                environment = lmdb.open(
                    str(path), map_size=_MAP_BYTES, max_dbs=_DATABASES, metasync=False, max_readers=512
                )
            except lmdb.Error as error:
                raise StoreError(
                    f"the online index {path} cannot be opened: {error}.",
                    cure="Delete the folder: it is rebuilt from the streams' logs and the next upload.",
                ) from error
        _open[path] = (environment, users + 1)
        return environment


def release(folder: Path) -> None:
    """Give an environment back; the last one closes it."""
    path = folder.absolute()
    with _lock:
        environment, users = _open[path]
        if users > 1:
            _open[path] = (environment, users - 1)
        else:
            del _open[path]
            environment.close()


def read(environment: lmdb.Environment, reads: Callable[[lmdb.Transaction], Read]) -> Read:
    """Return what is read in one transaction that gives buffers.

    Another process may have just replaced a file that was looked up: it is looked up again.

    Raises:
        StoreError: a file that the index names is not there.
    """
    for _ in range(_TRIES - 1):
        try:
            with environment.begin(buffers=True) as reading:
                return reads(reading)
        except FileNotFoundError:
            continue
    try:
        with environment.begin(buffers=True) as reading:
            return reads(reading)
    except FileNotFoundError as error:
        raise StoreError(
            f"the online index {environment.path()} names {error.filename}, which is not there.",
            cure="Delete the folder: it is rebuilt from the streams' logs and the next upload.",
        ) from error


def prefixed(reading: lmdb.Transaction, prefix: bytes, database: Any = None) -> list[tuple[bytes, bytes]]:
    """Return the entries whose keys start with `prefix`, in order."""
    found: list[tuple[bytes, bytes]] = []
    with reading.cursor(db=database) as cursor:
        if cursor.set_range(prefix):
            for key, value in cursor:
                if not bytes(key).startswith(prefix):
                    break
                found.append((bytes(key), bytes(value)))
    return found


def delete_prefix(writing: lmdb.Transaction, database: Any, prefix: bytes) -> None:
    """Delete the entries whose keys start with `prefix`."""
    for key, _ in prefixed(writing, prefix, database):
        writing.delete(key, db=database)
