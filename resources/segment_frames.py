"""How records lie in a segment file: one frame a batch, `magic | records | bytes | crc32 | payload`.

A batch is one frame so that a torn write can only ever be the last frame: the next batch is written after the
one before it was fsynced.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

MAGIC = b"BHL1"
_HEADER = struct.Struct("<4sIII")
_COUNTS = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
HEADER_BYTES = _HEADER.size


@dataclass(frozen=True)
class Frame:
    """A good frame at `offset` of its file: how many records, where it ends, and its payload."""

    offset: int
    records: int
    end: int
    payload: memoryview


def encode_frame(records: Sequence[bytes]) -> bytes:
    """Return one frame that holds the records in order."""
    payload = b"".join(chain.from_iterable(zip(map(_LENGTH.pack, map(len, records)), records, strict=True)))
    return _HEADER.pack(MAGIC, len(records), len(payload), _checksum(len(records), payload)) + payload


def decode_frame(data: memoryview, offset: int) -> Frame | None:
    """Return the frame at `offset`, or None where there is no whole frame with a right checksum."""
    if offset + HEADER_BYTES > len(data):
        return None
    magic, records, length, checksum = _HEADER.unpack_from(data, offset)
    end = offset + HEADER_BYTES + length
    if magic != MAGIC or end > len(data):
        return None
    payload = data[offset + HEADER_BYTES : end]
    return Frame(offset, records, end, payload) if _checksum(records, payload) == checksum else None


def records_of(frame: Frame) -> Iterator[bytes]:
    """Yield the records of a good frame.

    >>> frame = decode_frame(memoryview(encode_frame([b"one", b""])), 0)
    >>> list(records_of(frame))
    [b'one', b'']
    """
    at, payload = 0, frame.payload
    for _ in range(frame.records):
        (length,) = _LENGTH.unpack_from(payload, at)
        at += _LENGTH.size
        yield bytes(payload[at : at + length])
        at += length


def good_frame_after(data: memoryview, offset: int) -> int | None:
    """Return where the first good frame beyond `offset` starts; None where nothing good follows."""
    raw = bytes(data[offset:])
    found = raw.find(MAGIC, 1)
    while found != -1:
        if decode_frame(data, offset + found) is not None:
            return offset + found
        found = raw.find(MAGIC, found + 1)
    return None


def _checksum(records: int, payload: bytes | memoryview) -> int:
    return zlib.crc32(payload, zlib.crc32(_COUNTS.pack(records, len(payload))))
