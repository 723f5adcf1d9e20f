"""Runs of packed rows and of ids, the values of an index over a stream: the kernels that make, read and merge them."""

from __future__ import annotations

from bighead_kernels import (
    build_ids,
    build_tail,
    drop_rows,
    find_ids,
    find_rows,
    forget_ids,
    merge_ids,
    merge_tails,
    pack_rows,
    rows_before,
)

__all__ = [
    "build_ids",
    "build_tail",
    "drop_rows",
    "find_ids",
    "find_rows",
    "forget_ids",
    "merge_ids",
    "merge_tails",
    "pack_rows",
    "rows_before",
]
