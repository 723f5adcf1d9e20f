"""Step 3 of 9: the value of every feature of a set, for every row of a left table, as of the row's own time.

`values_at` is the only way from cleaned rows to features: training sets, scores, the online fetcher and the
consistency check all call it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError, quoted
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource, Events
from bighead.pipeline_lib.point_in_time.calendar import calendar_facts
from bighead.pipeline_lib.point_in_time.declared_values import as_tensors
from bighead.pipeline_lib.point_in_time.derived import with_derived, with_derived_statuses
from bighead.pipeline_lib.point_in_time.empty import fills_empty, with_empty
from bighead.pipeline_lib.point_in_time.entity import look_up
from bighead.pipeline_lib.point_in_time.events import join_events
from bighead.pipeline_lib.point_in_time.kernels import AT, Joined, JoinReport
from bighead.pipeline_lib.point_in_time.status import status_frame, without_stale
from bighead.pipeline_lib.point_in_time.times import check_question_times
from bighead.pipeline_lib.point_in_time.witness import Seen

__all__ = ["Answers", "JoinReport", "answers_at", "values_at"]


@dataclass(frozen=True)
class Answers:
    """A row each question, a column each output: the value, and its status.

    A status is one of null_key > stale > empty > present; a stale value is null unless `on_stale="keep"`, and
    an empty one is what the aggregation's `empty=` says.
    """

    values: pl.DataFrame
    statuses: pl.DataFrame
    report: JoinReport


def values_at(
    left: pl.DataFrame, ref: FeatureRef, rows: pl.DataFrame, timestamp: str
) -> tuple[pl.DataFrame, JoinReport]:
    """Return `ref.columns()` for each left row in order, computed from cleaned `rows` as of `timestamp`.

    A null key makes every feature of its row null, counts included; so does `max_age` what is too old.

    Raises:
        SchemaError: a key column lacks, or its type cannot be compared with the rows'.
        EventTimeError: a question's time is null or naive.
    """
    if ref.set.max_age is not None or fills_empty(ref):
        answers = answers_at(left, ref, rows, timestamp)
        return answers.values, answers.report
    times = check_question_times(left, timestamp)
    joined, null_key = _join(left, ref.computed, rows, times, seen=False)
    return with_derived(joined.values, ref, null_key), joined.report


def answers_at(left: pl.DataFrame, ref: FeatureRef, rows: pl.DataFrame, timestamp: str) -> Answers:
    """Return what `values_at` does, and the status of each value.

    Raises:
        SchemaError, EventTimeError: as `values_at`.
    """
    times = check_question_times(left, timestamp)
    made = ref.computed
    joined, null_key = _join(left, made, rows, times, seen=True)
    values, statuses = joined.values, _statuses(joined, made, times, null_key)
    drops_stale = ref.set.max_age is not None and ref.set.on_stale == "null"
    if drops_stale:
        values = without_stale(values, statuses)
    if fills_empty(made):
        values = with_empty(values, statuses, made, rows.schema)
    if made is not ref:
        # An expression may make something of null, which is not a value of what is stale.
        values, statuses = with_derived(values, ref, null_key), with_derived_statuses(statuses, ref)
        values = without_stale(values, statuses) if drops_stale else values
    return Answers(values, statuses, joined.report)


def _statuses(joined: Joined, ref: FeatureRef, times: pl.Series, null_key: pl.Series) -> pl.DataFrame:
    # What nothing contributes to, the calendar, is there at every time.
    seen = joined.seen or Seen(joined.values, {name: name for name in joined.values.columns})
    return status_frame(seen, times, ref.set.max_age_us, null_key)


def _join(
    left: pl.DataFrame, ref: FeatureRef, rows: pl.DataFrame, times: pl.Series, *, seen: bool
) -> tuple[Joined, pl.Series]:
    """Return what the set's source makes of the questions, and which of them have a null in their key."""
    missing = [column for column in ref.key_columns if column not in left.columns]
    if missing:
        raise SchemaError.columns("the left table", seen=left.columns, expected=ref.key_columns)
    source = ref.set.source
    if isinstance(source, CalendarSource):
        report = JoinReport(rows=left.height, matched_rows=left.height)
        joined = Joined(calendar_facts(times, ref, source), report)
        null_key = pl.repeat(False, left.height, dtype=pl.Boolean, eager=True)
    else:
        keys = [pl.col(column).alias(key) for key, column in ref.mapping]
        questions = left.select(keys).with_columns(times.alias(AT))
        rows, questions = same_key_types(rows, questions, ref)
        join = join_events if isinstance(source, Events) else look_up
        joined = join(rows, questions, ref, seen=seen)
        null_key = questions.select(pl.any_horizontal(pl.col(ref.set.keys).is_null())).to_series()
        joined = replace(joined, report=replace(joined.report, null_keys=int(null_key.sum())))
    if joined.values.height != left.height:
        raise DataError(f"{ref.set.name!r} gave {joined.values.height} rows for {left.height} questions.")
    return replace(joined, values=as_tensors(joined.values, ref)), null_key


def same_key_types(
    rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bring both sides of a key to one type: integers of any width meet, and so do texts and categories."""
    expected = list(dict.fromkeys([*ref.set.keys, *(f.column for f in ref.computed.features)]))
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
