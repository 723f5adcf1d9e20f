"""Values of a row as Debezium writes them: numbers that mean instants, dates or decimals, if the schema says so."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from bighead.resources.online_rows import EPOCH

_FIRST_DAY = date(1970, 1, 1).toordinal()
_DEBEZIUM, _CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
Meaning = Mapping[str, Any]


def read(value: Any, meaning: Meaning, dtype: pl.DataType | None, naive: bool) -> Any:
    """Return what a value means by the field of a Connect schema, which has a `name` and perhaps `parameters`.

    Args:
        value: What the message has; null is null.
        meaning: The field; a name that is not known leaves the value as it is.
        dtype: The type of the column, where it has one: a decimal is a float where the column is.
        naive: Whether instants without a zone are to stay so; else they are UTC's.

    >>> read(1384077600000, {"name": "io.debezium.time.Timestamp"}, None, naive=True)
    datetime.datetime(2013, 11, 10, 10, 0)

    Raises:
        ValueError: a value that is none of its kind.
    """
    name = meaning.get("name")
    if value is None or not isinstance(name, str):
        return value
    try:
        if name in _INSTANTS:
            moment = EPOCH + timedelta(microseconds=_INSTANTS[name](value))
            return moment.replace(tzinfo=None) if naive else moment
        if name in _OTHERS:
            return _OTHERS[name](value)
        if name == _CONNECT + "Decimal":
            return _as(dtype, _decimal(value, int((meaning.get("parameters") or {})["scale"])))
        if name == "io.debezium.data.VariableScaleDecimal":
            return _as(dtype, _decimal(value["value"], int(value["scale"])))
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise ValueError(f"{value!r} is no {name}: {error}") from error
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("expected a whole number")
    return value


def _date(value: Any) -> date:
    return date.fromordinal(_FIRST_DAY + _whole(value))


def _clock(unit: int) -> Callable[[Any], time]:
    return lambda value: (EPOCH + timedelta(microseconds=_whole(value) * unit // 1000)).time()


def _decimal(value: Any, scale: int) -> Decimal:
    sign, digits, _ = Decimal(int.from_bytes(b64decode(value, validate=True), "big", signed=True)).as_tuple()
    # Arithmetic would round to the digits of the context.
    return Decimal((sign, digits, -scale))


def _as(dtype: pl.DataType | None, value: Decimal) -> Decimal | float:
    return float(value) if dtype is not None and dtype.is_float() else value


# Microseconds since 1970 of each kind of instant.
_INSTANTS: dict[str, Callable[[Any], int]] = {
    _DEBEZIUM + "Timestamp": lambda value: _whole(value) * 1000,
    _DEBEZIUM + "MicroTimestamp": _whole,
    _DEBEZIUM + "NanoTimestamp": lambda value: _whole(value) // 1000,
    _CONNECT + "Timestamp": lambda value: _whole(value) * 1000,
}
_OTHERS: dict[str, Callable[[Any], Any]] = {
    _DEBEZIUM + "Date": _date,
    _CONNECT + "Date": _date,
    # By the nanoseconds in one of its units.
    _DEBEZIUM + "Time": _clock(1_000_000),
    _DEBEZIUM + "MicroTime": _clock(1_000),
    _DEBEZIUM + "NanoTime": _clock(1),
    _CONNECT + "Time": _clock(1_000_000),
    _DEBEZIUM + "MicroDuration": lambda value: timedelta(microseconds=_whole(value)),
}
