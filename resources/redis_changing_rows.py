"""What Redis holds of a generation of rows that change: mutations by row, and rows by key."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.resources.changing_rows import ids_by_key, row_ranges, shown_from
from bighead.resources.online_rows import pack, pack_together


def changing_fields(feature_set: FeatureSet, rows: pl.DataFrame, midnight: int) -> dict[bytes, bytes]:
    """Return the fields of the hash `rows:`, of the rows that `by_row` ordered; `midnight` in UTC µs."""
    packed, shown = pack(rows), ids_by_key(feature_set, shown_from(feature_set, rows, midnight))
    owned = {b"k" + key: b"".join(ids) for key, ids in shown.items()}
    places = {b"i" + each: (offset, offset + length) for each, offset, length in row_ranges(rows)}
    return {**owned, **{each: pack_together(packed[start:end]) for each, (start, end) in places.items()}}
