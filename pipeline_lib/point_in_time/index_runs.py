"""Runs of packed rows, ids and ranges, the values of an online index: the kernels that make, read and merge them."""

from __future__ import annotations

from bighead_kernels import (
    build_ids,
    build_ranges,
    build_tail,
    drop_rows,
    find_ids,
    find_ranges,
    find_rows,
    forget_ids,
    merge_ids,
    merge_tails,
    pack_rows,
    rows_before,
)

__all__ = [
    "build_ids",
    "build_ranges",
    "build_tail",
    "drop_rows",
    "find_ids",
    "find_ranges",
    "find_rows",
    "forget_ids",
    "merge_ids",
    "merge_tails",
    "pack_rows",
    "rows_before",
]
