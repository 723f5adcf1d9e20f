"""Generations as Arrow files sorted by key: mapped into memory once, sliced by key without a copy."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.clean import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.index_runs import build_ranges
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources.online_rows import columns_of

_KEPT_OPEN = 256


class GenerationFiles:
    """Writes and opens the files under `folder`; an open one stays readable when it is removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames: dict[str, pl.DataFrame] = {}
        self._schemas: dict[str, pl.Schema] = {}
        self._lock = threading.Lock()

    def write(self, name: str, frame: pl.DataFrame) -> str:
        """Write a frame durably and return its file's name."""
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{secrets.token_hex(8)}.arrow"
        with path.open("wb") as file:
            # One batch, so that the file is one chunk when it is read: plans then share its memory.
            batch = max(frame.height, 1)
            frame.rechunk().write_ipc(file, compression="uncompressed", record_batch_size=batch)
            file.flush()
            os.fsync(file.fileno())
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return f"{name}/{path.name}"

    def open(self, file: str) -> pl.DataFrame:
        """Return a file's frame, mapped.

        Raises:
            FileNotFoundError: it was removed.
        """
        found = self._frames.get(file)
        if found is None:
            found = pl.read_ipc(self._folder / file).rechunk()
            with self._lock:
                self._frames[file] = found
                for stale in list(self._frames)[:-_KEPT_OPEN]:
                    del self._frames[stale]
                    self._schemas.pop(stale, None)
        return found

    def schema(self, file: str) -> pl.Schema:
        """Return the types of a file's columns, the same object each time.

        Raises:
            FileNotFoundError: it was removed.
        """
        found = self._schemas.get(file)
        if found is None:
            found = self._schemas[file] = self.open(file).schema
        return found

    def remove(self, file: str) -> None:
        """Remove a file that nobody will ask for again."""
        with self._lock:
            self._frames.pop(file, None)
            self._schemas.pop(file, None)
        (self._folder / file).unlink(missing_ok=True)


def by_key(feature_set: FeatureSet, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows as a generation keeps them: whole keys only, sorted by key and time."""
    keys = list(feature_set.keys)
    rows = frame.select(columns_of(feature_set)).drop_nulls(keys)
    return rows.sort(*keys, TIME, KNOWN, maintain_order=True)


def key_ranges(feature_set: FeatureSet, rows: pl.DataFrame) -> Iterator[tuple[bytes, int, int]]:
    """Yield (digest, offset, length) of each key of sorted rows."""
    digests, lengths = _keys(feature_set, rows)
    return zip(digests, accumulate(lengths, initial=0), lengths, strict=False)


def range_run(feature_set: FeatureSet, rows: pl.DataFrame) -> bytes:
    """Return the same as a run, in which the kernel finds keys."""
    digests, lengths = _keys(feature_set, rows)
    return build_ranges(b"".join(digests), lengths)


def _keys(feature_set: FeatureSet, rows: pl.DataFrame) -> tuple[list[bytes], list[int]]:
    keys = list(feature_set.keys)
    counted = rows.select(keys).group_by(keys, maintain_order=True).len()
    return digests_of(counted.select(keys).rows()), counted["len"].to_list()


def snapshot_offsets(rows: pl.DataFrame) -> list[int]:
    """Return for each snapshot of an entity set the offset of one of its rows: proof that there is one."""
    first = rows.with_row_index("__row").group_by(TIME, KNOWN).agg(pl.col("__row").min())
    return sorted(int(offset) for offset in first["__row"])


def ids_of(rows: pl.DataFrame, column: str) -> set[Any]:
    """Return the event ids among rows."""
    return set(rows[column].to_list())
