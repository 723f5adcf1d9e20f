"""What an empty window gives where `empty=` says so, in the type of the results."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.result_types import concrete


def fills_empty(ref: FeatureRef) -> bool:
    """Whether any of the features says what an empty window gives."""
    return any(each.aggregation is not None and each.aggregation.empty is not None for each in ref.features)


def with_empty(
    values: pl.DataFrame, statuses: pl.DataFrame, ref: FeatureRef, rows: pl.Schema
) -> pl.DataFrame:
    """Return the values with `empty=` in place of those whose status is empty; `rows` types their inputs.

    Raises:
        SchemaError: an `empty` that is not of the results' type.
    """
    columns = []
    for feature in ref.features:
        if feature.aggregation is None or feature.aggregation.empty is None:
            continue
        name, empty = ref.output(feature), feature.aggregation.empty
        dtype = feature.dtype_of(rows[feature.column])
        filled = pl.Series(name, [typed(empty, dtype, feature.name)], dtype=dtype)
        is_empty = statuses[name] == "empty"
        columns.append(filled.new_from_index(0, values.height).zip_with(is_empty, values[name].cast(dtype)))
    return values.with_columns(columns)


def typed(empty: Any, dtype: pl.DataType, feature: str) -> Any:
    """Return a definition's plain value as one of a type: ISO text becomes a time, `{key: value}` a map.

    >>> typed({"b": 1, "a": 2}, pl.List(pl.Struct({"key": pl.String, "value": pl.Int64})), "f")
    [{'key': 'a', 'value': 2}, {'key': 'b', 'value': 1}]

    Raises:
        SchemaError: it is none.
    """
    is_number = isinstance(empty, int | float) and not isinstance(empty, bool)
    if isinstance(dtype, pl.List):
        inner = concrete(dtype.inner)
        if isinstance(inner, pl.Struct) and isinstance(empty, dict):
            value = concrete(inner.fields[1].dtype)
            return [{"key": key, "value": typed(empty[key], value, feature)} for key in sorted(empty)]
        if isinstance(empty, tuple):
            return [typed(each, inner, feature) for each in empty]
    elif isinstance(dtype, pl.Date | pl.Datetime) and isinstance(empty, str):
        return _instant(empty, dtype, feature)
    elif (
        (dtype.is_integer() and is_number and isinstance(empty, int))
        or (dtype.is_float() and is_number)
        or (isinstance(dtype, pl.Boolean) and isinstance(empty, bool))
        or (isinstance(dtype, pl.String) and isinstance(empty, str))
        or isinstance(dtype, pl.Null)
    ):
        return None if isinstance(dtype, pl.Null) else float(empty) if dtype.is_float() else empty
    raise _misfit(empty, dtype, feature)


def _instant(text: str, dtype: pl.Date | pl.Datetime, feature: str) -> date | datetime:
    try:
        if isinstance(dtype, pl.Date):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _misfit(text, dtype, feature) from error
    if (moment.tzinfo is None) != (dtype.time_zone is None):
        raise _misfit(text, dtype, feature)
    return moment


def _misfit(empty: Any, dtype: pl.DataType, feature: str) -> SchemaError:
    return SchemaError(
        f"the feature {feature!r} has empty={empty!r}, and its values are {dtype}.",
        cure="Give one of that type; times are ISO text, maps {key: value}.",
    )
