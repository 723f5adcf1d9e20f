"""Runs in LMDB: each never changes, and a few that follow one another become one now and then.

A tree of single rows touches a page for nearly every row of a batch; a run is written at one go. Where each level is
four times as large as the one below, a row is rewritten once a level, and there are at most three runs of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

import lmdb

from bighead.resources.run_files import Buffer, RunFiles

_NUMBER_BYTES = 8
_TOGETHER = 4
_SMALLEST = 1 << 16
# Beyond this a commit would take long; larger runs stay as they are.
_LARGEST = 1 << 26


class LmdbRuns:
    """The runs of a database, by prefix; every method works in a transaction that gives buffers.

    Args:
        database: Where they are: prefix, number of the run → the run, or the file that holds it.
        merge: Makes one run of several, the oldest first.
        files: Holds the large ones.
    """

    def __init__(self, database: Any, merge: Callable[[Sequence[Buffer]], bytes], files: RunFiles) -> None:
        self._database, self._merge, self._files = database, merge, files

    def read(self, reading: lmdb.Transaction, prefix: bytes) -> list[Buffer]:
        """Return the runs of a prefix, the oldest first; they are there until the transaction writes or ends.

        Raises:
            FileNotFoundError: another process has just merged them.
        """
        return [run for _, run in self.places(reading, prefix)]

    def places(self, reading: lmdb.Transaction, prefix: bytes) -> list[tuple[bytes, Buffer]]:
        """Return the runs of a prefix with their keys, as `read` does."""
        return [(place, self._files.read(value)) for place, value in self.values(reading, prefix)]

    def values(self, reading: lmdb.Transaction, prefix: bytes = b"") -> list[tuple[bytes, Buffer]]:
        """Return what stands for the runs of a prefix with their keys."""
        found: list[tuple[bytes, Buffer]] = []
        with reading.cursor(db=self._database) as cursor:
            if cursor.set_range(prefix):
                for key, value in cursor:
                    place = bytes(key)
                    if not place.startswith(prefix):
                        break
                    found.append((place, value))
        return found

    def add(self, writing: lmdb.Transaction, prefix: bytes, run: bytes) -> None:
        """Add a run, and merge those that have become too many."""
        places = self.places(writing, prefix)
        number = 1 + int.from_bytes(places[-1][0][-_NUMBER_BYTES:], "big") if places else 0
        gone: list[bytes] = []
        while len(last := _alike(places, run)) >= _TOGETHER - 1:
            run = self._merge([*(each for _, each in last), run])
            gone += [place for place, _ in last]
            places = places[: -len(last)]
        for place in gone:
            self.replace(writing, place, b"")
        writing.put(prefix + number.to_bytes(_NUMBER_BYTES, "big"), self._files.keep(run), db=self._database)

    def replace(self, writing: lmdb.Transaction, place: bytes, run: bytes) -> None:
        """Put a run in the place of another; an empty one stands for none."""
        self._files.drop(writing.get(place, b"", db=self._database))
        if run:
            writing.put(place, self._files.keep(run), db=self._database)
        else:
            writing.delete(place, db=self._database)

    def forget(self, writing: lmdb.Transaction) -> None:
        """Drop all runs."""
        for _, value in self.values(writing):
            self._files.drop(value)
        writing.drop(self._database, delete=False)


def _alike(places: list[tuple[bytes, Buffer]], run: bytes) -> list[tuple[bytes, Buffer]]:
    """The last runs, in their order, that are of the level of the one that follows them or below it."""
    level, room = _level(len(run)), _LARGEST - len(run)
    last = list(takewhile(lambda each: _level(len(each[1])) <= level, reversed(places)))
    while last and sum(len(each) for _, each in last) > room:
        last.pop()
    return last[::-1]


def _level(length: int) -> int:
    return max(0, (length // _SMALLEST).bit_length() + 1) // 2
