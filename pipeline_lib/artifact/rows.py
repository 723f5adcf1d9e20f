"""Rows as they come in a request, made a frame of the declared types: for artifacts that answer in Python."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.artifact.input_column import InputColumn
from bighead.pipeline_lib.errors import RequestError, did_you_mean
from bighead.pipeline_lib.pipeline.dtypes import family, polars_type

TYPES: dict[str, tuple[type, ...]] = {
    "float64": (float, int),
    "int64": (int,),
    "bool": (bool,),
    "string": (str,),
    "datetime": (int,),
    "bytes": (bytes, str),
    "list": (list, tuple),
    "tensor": (list, tuple),
    "sparse": (list, tuple),
}


def to_frame(rows: Sequence[dict[str, Any]], inputs: Sequence[InputColumn]) -> pl.DataFrame:
    """Return rows as a frame; None or an absent key is missing.

    >>> to_frame([{"n": 1}, {}], [InputColumn("n", "float64")])["n"].to_list()
    [1.0, None]

    Raises:
        RequestError: 400, naming the row and column that is superfluous, of a wrong type, or missing.
    """
    known = {column.name for column in inputs}
    for number, row in enumerate(rows):
        for name in row:
            if name not in known:
                raise _wrong(
                    f"column {name!r} is no input", name, number, did_you_mean(str(name), sorted(known))
                )
    columns = [_column(rows, column) for column in inputs]
    return pl.DataFrame(columns)


def _column(rows: Sequence[dict[str, Any]], column: InputColumn) -> pl.Series:
    values = [row.get(column.name) for row in rows]
    for number, value in enumerate(values):
        if value is None or value != value:
            if not column.nullable:
                raise _wrong(
                    f"column {column.name!r} is missing", column.name, number, f"Give a {column.dtype}."
                )
        elif not isinstance(value, TYPES[family(column.dtype)]) or (
            isinstance(value, bool) and column.dtype != "bool"
        ):
            seen = f"column {column.name!r} is the {type(value).__name__} {str(value)[:60]!r}"
            raise _wrong(seen, column.name, number, f"Expected {column.dtype}.")
        elif isinstance(value, int) and column.dtype == "int64" and not -(2**63) <= value < 2**63:
            raise _wrong(f"column {column.name!r} does not fit in 64 bits", column.name, number, "Send less.")
    if column.dtype == "bytes":
        values = [_bytes(value, column.name, number) for number, value in enumerate(values)]
    return _series(column, values)


def _series(column: InputColumn, values: list[Any]) -> pl.Series:
    dtype = polars_type(column.dtype)
    try:
        return pl.Series(column.name, values, dtype=dtype, strict=family(column.dtype) == column.dtype)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        for number, value in enumerate(values):
            try:
                pl.Series([value], dtype=dtype)
            except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
                said = f"column {column.name!r} cannot be read as {column.dtype}: {str(error)[:200]}"
                raise _wrong(said, column.name, number, f"Expected {column.dtype}.") from error
        raise


def _bytes(value: bytes | str | None, column: str, row: int) -> bytes | None:
    """Bytes as MessagePack has them, or as base64 (RFC 4648) where JSON knows only texts."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        said = f"column {column!r} is no base64: {error}"
        raise _wrong(said, column, row, "Send bytes as base64, or as MessagePack's bytes.") from error


def _wrong(what: str, column: str, row: int, cure: str) -> RequestError:
    return RequestError(f"row {row}: {what}.", code="bad_value", column=column, row=row, cure=cure)
