"""What Spark's tasks read: Parquet files, by polars, or the rows of a Spark DataFrame, as frames of a few rows.

Both give frames of one schema, known on the driver, so that every task computes with the same types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl
from pyarrow import parquet

from bighead.resources.spark_blocks import BLOCKS, Batches, Block, sending
from bighead.resources.spark_session import mapped, quiet, slots

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Frames = Iterator[pl.DataFrame]
_ROWS_AT_ONCE, _SAMPLE = 1 << 19, 4_096
_BYTES_A_PIECE, _WORTH_A_TASK = 32 << 20, 4 << 20


class Input(Protocol):
    """Rows that Spark's tasks can read."""

    @property
    def session(self) -> SparkSession:
        """Where they are read."""
        ...

    @property
    def schema(self) -> pl.Schema:
        """Their columns."""
        ...

    def sample(self) -> pl.DataFrame:
        """Return a few rows."""
        ...

    def stage(self, columns: Sequence[str], work: Callable[[Frames], Iterator[Block]]) -> DataFrame:
        """Return the blocks that `work` makes of the frames of each task, with these columns."""
        ...


@dataclass(frozen=True)
class Piece:
    """Rows of a Parquet file from `offset` on, `rows` of them or all."""

    path: str
    offset: int = 0
    rows: int | None = None


@dataclass(frozen=True)
class FileInput:
    """Parquet files that every task reaches under the same path; `where` is what holds of the rows that count.

    A file that lacks a column has nulls there, as one that was written before the column was added.
    """

    session: SparkSession
    pieces: Sequence[Piece]
    schema: pl.Schema
    where: pl.Expr | None = None

    @classmethod
    def of(
        cls,
        session: SparkSession,
        files: Sequence[str],
        schema: pl.Schema | None = None,
        where: pl.Expr | None = None,
    ) -> FileInput:
        """Take files, large ones in pieces; the schema is the first one's where none is given."""
        few = 2 * slots(session) if len(files) < 2 * slots(session) else 1
        pieces = [piece for file in files for piece in _pieces(file, few)]
        known = schema or pl.scan_parquet(files[0], glob=False).collect_schema()
        return cls(session, tuple(pieces), known, where)

    def sample(self) -> pl.DataFrame:
        """Return the first rows of the first piece."""
        if not self.pieces:
            return self.schema.to_frame()
        return _read(self.pieces[0], self.schema, list(self.schema), None, _SAMPLE)

    def stage(self, columns: Sequence[str], work: Callable[[Frames], Iterator[Block]]) -> DataFrame:
        """Return the blocks that `work` makes of the files of each task."""
        groups = _groups(self.pieces, 3 * slots(self.session))
        schema, where, wanted = self.schema, self.where, list(columns)

        def run(batches: Batches) -> Iterator[Block]:
            numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
            pieces = (piece for number in numbers for piece in groups[number])
            yield from work(_read(piece, schema, wanted, where) for piece in pieces)

        numbers = self.session.range(0, len(groups), 1, len(groups))
        return mapped(numbers, sending(run), BLOCKS)


@dataclass(frozen=True)
class FrameInput:
    """The rows of a Spark DataFrame."""

    frame: DataFrame
    schema: pl.Schema = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", schema_of(self.frame))

    @property
    def session(self) -> SparkSession:
        """The DataFrame's session."""
        session: SparkSession = self.frame.sparkSession
        return session

    def sample(self) -> pl.DataFrame:
        """Return some rows."""
        with quiet():
            table = self.frame.limit(_SAMPLE).toArrow()
        return pl.DataFrame(table).cast(self.schema)

    def stage(self, columns: Sequence[str], work: Callable[[Frames], Iterator[Block]]) -> DataFrame:
        """Return the blocks that `work` makes of the rows of each task."""
        types = pl.Schema({name: self.schema[name] for name in columns})

        def run(batches: Batches) -> Iterator[Block]:
            yield from work(_gathered(batches, types))

        chosen = self.frame.select(*(f"`{name.replace('`', '``')}`" for name in columns))
        return mapped(chosen, sending(run), BLOCKS)


def schema_of(frame: DataFrame) -> pl.Schema:
    """Return the columns of a Spark DataFrame; its timestamps are UTC microseconds, those without zone naive."""
    from pyspark.sql.pandas.types import to_arrow_schema

    with quiet():
        empty = to_arrow_schema(frame.schema, timezone="UTC").empty_table()
    return pl.DataFrame(empty).schema


def _gathered(batches: Batches, types: pl.Schema) -> Frames:
    held: list[pl.DataFrame] = []
    rows = 0
    for batch in batches:
        held.append(pl.DataFrame(batch).cast(types))
        rows += batch.num_rows
        if rows >= _ROWS_AT_ONCE:
            yield pl.concat(held)
            held, rows = [], 0
    if held:
        yield pl.concat(held)


def _pieces(file: str, wanted: int) -> list[Piece]:
    """Cut a file between its row groups: `wanted` pieces of some size, more where they would be large."""
    path = Path(file)
    size = path.stat().st_size if path.is_file() else 0
    count = max(size // _BYTES_A_PIECE + 1, min(wanted, size // _WORTH_A_TASK))
    if count == 1:
        return [Piece(file)]
    told = parquet.read_metadata(file)
    ends = np.cumsum([told.row_group(number).num_rows for number in range(told.num_row_groups)])
    near = np.searchsorted(ends, [told.num_rows * n // count for n in range(1, count)])
    edges = sorted({0, told.num_rows, *ends[near].tolist()})
    return [Piece(file, low, high - low) for low, high in pairwise(edges)]


def _groups(pieces: Sequence[Piece], at_least: int) -> list[Sequence[Piece]]:
    """Return neighbours together: many small files a task, one large piece."""
    count = max(1, min(len(pieces), max(at_least, len(pieces) // 64)))
    edges = [len(pieces) * n // count for n in range(count + 1)]
    return [pieces[low:high] for low, high in pairwise(edges)]


def _read(
    piece: Piece,
    schema: pl.Schema,
    columns: Sequence[str],
    where: pl.Expr | None,
    most: int | None = None,
) -> pl.DataFrame:
    rows = pl.scan_parquet(piece.path, glob=False, hive_partitioning=False)
    limit = min([each for each in (piece.rows, most) if each is not None], default=None)
    rows = rows.slice(piece.offset, limit) if piece.offset or limit is not None else rows
    rows = rows if where is None else rows.filter(where)
    there = rows.collect_schema()
    wanted = [
        (pl.col(name) if name in there else pl.lit(None)).cast(schema[name]).alias(name) for name in columns
    ]
    return rows.select(wanted).collect()
