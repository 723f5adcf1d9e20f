"""Sixteen bytes that stand for a key, under which stores find its rows: BLAKE2b (RFC 7693) of a MessagePack array."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl
from bighead_kernels import digest_rows, digests

_BYTES = 16
_encoder = msgspec.msgpack.Encoder()
_ALIKE: dict[type, pl.DataType] = {str: pl.String(), int: pl.Int64()}


def digest(key: Sequence[Any]) -> bytes:
    """Return 16 bytes that stand for the values of a key, as stored rows hold them.

    >>> digest([7, "x"]).hex()
    '3b769038e8e28cd9cac3641f54f594f2'
    """
    return hashlib.blake2b(_encoder.encode(key), digest_size=16).digest()


def digests_of(keys: Sequence[Sequence[Any]]) -> list[bytes]:
    """Return the `digest` of each key; the kernel makes those of integers, text, truths and nulls."""
    try:
        return digests(keys)
    except (TypeError, OverflowError):
        return [digest(key) for key in keys]


def digests_of_rows(frame: pl.DataFrame) -> bytes:
    """Return the `digest` of each row of a frame, one after another."""
    try:
        return digest_rows(frame)
    except TypeError:
        return b"".join(digests_of(frame.rows()))


def digests_of_values(values: Sequence[Any]) -> bytes:
    """Return the `digest` of each value as a key of its own, one after another.

    >>> digests_of_values(["x", "y"]) == digest(["x"]) + digest(["y"])
    True
    """
    kinds = set(map(type, values))
    if kinds in ({str}, {int}):
        try:
            return digest_rows(pl.DataFrame({"": pl.Series(values, dtype=_ALIKE[kinds.pop()])}))
        except (OverflowError, TypeError, pl.exceptions.PolarsError):
            pass
    return b"".join(digests_of([[each] for each in values]))


def split_digests(digests: bytes) -> list[bytes]:
    """Return digests that lie one after another."""
    return [digests[start : start + _BYTES] for start in range(0, len(digests), _BYTES)]
