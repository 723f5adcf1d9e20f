"""Runs that are large for a value of LMDB, as files that are mapped.

LMDB's binding reads a byte of every page of a value before it gives it: one of 64 MB costs 100 µs each time.

A file is written and synced before the commit that names it, and removed after the commit that forgets it. A crash in
between leaves a file that nobody names, which `sweep` removes.
"""

from __future__ import annotations

import mmap
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

# Where it lies in a file, or bytes that are not there yet.
Buffer = bytes | memoryview
_MARK = b"BHF1"
_LARGE = 1 << 18


class RunFiles:
    """The files under `folder`; a mapped one stays readable when it is removed.

    Files are kept and dropped within `changing` only, by one thread at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mapped: dict[str, memoryview] = {}
        self._made: list[str] = []
        self._dropped: list[str] = []

    def keep(self, run: bytes) -> bytes:
        """Return the value that stands for a run: itself, or the name of the file that holds it from now on."""
        if len(run) < _LARGE:
            return run
        name = secrets.token_hex(8)
        self._made.append(name)
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / name).open("wb") as file:
            file.write(run)
            file.flush()
            os.fsync(file.fileno())
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        # Mapped from the start, it is read even when somebody deletes the folder.
        self._map(name)
        return _MARK + name.encode()

    def read(self, value: Buffer) -> Buffer:
        """Return the run of a value.

        Raises:
            FileNotFoundError: its file was removed.
        """
        name = file_of(value)
        if name is None:
            return value
        found = self._mapped.get(name)
        if found is None:
            # Another process made it, and mostly in the place of others that it removed.
            found, there = self._map(name), self.names()
            self._mapped = {each: run for each, run in self._mapped.copy().items() if each in there}
        return found

    def drop(self, value: Buffer) -> None:
        """Let go of the run of a value that nobody will read again."""
        name = file_of(value)
        if name is not None:
            self._dropped.append(name)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Remove what was dropped after a commit within, or what was made where there is none."""
        try:
            yield
        except BaseException:
            self._remove(self._made)
            raise
        else:
            self._remove(self._dropped)
        finally:
            self._made, self._dropped = [], []

    def names(self) -> set[str]:
        """Return the files that are there."""
        return {path.name for path in self._folder.glob("*")} if self._folder.is_dir() else set()

    def sweep(self, named: Collection[str]) -> None:
        """Map the files that are named and remove the others, while nobody else writes."""
        there = self.names()
        self._remove(there.difference(named))
        for name in there.intersection(named):
            self._map(name)

    def _map(self, name: str) -> memoryview:
        with (self._folder / name).open("rb") as file:
            found = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self._mapped[name] = found
        return found

    def _remove(self, names: Collection[str]) -> None:
        for name in names:
            self._mapped.pop(name, None)
            (self._folder / name).unlink(missing_ok=True)


def file_of(value: Buffer) -> str | None:
    """Return the name of the file that a value stands for."""
    return bytes(value[len(_MARK) :]).decode() if value[: len(_MARK)] == _MARK else None
