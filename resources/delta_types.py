"""Which polars types Delta Lake can keep, and that a column keeps its own."""

from __future__ import annotations

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from bighead.pipeline_lib.errors import SchemaError

# Delta Lake knows signed integers only; each unsigned one fits the next wider.
_WIDER: dict[DataType | DataTypeClass, pl.DataType] = {
    pl.UInt8(): pl.Int16(),
    pl.UInt16(): pl.Int32(),
    pl.UInt32(): pl.Int64(),
}
_REFUSED = (pl.UInt64, pl.Duration, pl.Time, pl.Null, pl.Object)


def storable(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return the frame with categoricals as text, unsigned integers widened and times in microseconds.

    Raises:
        SchemaError: a column's type has no place in Delta Lake.
    """
    casts = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, _REFUSED):
            raise SchemaError(
                f"the column {name!r} of {where} has the type {dtype}.",
                cure="Cast it to a type Delta Lake has.",
            )
        if isinstance(dtype, pl.Categorical | pl.Enum):
            casts.append(pl.col(name).cast(pl.String))
        elif dtype in _WIDER:
            casts.append(pl.col(name).cast(_WIDER[dtype]))
        elif isinstance(dtype, pl.Datetime) and dtype.time_unit != "us":
            casts.append(pl.col(name).dt.cast_time_unit("us"))
    return frame.with_columns(casts)


def check_same_types(frame: pl.DataFrame, stored: pl.Schema, where: str) -> None:
    """Refuse a column whose type differs from the stored one: Delta Lake would cast it without a word.

    Raises:
        SchemaError: naming the column and both types.
    """
    for name, dtype in frame.schema.items():
        if name in stored and stored[name] != dtype:
            raise SchemaError(
                f"the column {name!r} of {where} is {dtype} and was stored as {stored[name]}.",
                cure="Keep the type. Where another is meant, raise the set's version: its days are computed again.",
            )
