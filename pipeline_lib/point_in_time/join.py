"""Step 3 of 9: the value of every feature of a set, for every row of a left table, as of the row's own time.

`values_at` is the only way from cleaned rows to features: training sets, scores, the online fetcher and the
consistency check all call it.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError, quoted
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource, EventSource
from bighead.pipeline_lib.point_in_time.calendar import calendar_facts
from bighead.pipeline_lib.point_in_time.entity import look_up
from bighead.pipeline_lib.point_in_time.kernels import AT, JoinReport, join_events
from bighead.pipeline_lib.point_in_time.times import check_question_times

__all__ = ["JoinReport", "values_at"]


def values_at(
    left: pl.DataFrame, ref: FeatureRef, rows: pl.DataFrame, timestamp: str
) -> tuple[pl.DataFrame, JoinReport]:
    """Return `ref.columns()` for each left row in order, computed from cleaned `rows` as of `timestamp`.

    A null key makes every feature of its row null, counts included.

    Raises:
        SchemaError: a key column lacks, or its type cannot be compared with the rows'.
        EventTimeError: a question's time is null or naive.
    """
    times = check_question_times(left, timestamp)
    missing = [column for column in ref.key_columns if column not in left.columns]
    if missing:
        raise SchemaError.columns("the left table", seen=left.columns, expected=ref.key_columns)
    source = ref.set.source
    if isinstance(source, CalendarSource):
        frame, report = (
            calendar_facts(times, ref, source),
            JoinReport(rows=left.height, matched_rows=left.height),
        )
    else:
        keys = [pl.col(column).alias(key) for key, column in ref.mapping]
        questions = left.select(keys).with_columns(times.alias(AT))
        rows, questions = _same_key_types(rows, questions, ref)
        join = join_events if isinstance(source, EventSource) else look_up
        frame, report = join(rows, questions, ref)
        nulls = int(questions.select(pl.any_horizontal(pl.col(ref.set.keys).is_null()).sum()).item())
        report = replace(report, null_keys=nulls)
    if frame.height != left.height:
        raise DataError(f"{ref.set.name!r} gave {frame.height} rows for {left.height} questions.")
    return frame, report


def _same_key_types(
    rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bring both sides of a key to one type: integers of any width meet, and so do texts and categories."""
    expected = list(dict.fromkeys([*ref.set.keys, *(f.column for f in ref.features)]))
    if any(name not in rows.columns for name in expected):
        raise SchemaError.columns(f"the rows of {ref.set.name!r}", seen=rows.columns, expected=expected)
    casts: dict[str, pl.DataType] = {}
    for key, column in ref.mapping:
        ours, theirs = rows.schema[key], questions.schema[key]
        if ours == theirs:
            continue
        if isinstance(theirs, pl.Null):
            casts[key] = ours
        elif isinstance(ours, pl.Null):
            casts[key] = theirs
        elif ours.is_integer() and theirs.is_integer():
            casts[key] = pl.Int64()
        elif all(isinstance(each, pl.String | pl.Categorical | pl.Enum) for each in (ours, theirs)):
            casts[key] = pl.String()
        else:
            raise SchemaError(
                f"the left column {column!r} is {theirs}, and the key {key!r} of {ref.set.name!r} is {ours}.",
                cure=f"Cast one of them, as select={{{quoted([key])}: 'CAST({key} AS …)'}}.",
            )
    if not casts:
        return rows, questions
    changes = [pl.col(name).cast(dtype) for name, dtype in casts.items()]
    return rows.with_columns(changes), questions.with_columns(changes)
