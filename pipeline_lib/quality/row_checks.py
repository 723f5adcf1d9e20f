"""The checks that profiles cannot answer: rows that share their values, and rows that came late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import polars as pl

from bighead.pipeline_lib.quality.checks import Lateness

# Of each row, the key of its partition.
PARTITION = "__partition"
# The rows of these partitions, with their keys as texts in the column PARTITION.
Rows = Callable[[Sequence[str]], pl.LazyFrame]


def doubled(columns: Sequence[str], keys: Sequence[str], rows: Rows) -> dict[str, str]:
    """Return the partitions with a row whose values another judged row has, and what was seen; nulls equal nothing.

    Of a row that was changed its last version counts, and of a deleted one none.
    """
    if not keys:
        return {}
    every = rows(keys)
    if "available_to" in every.collect_schema():
        every = every.filter(pl.col("available_to").is_null())
    every = every.select(*columns, PARTITION).drop_nulls(columns)
    counted = every.group_by(columns).agg(pl.len().alias("__n"), pl.col(PARTITION).min())
    found = counted.filter(pl.col("__n") > 1).group_by(PARTITION)
    told = found.agg(pl.len(), pl.struct(columns).sort().first().alias("first")).sort(PARTITION)
    return {
        key: f"{count:,} values stand more than once, as {', '.join(map(str, first.values()))}"
        for key, count, first in told.collect(engine="streaming").iter_rows()
    }


def came_late(check: Lateness, within_us: int, keys: Sequence[str], rows: Rows) -> dict[str, str]:
    """Return the partitions of which a larger share than `max` came more than `within_us` after its time."""
    if not keys:
        return {}
    took = pl.col("available_at") - pl.col("event_time")
    late = took > timedelta(microseconds=within_us)
    counted = rows(keys).group_by(PARTITION).agg(late.sum().alias("late"), pl.len().alias("n"), took.max())
    found = counted.filter(pl.col("late") > check.max * pl.col("n")).sort(PARTITION)
    return {
        key: f"{late:,} of {n:,} rows came late, the last {longest / timedelta(hours=1):,.1f} h after its time"
        for key, late, n, longest in found.collect(engine="streaming").iter_rows()
    }
