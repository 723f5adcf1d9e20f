"""How online rows are named and packed: ids of definitions, digests of keys, rows as MessagePack arrays."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import polars as pl
from polars.datatypes import DataType, DataTypeClass

from bighead.pipeline_lib.errors import RequestError, SchemaError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.index_runs import pack_rows
from bighead.pipeline_lib.point_in_time.key_digest import digests_of_rows, split_digests

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_SIGN = 1 << 63
# MessagePack's own header of an array, so that rows are packed once and lie one after another.
_ARRAY = struct.Struct(">BI")
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_AS_TEXT = (pl.Decimal, pl.Categorical, pl.Enum)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list)


def set_id(feature_set: FeatureSet) -> str:
    """Return the name under which a definition's rows are kept; another meaning is another name."""
    return f"{feature_set.name}@{feature_set.hash[:16]}"


def columns_of(feature_set: FeatureSet) -> list[str]:
    """Return the columns of a set's cleaned rows, in the order in which `clean` gives them."""
    source = feature_set.source
    identity = [EVENT_ID] if isinstance(source, Events) and source.event_id else []
    until = [UNTIL] if source.retracts else []
    fixed = [*feature_set.keys, TIME, KNOWN, *until, *identity]
    return [*fixed, *(name for name in feature_set.inputs if name not in fixed)]


def microseconds(moment: datetime) -> int:
    """Return an aware instant in µs since 1970-01-01T00:00Z."""
    return (moment - EPOCH) // MICROSECOND


def ordered(value: int) -> bytes:
    """Return eight bytes that sort as the signed integer does."""
    return (value + _SIGN).to_bytes(8, "big")


def unordered(data: bytes) -> int:
    """Return the integer that `ordered` wrote."""
    return int.from_bytes(data, "big") - _SIGN


def canonical(value: Any, dtype: pl.DataType, column: str, row: int) -> Any:
    """Return a request's key as the stored rows have it.

    Raises:
        RequestError: 400, it is of another type.
    """
    if value is None:
        return None
    if isinstance(dtype, pl.Date):
        return _date(value, column, row)
    if type(value) is not key_type(dtype):
        raise _wrong_key(column, row, dtype)
    return value


def key_type(dtype: pl.DataType) -> type | None:
    """Return the Python type whose values are canonical keys of a column as they are; None where there is none."""
    if isinstance(dtype, _TEXTS):
        return str
    if isinstance(dtype, pl.Boolean):
        return bool
    return int if dtype.is_integer() else None


def pack(frame: pl.DataFrame) -> list[bytes]:
    """Return each row's bytes; instants, dates and durations become their integers, decimals text."""
    plain = frame.select(_plain(name, dtype) for name, dtype in frame.schema.items())
    try:
        return pack_rows(plain)
    except TypeError:
        return [_encoder.encode(row) for row in plain.iter_rows()]


def pack_together(rows: Sequence[bytes]) -> bytes:
    """Return packed rows as one value, which `unpack_together` takes apart."""
    return _ARRAY.pack(0xDD, len(rows)) + b"".join(rows)


def unpack(rows: Sequence[bytes], schema: pl.Schema) -> pl.DataFrame:
    """Return packed rows as a frame of `schema`."""
    return _frame([_decoder.decode(row) for row in rows], schema)


def unpack_together(values: Sequence[bytes], schema: pl.Schema) -> pl.DataFrame:
    """Return the rows of values that `pack_together` made, as one frame of `schema`."""
    return _frame([row for value in values for row in _decoder.decode(value)], schema)


def key_and_time(frame: pl.DataFrame, keys: int) -> list[tuple[bytes, int]]:
    """Return the digest of each row's first `keys` columns, and its event_time (UTC µs)."""
    found = split_digests(digests_of_rows(frame.select(frame.columns[:keys])))
    return list(zip(found, frame[TIME].dt.epoch("us"), strict=True))


def conform(frame: pl.DataFrame, schema: pl.Schema, where: str) -> pl.DataFrame:
    """Bring cleaned rows to the types of the generation they follow.

    Raises:
        SchemaError: a column cannot be brought there without loss.
    """
    for name, dtype in schema.items():
        if name not in frame.columns:
            raise SchemaError.columns(where, seen=frame.columns, expected=list(schema))
        if frame.schema[name] != dtype:
            try:
                frame = frame.with_columns(pl.col(name).cast(dtype, strict=True))
            except pl.exceptions.PolarsError as error:
                raise SchemaError(
                    f"the column {name!r} of {where} is {frame.schema[name]}, and {dtype} was uploaded.",
                    cure="Send values of that type.",
                ) from error
    return frame.select(schema.names())


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    stored = _stored(dtype)
    return pl.col(name) if stored == dtype else pl.col(name).cast(stored)


def _stored(dtype: DataType | DataTypeClass) -> pl.DataType:
    """The type as which MessagePack holds a column: integers for times, text for decimals, inside lists too."""
    dtype = dtype if isinstance(dtype, DataType) else dtype()
    if dtype.is_temporal():
        return pl.Int32() if isinstance(dtype, pl.Date) else pl.Int64()
    if isinstance(dtype, _AS_TEXT):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(_stored(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({each.name: _stored(each.dtype) for each in dtype.fields})
    return dtype


def _frame(rows: Sequence[Sequence[Any]], schema: pl.Schema) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame(schema=schema)
    values = zip(*rows, strict=True)
    return pl.DataFrame([_series(name, v, schema[name]) for name, v in zip(schema, values, strict=True)])


def _series(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    stored = _stored(dtype)
    held = pl.Series(name, values, dtype=stored)
    return held if stored == dtype else held.cast(dtype)


def _date(value: Any, column: str, row: int) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _wrong_key(column, row, pl.Date()) from error


def _wrong_key(column: str, row: int, dtype: pl.DataType) -> RequestError:
    return RequestError(
        f"row {row}: the key {column!r} is of a wrong type.",
        code="wrong_type",
        column=column,
        row=row,
        cure=f"The stored keys are {dtype}.",
    )
