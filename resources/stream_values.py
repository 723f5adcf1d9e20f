"""One value of an event, of its column's type: as it is, or read from the text that JSON has of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl

_TEXTS = (pl.String, pl.Categorical, pl.Enum)
# Types that JSON, and in part MessagePack, writes as text, and how it is to be written.
_READ: dict[type[pl.DataType], tuple[type, str]] = {
    pl.Date: (date, "a date as '2013-11-22'"),
    pl.Time: (time, "a time as '10:00:00'"),
    pl.Datetime: (datetime, "an instant as '2013-11-22T10:00:00Z'"),
    pl.Duration: (timedelta, "a duration as 'PT90S'"),
    pl.Decimal: (Decimal, "a decimal as '1.50'"),
    pl.Binary: (bytes, "bytes, in JSON as text in base64"),
}


def plain_types(dtype: pl.DataType | None) -> frozenset[type]:
    """Return the types of values that a column of a type takes as they are, null among them.

    >>> sorted(each.__name__ for each in plain_types(pl.Float64()))
    ['NoneType', 'float', 'int']
    """
    if dtype is None:
        return frozenset({type(None), str, bool, int, float})
    if isinstance(dtype, _TEXTS):
        return frozenset({type(None), str})
    if isinstance(dtype, pl.Boolean):
        return frozenset({type(None), bool})
    if dtype.is_integer():
        return frozenset({type(None), int})
    return frozenset({type(None), int, float}) if dtype.is_float() else frozenset({type(None)})


def read_value(value: Any, dtype: pl.DataType) -> Any:
    """Return a value that is not null as Polars takes it for a column of a type.

    >>> read_value("PT1.5S", pl.Duration("us"))
    datetime.timedelta(seconds=1, microseconds=500000)

    Raises:
        ValueError: it is none of that type; the text says what was expected.
    """
    read = _READ.get(type(dtype))
    if read is not None:
        return _read(value, *read)
    if isinstance(dtype, pl.List) and type(value) is list:
        inner = dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner()
        return [None if each is None else read_value(each, inner) for each in value]
    if not _fits(value, dtype):
        raise ValueError(str(dtype))
    return value


def _read(value: Any, kind: type, expected: str) -> Any:
    # A float is no decimal that anybody wrote; its digits are made up.
    if kind is Decimal and isinstance(value, bool | float):
        raise ValueError(expected)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(expected) from error


def _fits(value: Any, dtype: pl.DataType) -> bool:
    if isinstance(dtype, _TEXTS):
        return type(value) is str
    if isinstance(dtype, pl.Boolean):
        return type(value) is bool
    if dtype.is_integer():
        return type(value) is int
    if dtype.is_float():
        return type(value) in (int, float)
    return True
