"""Which generations of each set LMDB's index holds, and under which prefix their entries are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lmdb
import msgspec

from bighead.resources.lmdb_changing_rows import RANGES
from bighead.resources.lmdb_environment import prefixed
from bighead.resources.online_rows import ordered
from bighead.resources.run_files import file_of

_KEY = b"generations:"


class Stored(msgspec.Struct, frozen=True):
    """A generation as the index keeps it."""

    midnight: int
    file: str
    rows: int
    source_versions: dict[str, str]
    snapshots: list[int]


_decoder = msgspec.msgpack.Decoder(list[Stored])


class LmdbGenerations:
    """The generations of each set, newest first, by its name."""

    def __init__(self, meta: Any) -> None:
        self._meta = meta
        self._read: dict[str, tuple[bytes, list[Stored]]] = {}

    def of(self, reading: lmdb.Transaction, name: str) -> list[Stored]:
        """Return the generations of a set, the same objects until they change."""
        value = reading.get(_KEY + name.encode(), db=self._meta)
        if value is None:
            return []
        known = self._read.get(name)
        if known is None or known[0] != value:
            known = (bytes(value), _decoder.decode(value))
            self._read[name] = known
        return known[1]

    def put(self, writing: lmdb.Transaction, name: str, kept: Sequence[Stored]) -> None:
        """Replace the generations of a set."""
        writing.put(_KEY + name.encode(), msgspec.msgpack.encode(kept), db=self._meta)

    def range_files(self, reading: lmdb.Transaction, index: Any) -> set[str]:
        """Return the names of the files that hold runs of ranges."""
        found: set[str] = set()
        for key, value in prefixed(reading, _KEY, self._meta):
            name = key.removeprefix(_KEY).decode()
            for each in _decoder.decode(value):
                file = file_of(reading.get(index_prefix(name, each.midnight) + RANGES, b"", db=index))
                found |= set() if file is None else {file}
        return found


def index_prefix(name: str, midnight: int) -> bytes:
    """Return what the keys of a generation's entries start with."""
    return name.encode() + b"\0" + ordered(midnight)
