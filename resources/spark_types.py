"""What a frame's types are in Spark: those that it lacks become the nearest that hold every value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from bighead.resources.spark_session import quiet

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

_WIDER = {
    pl.UInt8: pl.Int16(),
    pl.UInt16: pl.Int32(),
    pl.UInt32: pl.Int64(),
    pl.UInt64: pl.Decimal(20, 0),
    pl.Int128: pl.Decimal(38, 0),
    pl.Null: pl.String(),
    pl.Categorical: pl.String(),
    pl.Enum: pl.String(),
}


def spark_schema(schema: pl.Schema) -> StructType:
    """Return the columns of a frame as Spark has them."""
    from pyspark.sql.pandas.types import from_arrow_schema

    with quiet():
        found: StructType = from_arrow_schema(_small(_held(schema.to_frame()).to_arrow().schema))
    return found


def arrow_batches(frame: pl.DataFrame, schema: StructType) -> Iterator[pa.RecordBatch]:
    """Return a frame's rows as Spark takes them."""
    table = _held(frame).to_arrow()
    yield from table.cast(_small(table.schema)).to_batches(max_chunksize=1 << 16)


def _held(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).cast(_nearest(dtype)) for name, dtype in frame.schema.items())


def _nearest(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List):
        return pl.List(_nearest(dtype.inner))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return pl.Struct({each.name: _nearest(each.dtype) for each in dtype.fields})  # type: ignore[arg-type]
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", "UTC" if dtype.time_zone else None)
    return next((wider for narrow, wider in _WIDER.items() if isinstance(dtype, narrow)), dtype)


def _small(schema: pa.Schema) -> pa.Schema:
    """Return the schema with the lists and texts that Spark's batches have."""
    return pa.schema([pa.field(each.name, _narrow(each.type)) for each in schema])


def _narrow(dtype: Any) -> Any:
    if pa.types.is_large_list(dtype) or pa.types.is_list(dtype):
        return pa.list_(_narrow(dtype.value_type))
    if pa.types.is_struct(dtype):
        return pa.struct([pa.field(each.name, _narrow(each.type)) for each in dtype])
    if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
        return pa.string()
    if pa.types.is_large_binary(dtype) or pa.types.is_binary_view(dtype):
        return pa.binary()
    return dtype
