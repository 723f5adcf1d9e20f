"""Step 3 of 9: a training set: each question, the features known at its time, the label that came after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.training_set import TrainingSet
from bighead.pipeline_lib.point_in_time.derived_expressions import with_derivations
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.join import JoinReport, values_at
from bighead.pipeline_lib.point_in_time.large_join import LargeJoin
from bighead.pipeline_lib.point_in_time.leak import missingness_leak, refuse_leaks
from bighead.pipeline_lib.point_in_time.memory import Memory
from bighead.pipeline_lib.point_in_time.reading import RowReader, RowScanner
from bighead.pipeline_lib.point_in_time.row_columns import with_declared, with_row_derivations
from bighead.pipeline_lib.point_in_time.spilling import spill_folder
from bighead.pipeline_lib.point_in_time.times import check_question_times


@dataclass(frozen=True)
class TrainingFrame:
    """`frame`: row id, timestamp, keys, inputs, label, features and what is derived; a row for each left row."""

    frame: pl.DataFrame
    report: dict[str, JoinReport]


def build_training_set(
    training_set: TrainingSet, left: pl.DataFrame, reader: RowReader, memory: Memory | None = None
) -> TrainingFrame:
    """Join every feature of the set onto the left rows; columns that the set does not name are left behind.

    The timestamp becomes UTC microseconds. `report` holds one JoinReport for each use of a feature set.
    `memory` is as in `features_at`; `training_rows` does not hold the result either.

    Raises:
        SchemaError: the left table lacks a column, or a derivation does not fit its inputs.
        EventTimeError: a question's time is null or naive.
        DataError: missingness_leak: null in a left column or key fixes the label.
    """
    base = _checked(training_set, left)
    features, report = features_at(base, training_set.refs, reader, training_set.timestamp, memory)
    frame = rows_of(training_set, base, features)
    if frame.height != left.height:
        raise DataError(f"{training_set.name!r} has {frame.height} rows for {left.height} questions.")
    return TrainingFrame(frame, report)


@contextmanager
def training_rows(
    training_set: TrainingSet,
    left: pl.DataFrame,
    reader: RowReader,
    memory: Memory,
    engine: JoinEngine | None = None,
) -> Iterator[pl.LazyFrame]:
    """Yield what `build_training_set` returns, lazily; where it is larger than memory it lies in files meanwhile.

    An `engine` joins in the place of this process.

    Raises:
        SchemaError, EventTimeError, DataError: as `build_training_set`.
        StoreError: what exceeds the memory cannot be spilled.
    """
    base = _checked(training_set, left)
    with features_beside(base, training_set.refs, reader, training_set.timestamp, memory, engine) as rows:
        yield with_row_derivations(rows, training_set)


@contextmanager
def features_beside(
    left: pl.DataFrame,
    refs: tuple[FeatureRef, ...],
    reader: RowReader,
    timestamp: str,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> Iterator[pl.LazyFrame]:
    """Yield left rows with every use's features beside them, lazily: out of files where the join needed some.

    Raises:
        SchemaError, EventTimeError, StoreError: as `features_at`.
    """
    if engine is not None and refs:
        with engine.joined(left, refs, reader, timestamp, left.columns) as (rows, _):
            yield rows
        return
    join = _large_join(left, refs, reader, timestamp, memory) if memory is not None else None
    if join is None:
        features, _ = features_at(left, refs, reader, timestamp)
        yield pl.concat([left, features], how="horizontal").lazy()
        return
    with spill_folder(join.memory) as folder:
        join.write(folder / "rows", left.columns, folder)
        yield pl.scan_parquet(folder / "rows" / "*.parquet")


def rows_of(training_set: TrainingSet, base: pl.DataFrame, features: pl.DataFrame) -> pl.DataFrame:
    """Return left columns and features side by side, and behind them what the training set derives from both.

    Raises:
        SchemaError: a derivation does not fit its inputs.
    """
    frame = pl.concat([base, features], how="horizontal")
    made = with_derivations(frame, training_set.derived, training_set.name)
    return made.select(*frame.columns, *training_set.derivations)


def _checked(training_set: TrainingSet, left: pl.DataFrame) -> pl.DataFrame:
    base, label = left_columns(training_set, left), training_set.label.column
    watched = [*training_set.input_names, *training_set.key_columns]
    refuse_leaks(missingness_leak(base, watched, label), f"the training set {training_set.name!r}", label)
    return base


def left_columns(training_set: TrainingSet, left: pl.DataFrame, *, with_label: bool = True) -> pl.DataFrame:
    """Return the left columns that the set names, each once: the timestamp as UTC µs, inputs as they are declared.

    Raises:
        SchemaError: a column lacks, or is not of its declared type.
        EventTimeError: a time is null or naive.
        DataError: an input is null that may not be.
    """
    named = [
        training_set.row_id,
        training_set.timestamp,
        *training_set.key_columns,
        *training_set.input_names,
    ]
    wanted = list(dict.fromkeys([*named, training_set.label.column] if with_label else named))
    if any(name not in left.columns for name in wanted):
        where = f"the left table {training_set.left.table!r}"
        raise SchemaError.columns(where, seen=left.columns, expected=wanted)
    times = check_question_times(left, training_set.timestamp).alias(training_set.timestamp)
    taken = left.select(wanted).with_columns(times)
    return with_declared(taken, training_set.declared, f"the left table {training_set.left.table!r}")


def features_at(
    left: pl.DataFrame,
    refs: tuple[FeatureRef, ...],
    reader: RowReader,
    timestamp: str,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> tuple[pl.DataFrame, dict[str, JoinReport]]:
    """Return every use's features side by side, for each left row as of its own time; also what scores read.

    Where that would take more than `memory` and the reader is a RowScanner, rows are spilled and joined partition
    by partition, with equal results; without `memory` all is held at once. An `engine` joins in the place of this
    process.

    Raises:
        SchemaError: a key column lacks or has a type that cannot be compared.
        EventTimeError: a question's time is null or naive.
        StoreError: what exceeds the memory cannot be spilled.
    """
    if engine is not None and refs:
        with engine.joined(left, refs, reader, timestamp, []) as (rows, reports):
            return rows.collect(), {_name(ref): met for ref, met in zip(refs, reports, strict=True)}
    times = check_question_times(left, timestamp)
    join = _large_join(left, refs, reader, timestamp, memory) if memory is not None else None
    if join is not None:
        with spill_folder(join.memory) as folder:
            told = join.write(folder / "features", [], folder)
            found = pl.read_parquet(folder / "features" / "*.parquet")
        return found, {_name(ref): met for ref, met in zip(refs, told, strict=True)}
    frames: list[pl.DataFrame] = []
    report: dict[str, JoinReport] = {}
    cached: dict[str, pl.DataFrame] = {}
    for ref in refs:
        if ref.set.name not in cached:
            start, end = rows_needed(ref.set, times)
            cached[ref.set.name] = reader.rows(ref.set, start, end)
        frame, met = values_at(left, ref, cached[ref.set.name], timestamp)
        frames.append(frame)
        report[_name(ref)] = met
    return (pl.concat(frames, how="horizontal") if frames else pl.DataFrame()), report


def _large_join(
    left: pl.DataFrame, refs: tuple[FeatureRef, ...], reader: RowReader, timestamp: str, memory: Memory
) -> LargeJoin | None:
    """Return the join where it is larger than memory, and may be."""
    if not isinstance(reader, RowScanner) or not refs:
        return None
    times = check_question_times(left, timestamp)
    rows = {each.set.name: reader.scan(each.set, *rows_needed(each.set, times)) for each in refs}
    asked = left.with_columns(times.alias(timestamp)).lazy()
    join = LargeJoin.of(asked, timestamp, refs, rows, memory)
    return join if join.is_large else None


def _name(ref: FeatureRef) -> str:
    return f"{ref.prefix}_{ref.set.name}" if ref.prefix else ref.set.name


def rows_needed(feature_set: FeatureSet, times: pl.Series) -> tuple[datetime | None, datetime]:
    """Return the event times [start, end) that questions at `times` (UTC µs) can see; None is the beginning.

    Facts have no window: theirs is the span of the questions themselves.

    Raises:
        DataError: there is no question.
    """
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise DataError("there are no questions.", cure="Ask for a span in which the left table has rows.")
    end = last + timedelta(microseconds=1)
    span = feature_set.max_window
    if span is None or timedelta(microseconds=span) > first - datetime(1, 1, 3, tzinfo=first.tzinfo):
        return None, end
    return first - timedelta(microseconds=span), end
