"""Hashes of values that are the same on every machine and in every version, so that stored states merge."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from bighead_kernels import hash_buckets

_MASK = np.uint64(0xFFFFFFFFFFFFFFFF)


def stable_hashes(values: pl.Series) -> np.ndarray:
    """Return a 64-bit hash of each distinct value that is not null, as uint64, sorted.

    Numbers hash by their bits (−0.0 is 0.0, whole numbers differ from floats), times by their microseconds, all
    else by xxh3 of its text, bytes by BLAKE2b.

    >>> len(stable_hashes(pl.Series([1, 2, 2, None])))
    2
    """
    once = values.drop_nulls()
    once = once if once.dtype.is_nested() else once.unique()
    return np.unique(hash_each(once)) if len(once) else np.empty(0, np.uint64)


def hash_each(values: pl.Series) -> np.ndarray:
    """Return the hash of each of these values, none of them null, in their order."""
    dtype = values.dtype
    if dtype.is_nested():
        return _text_hashes(pl.Series([repr(value) for value in values.to_list()], dtype=pl.String))
    if dtype.is_float():
        # Adding zero turns −0.0 into 0.0; polars would leave it out. NaNs have many bit patterns.
        floats = values.cast(pl.Float64).to_numpy() + 0.0
        floats[np.isnan(floats)] = np.nan
        return mixed(floats.view(np.uint64))
    if isinstance(dtype, pl.Datetime | pl.Duration):
        values = values.dt.cast_time_unit("us")
    if (dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128)) or dtype.is_temporal():
        whole = values.to_physical()
        kept = whole if whole.dtype == pl.UInt64 else whole.cast(pl.Int64)
        return mixed(kept.to_numpy().view(np.uint64))
    if isinstance(dtype, pl.Binary):
        return _digests(values.to_list())
    return _text_hashes(values.cast(pl.String))


def mixed(bits: np.ndarray) -> np.ndarray:
    """Return SplitMix64's finaliser of each of these uint64: near bits give far hashes."""
    z = (bits + np.uint64(0x9E3779B97F4A7C15)) & _MASK
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: np.ndarray = z ^ (z >> np.uint64(31))
    return result


def _text_hashes(texts: pl.Series) -> np.ndarray:
    # The kernel's hash is asked for twice, half of the bits each: buckets are at most 2^53.
    high, low = (pl.Series(hash_buckets(texts, 1 << 32, seed)).cast(pl.UInt64).to_numpy() for seed in (0, 1))
    found: np.ndarray = high << np.uint64(32) | low
    return found


def _digests(values: list[bytes]) -> np.ndarray:
    joined = b"".join(hashlib.blake2b(value, digest_size=8).digest() for value in values)
    return np.frombuffer(joined, dtype="<u8").astype(np.uint64)
