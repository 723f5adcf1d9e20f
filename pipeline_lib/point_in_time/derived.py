"""What is derived from other features of a set, once these are joined: alike offline, streaming and online."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.expressions import expression
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.source import CalendarSource
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
    for feature in ref.derived:
        short = _with_one(short, set_, feature)
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


def _with_one(short: pl.DataFrame, feature_set: FeatureSet, feature: Feature) -> pl.DataFrame:
    derivation = feature.derivation
    assert derivation is not None
    where = f"the derivation {derivation.name!r} of {feature_set.name!r}"
    try:
        value = expression(derivation.sql, where, short.schema).alias(derivation.name)
    except SchemaError as error:
        seen = ", ".join(f"{name} is {short.schema[name]}" for name in derivation.reads)
        raise SchemaError(
            f"{where} is {derivation.sql!r}, which does not fit its inputs ({seen}): {error.message}",
            cure="Cast them within the expression, as CAST(x AS DOUBLE).",
        ) from error
    dtype = short.lazy().select(value).collect_schema()[derivation.name]
    return short.with_columns(_kept(value, dtype))


def _kept(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_integer():
        return value.cast(pl.Int64, strict=False)
    if dtype.is_float():
        number = value.cast(pl.Float64)
        # There is one zero.
        return pl.when(number.is_finite()).then(number + 0.0).alias(value.meta.output_name())
    return value
