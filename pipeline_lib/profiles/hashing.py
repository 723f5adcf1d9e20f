"""Hashes of values that are the same on every machine and in every version, so that stored states merge."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

_MASK = np.uint64(0xFFFFFFFFFFFFFFFF)


def stable_hashes(values: pl.Series) -> np.ndarray:
    """Return a 64-bit hash of each distinct value that is not null, as uint64 in no meaningful order.

    Numbers hash by their bits (−0.0 is 0.0, whole numbers differ from floats), times by their microseconds, all
    else by BLAKE2b of its text.

    >>> len(stable_hashes(pl.Series([1, 2, 2, None])))
    2
    """
    present = values.drop_nulls()
    if not len(present):
        return np.empty(0, np.uint64)
    dtype = present.dtype
    if dtype.is_nested():
        return _text_hashes(sorted({repr(value) for value in present.to_list()}))
    if dtype.is_float():
        # Adding zero turns −0.0 into 0.0; polars would leave it out.
        floats = present.cast(pl.Float64).unique().to_numpy() + 0.0
        return mixed(np.unique(floats).view(np.uint64))
    if isinstance(dtype, pl.Datetime | pl.Duration):
        present = present.dt.cast_time_unit("us")
    once = present.unique()
    if (dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128)) or dtype.is_temporal():
        whole = once.to_physical()
        kept = whole if whole.dtype == pl.UInt64 else whole.cast(pl.Int64)
        return mixed(kept.to_numpy().view(np.uint64))
    if isinstance(dtype, pl.Binary):
        return _digests(once.to_list())
    return _text_hashes(once.cast(pl.String).to_list())


def mixed(bits: np.ndarray) -> np.ndarray:
    """Return SplitMix64's finaliser of each of these uint64: near bits give far hashes."""
    z = (bits + np.uint64(0x9E3779B97F4A7C15)) & _MASK
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: np.ndarray = z ^ (z >> np.uint64(31))
    return result


def _text_hashes(texts: list[str]) -> np.ndarray:
    return _digests([text.encode("utf-8", "surrogatepass") for text in texts])


def _digests(values: list[bytes]) -> np.ndarray:
    joined = b"".join(hashlib.blake2b(value, digest_size=8).digest() for value in values)
    return np.frombuffer(joined, dtype="<u8").astype(np.uint64)
