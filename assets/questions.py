"""Whether every day of features that questions reach was backfilled."""

import polars as pl

from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.point_in_time import StoreRows
from bighead.pipeline_lib.point_in_time.times import check_question_times
from bighead.pipeline_lib.point_in_time.training import rows_needed


def require_days(training_set: TrainingSet, left: pl.DataFrame, reader: StoreRows) -> None:
    """Refuse to answer from features that were never computed: a missing day is not an empty one.

    Raises:
        DataError, StaleRowsError: names the set and its first and last missing or stale day.
    """
    if left.is_empty():
        return
    times = check_question_times(left, training_set.timestamp)
    for feature_set in training_set.feature_sets:
        reader.require(feature_set, *rows_needed(feature_set, times))
