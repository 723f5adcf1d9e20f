"""Rows that carry features of other sets become cleaned rows: columns are derived, what is not used is left."""

from __future__ import annotations

import polars as pl

from bighead.pipeline_lib.expressions import collect, derive
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import ChainedSource
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.source_columns import filtered_inputs, require


def clean_chained(
    frame: pl.LazyFrame, feature_set: FeatureSet, source: ChainedSource, where: str
) -> pl.DataFrame:
    """Return the cleaned rows of `joined_rows`, whose times and ids were cleaned with the left rows.

    Raises:
        SchemaError: a column lacks, or an expression does not fit the columns' types.
    """
    own = [TIME, KNOWN, *([UNTIL] if source.retracts else []), *([EVENT_ID] if source.event_id else [])]
    require(frame.collect_schema(), own, where)
    rows = derive(frame, where, source.select, source.where)
    schema = rows.collect_schema()
    taken = [*feature_set.keys, *own]
    require(schema, [*feature_set.keys, *feature_set.source_inputs], where)
    made = filtered_inputs(feature_set, schema, where)
    inputs = [name for name in feature_set.inputs if name not in taken]
    plain = [pl.col(name) for name in inputs if name not in feature_set.filtered]
    return collect(rows.select(*taken, *plain, *made).select(*taken, *inputs), where)
