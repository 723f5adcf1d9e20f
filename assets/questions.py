"""The questions of a span of time, and whether every day of features that they reach was backfilled."""

from datetime import datetime

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.point_in_time import StoreRows
from bighead.pipeline_lib.point_in_time.times import check_question_times, utc
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.pipeline_lib.ports import TableReader


def questions_between(
    training_set: TrainingSet, tables: TableReader, start: datetime, end: datetime
) -> pl.DataFrame:
    """Return the left rows with start ≤ t < end (UTC).

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
    check_question_times(near, training_set.timestamp)
    return near


def require_days(training_set: TrainingSet, left: pl.DataFrame, reader: StoreRows) -> None:
    """Refuse to answer from features that were never computed: a missing day is not an empty one.

    Raises:
        DataError: names the set and its first and last missing day.
    """
    if left.is_empty():
        return
    times = check_question_times(left, training_set.timestamp)
    for feature_set in training_set.feature_sets:
        missing = reader.lacking(feature_set, *rows_needed(feature_set, times))
        if missing:
            raise DataError(
                f"features/{feature_set.name} lacks {len(missing)} days, {missing[0]} to {missing[-1]}.",
                cure=f"Materialise them first: features/{feature_set.name}, that range, one run.",
            )
