"""The types of the dialect, and how Polars' types are read in them.

| kind | values |
|---|---|
| bool, int, float, text | truths; integers of 64 bits; floats of 64 bits; text |
| date, timestamp, instant, interval | days; local times without a zone; instants (UTC); spans of time: microseconds |
| list[K] | lists of one of these |
| null | what NULL is before it is known of which kind |
| other | what can only be handed on and asked for null: decimals, bytes, structs, … |
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Kind:
    """A type of the dialect; `inner` is that of a list's elements, `dtype` what another type is in Polars."""

    name: str
    inner: Kind | None = None
    dtype: pl.DataType | None = None

    def __str__(self) -> str:
        if self.inner is not None:
            return f"list[{self.inner}]"
        return str(self.dtype) if self.dtype is not None else self.name


NULL, BOOL, INT, FLOAT, TEXT = (Kind(name) for name in ("null", "bool", "int", "float", "text"))
DATE, TIMESTAMP, INSTANT, INTERVAL = (Kind(name) for name in ("date", "timestamp", "instant", "interval"))
KINDS = {kind.name: kind for kind in (NULL, BOOL, INT, FLOAT, TEXT, DATE, TIMESTAMP, INSTANT, INTERVAL)}
# Kinds whose values can be put into an order, and are equal or not.
ORDERED = (BOOL, INT, FLOAT, TEXT, DATE, TIMESTAMP, INSTANT, INTERVAL)

_DTYPES: dict[Kind, pl.DataType] = {
    NULL: pl.Null(),
    BOOL: pl.Boolean(),
    INT: pl.Int64(),
    FLOAT: pl.Float64(),
    TEXT: pl.String(),
    DATE: pl.Date(),
    TIMESTAMP: pl.Datetime("us"),
    INSTANT: pl.Datetime("us", "UTC"),
    INTERVAL: pl.Duration("us"),
}
# The types that a cast may name.
TYPE_NAMES: dict[str, Kind] = {
    **dict.fromkeys(["BOOLEAN", "BOOL"], BOOL),
    **dict.fromkeys(["BIGINT", "INTEGER", "INT", "INT8", "INT64"], INT),
    **dict.fromkeys(["DOUBLE", "FLOAT", "FLOAT8", "FLOAT64", "REAL"], FLOAT),
    **dict.fromkeys(["TEXT", "VARCHAR", "STRING"], TEXT),
    "DATE": DATE,
    **dict.fromkeys(["TIMESTAMP", "DATETIME"], TIMESTAMP),
    "TIMESTAMPTZ": INSTANT,
}


def kind_of(dtype: pl.DataType) -> Kind:
    """Return what a column of a Polars type is in the dialect.

    >>> str(kind_of(pl.List(pl.Int8)))
    'list[int]'
    """
    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner()
        element = kind_of(inner)
        return Kind("list", element) if element in (*ORDERED, NULL) else Kind("other", None, dtype)
    if isinstance(dtype, pl.Datetime):
        return TIMESTAMP if dtype.time_zone is None else INSTANT
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return TEXT
    if isinstance(dtype, pl.Duration):
        return INTERVAL
    for kind, plain in _DTYPES.items():
        if dtype == plain:
            return kind
    if dtype.is_integer():
        return INT
    return FLOAT if dtype.is_float() else Kind("other", None, dtype)


def dtype_of(kind: Kind) -> pl.DataType:
    """Return the Polars type of a kind's values.

    >>> dtype_of(kind_of(pl.List(pl.Int8)))
    List(Int64)
    """
    if kind.inner is not None:
        return pl.List(dtype_of(kind.inner))
    return kind.dtype if kind.dtype is not None else _DTYPES[kind]
