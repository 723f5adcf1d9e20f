"""Profiles of many partitions at once: what polars does is done once a column, not once a column and partition.

1. The rows lie sorted by their partition, so a partition is a slice of every column.
2. One group_by over (partition, hash of the value) counts every value of a column. From it come top values,
   distinct values and the extremes of texts.
3. Moments and quantiles are NumPy's, of the slices of one array of floats.

The result is that of `Profile.of` each partition's rows, and the tests hold it to that.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from bighead.pipeline_lib.profiles.column import ColumnProfile, kind_of, plain_number, without_sign_of_zero
from bighead.pipeline_lib.profiles.distinct import Distinct
from bighead.pipeline_lib.profiles.hashing import hash_each
from bighead.pipeline_lib.profiles.moments import Moments
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.pipeline_lib.profiles.quantiles import Quantiles
from bighead.pipeline_lib.profiles.top_values import COUNTERS, LONGEST, TopValues, as_text, shortened


def profile_each(frame: pl.DataFrame, place: np.ndarray, count: int) -> list[Profile]:
    """Return the profiles of `count` partitions.

    Args:
        frame: The rows of all, sorted by their partition.
        place: Of each row the number of its partition, from 0, ascending.
        count: How many partitions there are; those without rows have empty profiles.
    """
    sizes = np.bincount(place, minlength=count)
    columns = {name: _profiles(frame[name], place, sizes) for name in frame.columns}
    return [
        Profile(int(size), {name: each[number] for name, each in columns.items()})
        for number, size in enumerate(sizes)
    ]


def _profiles(values: pl.Series, place: np.ndarray, sizes: np.ndarray) -> list[ColumnProfile]:
    kind = kind_of(values.dtype)
    if kind == "nested" or getattr(values.dtype, "time_unit", "us") != "us":
        # Nested values are seldom; times of another unit share the hash of their microsecond.
        return [ColumnProfile.of(values.filter(pl.Series(place == number))) for number in range(len(sizes))]
    values = without_sign_of_zero(values)
    known = values.is_not_null().to_numpy()
    where, present = place[known], values.drop_nulls()
    kept = np.bincount(where, minlength=len(sizes))
    dtype = str(values.dtype)
    bare = [
        ColumnProfile(dtype, kind if has else "empty", int(size), int(size - has))
        for size, has in zip(sizes, kept, strict=True)
    ]
    if not len(present):
        return bare
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        present = present.cast(pl.String)
    hashed = pl.DataFrame({"place": where, "hash": hash_each(present), "value": present})
    counted = hashed.group_by("place", "hash").agg(pl.first("value"), count=pl.len())
    distinct, top = _distinct(counted, len(sizes)), _top(counted, len(sizes))
    found = [
        replace(each, distinct=one, top=most) for each, one, most in zip(bare, distinct, top, strict=True)
    ]
    if kind == "text":
        return _texts(found, counted)
    return _numbers(found, present, where) if kind == "number" else _times(found, present, where)


def _distinct(counted: pl.DataFrame, count: int) -> list[Distinct]:
    once = counted.select("place", "hash").sort("place", "hash")
    return [
        Distinct.of_hashes(each) for each in _cut(once["hash"].to_numpy(), once["place"].to_numpy(), count)
    ]


def _top(counted: pl.DataFrame, count: int) -> list[TopValues]:
    seen = counted.select("place", "count").sort("place", "count", descending=[False, True])
    ranks = _cut(seen["count"].to_numpy(), seen["place"].to_numpy(), count)
    most = np.array([each[COUNTERS] if len(each) > COUNTERS else 0 for each in ranks], np.int64)
    over = pl.Series(most[counted["place"].to_numpy()])
    kept = counted.filter(counted["count"] > over)
    kept = kept.with_columns(value=as_text(kept["value"]))
    counts: list[dict[str, int]] = [{} for _ in range(count)]
    for number, value, times in kept.select("place", "value", "count").sort("place", "value").iter_rows():
        own, text = counts[number], shortened(value)
        own[text] = own.get(text, 0) + times - int(most[number])
    return [TopValues(each, int(taken)) for each, taken in zip(counts, most, strict=True)]


def _texts(found: list[ColumnProfile], counted: pl.DataFrame) -> list[ColumnProfile]:
    text = pl.col("value").cast(pl.String)
    extremes = counted.group_by("place").agg(low=text.min(), high=text.max())
    for number, low, high in extremes.iter_rows():
        found[number] = replace(found[number], minimum=low[:LONGEST], maximum=high[:LONGEST])
    return found


def _times(found: list[ColumnProfile], present: pl.Series, where: np.ndarray) -> list[ColumnProfile]:
    moments = present.cast(pl.Datetime("us")) if isinstance(present.dtype, pl.Date) else present
    micros = moments.dt.cast_time_unit("us").to_physical().to_numpy()
    floats = micros.astype(np.float64)
    parts = zip(found, _cut(micros, where, len(found)), _cut(floats, where, len(found)), strict=True)
    return [
        replace(each, minimum=int(own.min()), maximum=int(own.max()), quantiles=Quantiles.of(of))
        if len(own)
        else each
        for each, own, of in parts
    ]


def _numbers(found: list[ColumnProfile], present: pl.Series, where: np.ndarray) -> list[ColumnProfile]:
    count = len(found)
    physical = present.to_physical() if present.dtype.is_temporal() else present
    floats = physical.cast(pl.Float64).to_numpy()
    finite = np.isfinite(floats)
    # Beyond 2^53 a float is no whole number's equal.
    whole = physical if present.dtype.is_integer() else pl.Series(floats)
    exact = pl.DataFrame({"place": where, "value": whole}).filter(pl.Series(finite)).group_by("place")
    extremes = {row[0]: row[1:] for row in exact.agg(low=pl.min("value"), high=pl.max("value")).iter_rows()}
    odd = [
        np.bincount(where[each], minlength=count)
        for each in (np.isnan(floats), np.isposinf(floats), np.isneginf(floats))
    ]
    made = []
    for number, (each, of) in enumerate(zip(found, _cut(floats[finite], where[finite], count), strict=True)):
        low, high = extremes.get(number, (None, None))
        made.append(
            replace(
                each,
                nans=int(odd[0][number]),
                positive_infinities=int(odd[1][number]),
                negative_infinities=int(odd[2][number]),
                minimum=None if low is None else plain_number(low),
                maximum=None if high is None else plain_number(high),
                moments=Moments.of(of),
                quantiles=Quantiles.of(of),
            )
        )
    return made


def _cut(values: np.ndarray, place: np.ndarray, count: int) -> list[np.ndarray]:
    """Return the slice of each partition; both are sorted by it."""
    return np.split(values, np.searchsorted(place, np.arange(1, count)))
