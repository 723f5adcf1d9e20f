"""Sixteen bytes that stand for a key, under which stores find its rows: BLAKE2b (RFC 7693) of a MessagePack array."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from bighead_kernels import digests

_encoder = msgspec.msgpack.Encoder()


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
