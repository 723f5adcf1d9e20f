"""What is derived from other features of a set, once these are joined: alike offline, streaming and online."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.point_in_time.derived_expressions import with_derivations
from bighead.pipeline_lib.point_in_time.status import STATUS, STATUSES


def with_derived(values: pl.DataFrame, ref: FeatureRef, null_key: pl.Series) -> pl.DataFrame:
    """Return `ref.columns()` of the values of `ref.computed`; null where the key is null.

    Integers become Int64 and floats Float64; what is not a finite number is null.

    Raises:
        SchemaError: an expression does not fit the types of what it reads.
    """
    if not ref.derived:
        return values
    set_ = ref.set
    short = values.rename({ref.output(f): set_.short(f) for f in ref.computed.features})
    derived = [f.derivation for f in ref.derived if f.derivation is not None]
    short = with_derivations(short, derived, set_.name)
    if null_key.any():
        hidden = [pl.when(~pl.lit(null_key)).then(pl.col(set_.short(f))).name.keep() for f in ref.derived]
        short = short.with_columns(hidden)
    return short.select(pl.col(set_.short(f)).alias(ref.output(f)) for f in ref.features)


def with_derived_statuses(statuses: pl.DataFrame, ref: FeatureRef) -> pl.DataFrame:
    """Return the status of each of `ref.columns()`: that of a derived value is the worst among its inputs'."""
    if not ref.derived:
        return statuses
    inputs = {ref.set.short(f): ref.output(f) for f in ref.computed.features}
    worst = [
        _worst([inputs[root] for root in feature.derivation.roots]).alias(ref.output(feature))
        for feature in ref.features
        if feature.derivation is not None
    ]
    return statuses.with_columns(worst).select(ref.columns())


def _worst(columns: list[str]) -> pl.Expr:
    # From present, which all are where nothing worse is met, to null_key.
    found = pl.lit(STATUSES[0], dtype=STATUS)
    for status in STATUSES[1:]:
        met = pl.any_horizontal(pl.col(column) == status for column in columns)
        found = pl.when(met).then(pl.lit(status, dtype=STATUS)).otherwise(found)
    return found


def result_types(ref: FeatureRef, rows: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """Return the type of each of `ref.columns()`, given the types of the cleaned rows; those of a calendar need none.

    Raises:
        SchemaError: an operation or an expression does not take such a column.
    """
    is_calendar = isinstance(ref.set.source, CalendarSource)
    made = {
        ref.output(f): pl.Int64() if is_calendar else f.dtype_of(rows[f.column])
        for f in ref.computed.features
    }
    none = pl.Series([], dtype=pl.Boolean)
    return dict(with_derived(pl.DataFrame(schema=made), ref, none).schema)
