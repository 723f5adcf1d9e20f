"""Rows dealt to partitions by a hash of their key, in files: equal keys lie in partitions of equal number.

1. Both sides' keys are hashed as one type, so that equal keys have equal hashes.
2. Rows stream through: a file a partition and 64 MiB, so that reading one maps no more than is needed.
3. A partition is read lazily; one that got no row is an empty frame of the same columns.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import polars as pl

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.point_in_time.memory import MEBIBYTE, Memory

# Each open partition buffers some rows while the others are dealt.
MOST_PARTITIONS = 256
_PART = "__part"
_A_FILE = 64 * MEBIBYTE
_SEED = 7


@contextmanager
def spill_folder(memory: Memory) -> Iterator[Path]:
    """Yield an empty folder that is removed afterwards, also on failure.

    Raises:
        StoreError: it cannot be made, or the disk is full.
    """
    where = memory.folder or Path(gettempdir())
    try:
        where.mkdir(parents=True, exist_ok=True)
        made = TemporaryDirectory(prefix="bighead_join_", dir=where)
    except OSError as error:
        raise _unwritable(where, error) from error
    with made as folder:
        try:
            yield Path(folder)
        except OSError as error:
            if error.errno == errno.ENOSPC or "No space left" in str(error):
                raise _unwritable(where, error) from error
            raise


def _unwritable(where: Path, error: OSError) -> StoreError:
    return StoreError(
        f"a join that is larger than memory cannot spill to {where}: {error}.",
        cure="Give it a folder with room for its rows, questions and answers once over: BIGHEAD_SPILL.",
    )


@dataclass(frozen=True)
class Dealt:
    """A frame's rows in the files of numbered partitions."""

    folder: Path
    schema: pl.Schema

    def scan(self, part: int) -> pl.LazyFrame:
        """Return the rows of a partition, lazily; none where nothing was dealt to it."""
        files = sorted((self.folder / f"{_PART}={part}").glob("*.ipc"))
        if not files:
            return pl.DataFrame(schema=self.schema).lazy()
        return pl.scan_ipc(files, hive_partitioning=False, glob=False)


def deal(frame: pl.LazyFrame, part: pl.Expr, folder: Path) -> Dealt:
    """Write each row to the partition that `part` says, in the order in which they came."""
    by = pl.PartitionBy(folder, key={_PART: part}, include_key=False, approximate_bytes_per_file=_A_FILE)
    folder.mkdir(parents=True, exist_ok=True)
    frame.sink_ipc(by, mkdir=True)
    return Dealt(folder, frame.collect_schema())


def by_key(key: Sequence[pl.Expr], parts: int) -> pl.Expr:
    """Return the partition of a key; one with nulls has its own, too."""
    if parts == 1:
        return pl.lit(0, dtype=pl.UInt32)
    named = pl.struct(each.alias(str(place)) for place, each in enumerate(key))
    return (named.hash(_SEED) % parts).cast(pl.UInt32)


def height(frame: pl.LazyFrame) -> int:
    """Return how many rows a frame has, without holding them."""
    return int(frame.select(pl.len()).collect(engine="streaming").item())
