"""Was what a training set derives computed as its definition says? Each logged value is made again of logged inputs.

The features among these are replayed by themselves; so a derived value must be equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import TrainingSet
from bighead.pipeline_lib.features.row_derivations import digests, needed
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.monitoring.mismatch import Mismatch, Tally
from bighead.pipeline_lib.monitoring.tolerance import equal
from bighead.pipeline_lib.point_in_time.derived import result_types
from bighead.pipeline_lib.point_in_time.derived_expressions import with_derivations
from bighead.pipeline_lib.point_in_time.row_columns import INPUT_DTYPES
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Values of other types, as decimals and dates, are text in a log.
_KEPT = (pl.Float64, pl.Int64, pl.Boolean, pl.String)
_Asked = tuple[InferenceRecord, int]


def derived_mismatches(
    records: Sequence[InferenceRecord],
    training_set: TrainingSet,
    rows: Mapping[str, pl.DataFrame],
    tally: Tally,
) -> list[Mismatch]:
    """Return the derived values that are not what their definition makes of the logged inputs, and count into `tally`.

    Args:
        records: What was logged for one model.
        training_set: What the model was trained on.
        rows: Cleaned rows by feature set, which tell the types of features.
        tally: Counts what was compared, and what another definition made, or of types that a log does not keep.
    """
    types = _types(training_set, rows)
    found: list[Mismatch] = []
    for name, digest in digests(training_set.name, training_set.derived).items():
        column = name.partition(":")[2]
        logged = [(r, n) for r in records for n, row in enumerate(r.rows) if column in row.features]
        asked = [(record, n) for record, n in logged if record.definitions.get(name) == digest]
        made = needed(training_set.derived, [column])
        if not {root for each in made for root in each.roots} <= set(types):
            asked = []
        tally.other += len(logged) - len(asked)
        tally.compared += len(asked)
        if not asked:
            continue
        frame = _inputs(asked, [root for each in made for root in each.roots], types, training_set)
        values = with_derivations(frame, made, training_set.name)[column].to_list()
        found += _differing(asked, column, values, training_set.key_columns)
    return found


def _types(training_set: TrainingSet, rows: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataType]:
    types: dict[str, pl.DataType] = {}
    for ref in training_set.refs:
        if ref.set.name in rows or not ref.set.source.tables:
            seen = rows[ref.set.name].schema if ref.set.name in rows else {}
            types |= result_types(ref, seen)
    inner = {name: dtype.inner if isinstance(dtype, pl.List) else dtype for name, dtype in types.items()}
    kept = {name: dtype for name, dtype in types.items() if isinstance(inner[name], _KEPT)}
    declared = {name: INPUT_DTYPES[each.dtype] for name, each in training_set.declared.items()}
    return {**kept, **declared, training_set.timestamp: UTC_MICROSECONDS}


def _inputs(
    asked: Sequence[_Asked], names: Sequence[str], types: Mapping[str, pl.DataType], training_set: TrainingSet
) -> pl.DataFrame:
    columns = []
    for name in dict.fromkeys(names):
        if name == training_set.timestamp:
            values: list[Any] = [record.at for record, _ in asked]
        else:
            values = [_given(record, number).get(name) for record, number in asked]
        # Times of a request are logged as microseconds.
        is_time = types[name] == UTC_MICROSECONDS
        series = pl.Series(name, values, dtype=pl.Int64() if is_time else types[name], strict=False)
        columns.append(series.cast(types[name]))
    return pl.DataFrame(columns)


def _given(record: InferenceRecord, number: int) -> dict[str, Any]:
    row = record.rows[number]
    return {**row.features, **row.context, **row.keys}


def _differing(
    asked: Sequence[_Asked], column: str, values: Sequence[Any], keys: Sequence[str]
) -> list[Mismatch]:
    found = []
    for (record, number), replayed in zip(asked, values, strict=True):
        served = record.rows[number].features[column]
        if not equal(served, replayed):
            at, given = _EPOCH + timedelta(microseconds=record.at), _given(record, number)
            known = {key: given.get(key) for key in keys}
            found.append(Mismatch(record.request_id, number, column, at, known, served, replayed, ()))
    return found
