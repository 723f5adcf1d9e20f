"""Tables of a bundle: Arrow files that are written plainly, and read as if by a stranger.

What is read must be plain columns that fill their own bytes: a small file must not become a large table. So there are
no compressed buffers, no views, dictionaries or runs that name the same bytes many times, and no more rows than bits.
Source: the Arrow columnar format, "IPC File Format" and `Message.fbs`.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import polars as pl

# Of the flatbuffer tables `Footer`, `Message` and `RecordBatch`: the places of the fields that are looked at.
_BATCHES, _HEADER, _LENGTH, _COMPRESSION = 3, 2, 0, 3
_BLOCK, _CONTINUATION, _END = 24, 0xFFFFFFFF, 10
_MOST_DEPTH = 8


def to_bytes(table: pl.DataFrame) -> bytes:
    """Return a table as an Arrow file; equal tables give equal bytes.

    >>> to_table(to_bytes(pl.DataFrame({"n": [1, None]})))["n"].to_list()
    [1, None]
    """
    buffer = io.BytesIO()
    # The oldest layout is read by every Arrow implementation.
    table.write_ipc(buffer, compression="uncompressed", compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def to_table(content: bytes) -> pl.DataFrame:
    """Read an Arrow file that may be anybody's: Arrow's own reader looks at every offset and length it names.

    Raises:
        ValueError: no Arrow file of plain columns, or more rows than its bytes can hold.
    """
    import pyarrow as pa
    import pyarrow.ipc

    try:
        _check_batches(content)
    except struct.error as error:
        raise ValueError(f"it is no Arrow file: {error}") from error
    try:
        with pyarrow.ipc.open_file(pa.py_buffer(content)) as file:
            for each in file.schema:
                _check_type(each.type)
            table = file.read_all()
        _check_sizes(table, len(content))
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"it is no Arrow file: {error}") from error
    return pl.DataFrame(table)


def _check_batches(content: bytes) -> None:
    """Refuse batches whose buffers are compressed, or that declare more rows than there are bits."""
    rows = 0
    for batch in _batches(content):
        if _field(content, batch, _COMPRESSION):
            raise ValueError("its columns are compressed")
        length = _field(content, batch, _LENGTH)
        declared = _read("<q", content, length) if length else 0
        rows += declared
        if declared < 0 or rows > 8 * len(content):
            raise ValueError(f"it declares {declared} rows in {len(content)} bytes")


def _batches(content: bytes) -> Iterator[int]:
    """Where the flatbuffer table of each batch stands, as the footer at the end of the file says."""
    end = len(content) - _END
    footer = _pointed(content, end - _read("<i", content, end))
    listed = _field(content, footer, _BATCHES)
    if not listed:
        return
    blocks = _pointed(content, listed)
    for place in range(_read("<I", content, blocks)):
        at = _read("<q", content, blocks + 4 + _BLOCK * place)
        # Files of before Arrow 0.15 have no mark before the length of the message.
        start = at + (8 if _read("<I", content, at) == _CONTINUATION else 4)
        message = _pointed(content, start)
        header = _field(content, message, _HEADER)
        if header:
            yield _pointed(content, header)


def _read(layout: str, content: bytes, at: int) -> int:
    if at < 0:
        raise ValueError("it is no Arrow file: it points to before its start")
    found: int = struct.unpack_from(layout, content, at)[0]
    return found


def _pointed(content: bytes, at: int) -> int:
    """Where the flatbuffer offset that stands here points to."""
    return at + _read("<I", content, at)


def _field(content: bytes, table: int, field: int) -> int:
    """Where a field of a flatbuffer table stands, 0 where it is absent."""
    directory = table - _read("<i", content, table)
    place = 4 + 2 * field
    if place + 2 > _read("<H", content, directory):
        return 0
    found = _read("<H", content, directory + place)
    return table + found if found else 0


def _check_type(dtype: Any, depth: int = 0) -> None:
    """Refuse types of which a few bytes may stand for many values."""
    from pyarrow import types

    if depth > _MOST_DEPTH:
        raise ValueError("its lists lie too deep in each other")
    if types.is_struct(dtype) and dtype.num_fields:
        for each in dtype:
            _check_type(each.type, depth + 1)
    elif (
        types.is_list(dtype)
        or types.is_large_list(dtype)
        or (types.is_fixed_size_list(dtype) and dtype.list_size > 0)
    ):
        _check_type(dtype.value_type, depth + 1)
    elif not _is_plain(dtype):
        raise ValueError(f"it holds a column of the type {dtype}")


def _check_sizes(table: Any, size: int) -> None:
    if table.nbytes > size:
        raise ValueError(f"its columns have {table.nbytes} bytes in {size}")
    for column in table.columns:
        for chunk in column.chunks:
            _check_lengths(chunk, 8 * size)


def _check_lengths(array: Any, most: int) -> None:
    """Refuse columns of nothing but missing values that are longer than anything that takes a bit."""
    from pyarrow import types

    if len(array) > most:
        raise ValueError(f"it declares {len(array)} values")
    if types.is_struct(array.type):
        for place in range(array.type.num_fields):
            _check_lengths(array.field(place), most)
    elif types.is_nested(array.type):
        _check_lengths(array.values, most)


def _is_plain(dtype: Any) -> bool:
    from pyarrow import types

    texts = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    others = (types.is_primitive, types.is_null, types.is_decimal)
    return any(is_of(dtype) for is_of in (*texts, *others))
