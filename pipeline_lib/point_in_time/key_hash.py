"""Keys to buckets by a hash that is the same on every machine, so that both sides of a join meet wherever they run."""

from __future__ import annotations

from collections.abc import Sequence

import bighead_kernels
import numpy as np
import numpy.typing as npt
import polars as pl

from bighead.pipeline_lib.profiles.hashing import mixed

_WIDE, _STEP = 1 << 62, np.uint64(0x9E3779B97F4A7C15)


def key_buckets(key: Sequence[pl.Series], buckets: int) -> npt.NDArray[np.int64]:
    """Return the bucket, 0 to `buckets` − 1, of each row of a key; null is a value like any other.

    Equal keys of equal types have equal buckets, integers that fit into Int64 and are not UInt64 besides.

    >>> a, b = (key_buckets([pl.Series([1, 2, None], dtype=each)], 64) for each in (pl.Int8, pl.Int64))
    >>> (a == b).all()
    np.True_
    """
    rows = len(key[0]) if key else 0
    found = np.zeros(rows, np.uint64)
    for part in key:
        found = mixed(found * _STEP + _hashes(part))
    return (found % np.uint64(buckets)).astype(np.int64)


def _hashes(part: pl.Series) -> npt.NDArray[np.uint64]:
    hashed = pl.Series(pl.Series(bighead_kernels.hash_buckets(_hashable(part), _WIDE)))
    return hashed.fill_null(-1).cast(pl.Int64).to_numpy().view(np.uint64)


def _hashable(part: pl.Series) -> pl.Series:
    """Return integers or text that are equal where the values are."""
    dtype = part.dtype
    if dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128, pl.UInt64):
        return part
    if isinstance(dtype, pl.Boolean):
        return part.cast(pl.Int8)
    if dtype.is_temporal():
        return part.to_physical().cast(pl.Int64)
    if dtype.is_float():
        # −0.0 and 0.0 are one key, and their texts differ; that polars leaves out the addition of 0.0.
        zero = pl.lit(0.0, dtype)
        return pl.select(pl.when(part == 0.0).then(zero).otherwise(part).cast(pl.String)).to_series()
    if isinstance(dtype, pl.Binary):
        return part.bin.encode("hex")
    if dtype.is_nested():
        texts = [None if value is None else repr(value) for value in part.to_list()]
        return pl.Series(part.name, texts, dtype=pl.String)
    return part.cast(pl.String)
