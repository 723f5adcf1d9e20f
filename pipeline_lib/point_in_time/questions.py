"""Step 3 of 9: the questions of a span of time, read from a training set's left table."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.training_set import TrainingSet
from bighead.pipeline_lib.point_in_time.times import check_question_times, utc
from bighead.pipeline_lib.ports import TableReader


def questions_between(
    training_set: TrainingSet, tables: TableReader, start: datetime, end: datetime
) -> pl.DataFrame:
    """Return the left rows with start ≤ t < end (UTC), in the table's order; a null t is an error, not lost.

    Raises:
        UnknownNameError: there is no such table.
        SchemaError: it has no such time column.
        EventTimeError: a question's time is null or naive.
    """
    table = tables.scan(training_set.left.table)
    column, where = training_set.timestamp, f"the left table {training_set.left.table!r}"
    schema = table.collect_schema()
    if column not in schema:
        raise SchemaError.columns(where, seen=list(schema), expected=[column])
    times = utc(column, schema[column], where)
    near = table.filter(times.is_null() | ((times >= start) & (times < end))).collect()
    check_question_times(near, column)
    return near
