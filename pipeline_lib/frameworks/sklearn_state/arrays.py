"""Arrays as bytes: the layout of safetensors (length, JSON header, data), with NumPy's words for types.

Types are plain numbers, texts of fixed width, times, and records of these; an array of objects has no place here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from bighead.pipeline_lib.errors import ArtifactError

Array = np.ndarray[Any, Any]
KINDS = frozenset("biufcSUMm")
_WORD = re.compile(
    r"[<>|=](?:[biufc]\d{1,2}|[SU]\d{1,9}|[mM]8(?:\[\d{0,9}(?:[YMWDhm]|[munpfa]?s)\])?)", re.ASCII
)
_ALIGNMENT = 64
# A shape may have this many items more than it has bytes: items of no bytes cost time all the same.
_SLACK = 1 << 20
_CURE = "Save it again; the file is not what was written."


def to_bytes(arrays: Sequence[Array]) -> bytes:
    """Return arrays as bytes that `from_bytes` reads: equal arrays give equal bytes.

    >>> from_bytes(to_bytes([np.array([1.0, 2.0])]))
    [array([1., 2.])]
    """
    header: list[dict[str, Any]] = []
    parts: list[bytes] = []
    offset = 0
    for each in arrays:
        # Matrix products round by the order in memory, so columns first stays columns first.
        order = "F" if each.flags.f_contiguous and not each.flags.c_contiguous else "C"
        content = _padded(each).tobytes(order=order)  # type: ignore[arg-type]
        header.append(
            {
                "dtype": dtype_words(each.dtype),
                "shape": [*each.shape],
                "order": order,
                "at": [offset, len(content)],
            }
        )
        filler = -len(content) % _ALIGNMENT
        parts += [content, bytes(filler)]
        offset += len(content) + filler
    said = json.dumps(header, separators=(",", ":")).encode()
    return len(said).to_bytes(8, "little") + said + b"".join(parts)


def from_bytes(content: bytes) -> list[Array]:
    """Return the arrays.

    Raises:
        ArtifactError: bytes that are none of `to_bytes`: cut, a shape that they do not fill, a type that runs code.
    """
    try:
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        data = memoryview(content)[8 + length :]
        return [_array(each, data) for each in header]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise ArtifactError(f"stored arrays cannot be read: {error}.", cure=_CURE) from error


def _array(said: Mapping[str, Any], data: memoryview) -> Array:
    dtype, shape = dtype_of(said["dtype"]), [int(length) for length in said["shape"]]
    start, size = (int(each) for each in said["at"])
    items = prod(max(length, 1) for length in shape)
    if min(shape, default=0) < 0 or len(shape) > 32 or items > size + _SLACK:
        raise ValueError(f"the shape {shape} is no shape of {size} bytes")
    if not 0 <= start <= start + size <= len(data) or prod(shape) * dtype.itemsize != size:
        raise ValueError(f"{shape} of {dtype} are not the {size} bytes at {start} of {len(data)}")
    if said["order"] not in ("C", "F"):
        raise ValueError(f"the order is {said['order']!r}")
    flat = np.frombuffer(data[start : start + size], dtype=dtype) if size else np.empty(prod(shape), dtype)
    return flat.reshape(shape, order=said["order"]).copy(order=said["order"])


def _padded(array: Array) -> Array:
    """An array whose gaps between the fields of a record are zeros, not what memory happened to hold."""
    if array.dtype.names is None:
        return array
    clean = np.zeros(array.shape, array.dtype)
    for name in array.dtype.names:
        clean[name] = array[name]
    return clean


def dtype_words(dtype: np.dtype[Any]) -> Any:
    """Return a type as JSON.

    >>> dtype_words(np.dtype("float32"))
    '<f4'

    Raises:
        ValueError: a type that holds objects, or records in records.
    """
    if dtype.names is None:
        if dtype.kind not in KINDS or dtype.subdtype is not None:
            raise ValueError(f"{dtype} is no type of plain values")
        return dtype.str
    fields = [dtype.fields[name] for name in dtype.names]  # type: ignore[index]
    if any(field[0].names is not None for field in fields):
        raise ValueError(f"{dtype} is a record of records")
    return {
        "names": [*dtype.names],
        "formats": [dtype_words(field[0]) for field in fields],
        "offsets": [field[1] for field in fields],
        "itemsize": dtype.itemsize,
    }


def dtype_of(words: Any) -> np.dtype[Any]:
    """Return the type that `dtype_words` said.

    Raises:
        ValueError: words for another type.
    """
    if isinstance(words, str):
        # NumPy reads much more than these as types, some of it by Python's own parser.
        if not _WORD.fullmatch(words):
            raise ValueError(f"{words[:100]!r} is no type of plain values")
        return np.dtype(words)
    if not isinstance(words, dict) or set(words) != {"names", "formats", "offsets", "itemsize"}:
        raise ValueError(f"{str(words)[:100]} is no type")
    formats = [dtype_of(each) for each in words["formats"] if isinstance(each, str)]
    record: Any = {**words, "formats": formats}
    made: np.dtype[Any] = np.dtype(record)
    return made
