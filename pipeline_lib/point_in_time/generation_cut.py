"""Which cleaned rows the generation of a midnight holds; the replay of its answers sees the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import EntitySource
from bighead.pipeline_lib.point_in_time.clean import clean
from bighead.pipeline_lib.point_in_time.row_names import KNOWN, TIME
from bighead.pipeline_lib.point_in_time.spans import rows_near
from bighead.pipeline_lib.ports import TableReader

_MICROSECOND = timedelta(microseconds=1)


def is_snapshot(feature_set: FeatureSet) -> bool:
    """Whether a set's rows are snapshots, each of which stands at the end of its day or hour."""
    return isinstance(feature_set.source, EntitySource) and not feature_set.source.retracts


def before_cut(feature_set: FeatureSet, midnight: datetime) -> pl.Expr:
    """Say which rows belong to the generation of a midnight (UTC): those that happened before it.

    The snapshot that ends with the midnight belongs to it, too, where it is known by then: from that instant on it is
    what training sees. One that lands later waits for the next generation.
    """
    happened = pl.col(TIME) < midnight
    if not is_snapshot(feature_set):
        return happened
    return happened | ((pl.col(TIME) == midnight) & (pl.col(KNOWN) <= midnight))


def with_last_snapshot(
    rows: pl.DataFrame, feature_set: FeatureSet, tables: TableReader, midnight: datetime
) -> pl.DataFrame:
    """Return stored rows before a midnight with the snapshot that ends there, which the next day's partition holds.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean`.
    """
    raw = rows_near(feature_set, tables, midnight, midnight + _MICROSECOND)
    last = clean(raw, feature_set, midnight, midnight + _MICROSECOND)
    last = last.filter(before_cut(feature_set, midnight))
    return pl.concat([rows, last.select(rows.columns).cast(rows.schema)]) if rows.height else last
