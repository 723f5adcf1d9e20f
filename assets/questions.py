"""Whether every day of features that questions reach was backfilled."""

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.point_in_time import StoreRows
from bighead.pipeline_lib.point_in_time.times import check_question_times
from bighead.pipeline_lib.point_in_time.training import rows_needed


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
