"""What travels through Spark: frames as Arrow in binary blocks, each with the part it goes to and the side it is of.

Spark shuffles blocks, not rows: a frame keeps its types, also those that Spark does not have, and no row is ever
turned into a Java object. Errors of ours travel as blocks, too, and are raised again on the driver.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import polars as pl
import pyarrow as pa

from bighead.pipeline_lib import errors
from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.point_in_time import JoinReport

BLOCKS = "part int, side int, data binary"
# Sides below zero are told of, not joined: an error, and from −2 down the reports of each use.
ERROR, REPORTS = -1, -2
_SCHEMA = pa.schema([("part", pa.int32()), ("side", pa.int32()), ("data", pa.binary())])
_BYTES_A_BATCH = 32 << 20

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Block:
    """Some bytes of a side on their way to a part."""

    part: int
    side: int
    data: bytes

    @classmethod
    def of(cls, part: int, side: int, frame: pl.DataFrame) -> Block:
        """Pack a frame."""
        buffer = io.BytesIO()
        frame.write_ipc_stream(buffer)
        return cls(part, side, buffer.getvalue())

    @classmethod
    def report(cls, use: int, report: JoinReport) -> Block:
        """Pack the report of a use."""
        return cls(0, REPORTS - use, json.dumps(asdict(report)).encode())

    @property
    def frame(self) -> pl.DataFrame:
        """The frame that was packed."""
        return pl.read_ipc_stream(io.BytesIO(self.data))


def sending(work: Callable[[Batches], Iterator[Block]]) -> Callable[[Batches], Batches]:
    """Return what `mapInArrow` calls: the blocks of `work` in batches; a BigheadError becomes the last block."""

    def blocks(batches: Batches) -> Iterator[Block]:
        try:
            yield from work(batches)
        except BigheadError as error:
            told = {"name": type(error).__name__, "message": error.message, "cure": error.cure}
            yield Block(0, ERROR, json.dumps(told).encode())

    def run(batches: Batches) -> Batches:
        held: list[Block] = []
        size = 0
        for block in blocks(batches):
            held.append(block)
            size += len(block.data)
            if size >= _BYTES_A_BATCH:
                yield _batch(held)
                held, size = [], 0
        if held:
            yield _batch(held)

    return run


def received(batches: Batches) -> Iterator[Block]:
    """Return the blocks of the batches that a task gets."""
    for batch in batches:
        columns = (batch.column(name).to_pylist() for name in ("part", "side", "data"))
        for part, side, data in zip(*columns, strict=True):
            yield Block(part, side, data)


def raised(block: Block) -> Block:
    """Return a block, or raise the error that it is.

    Raises:
        BigheadError: the one that a task met, of its own class.
    """
    if block.side != ERROR:
        return block
    told = json.loads(block.data)
    kind = getattr(errors, told["name"], BigheadError)
    # Some say more than a message when they are made; what they say is made already.
    error = kind.__new__(kind)
    BigheadError.__init__(error, told["message"], cure=told["cure"])
    raise error


def report_of(block: Block) -> tuple[int, JoinReport]:
    """Return which use a block of `Block.report` tells of, and what."""
    return REPORTS - block.side, JoinReport(**json.loads(block.data))


def _batch(blocks: list[Block]) -> pa.RecordBatch:
    columns = [[b.part for b in blocks], [b.side for b in blocks], [b.data for b in blocks]]
    arrays = [pa.array(each, field.type) for each, field in zip(columns, _SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)
