"""The words for the types that a pipeline calculates with, and the Polars types that they stand for.

float64 int64 bool string datetime bytes     one value a row; a datetime is an instant in microseconds, in UTC
list<string> list<int64> list<float64>       as many values as a row has
tensor<float32>[3,224,224]                   a block of numbers of one shape
sparse                                       pairs of index and value, as a row of a CSR matrix
"""

from __future__ import annotations

import re
from math import prod

import polars as pl

SPARSE = pl.List(pl.Struct({"index": pl.UInt32(), "value": pl.Float64()}))
SCALARS: dict[str, pl.DataType] = {
    "float64": pl.Float64(),
    "int64": pl.Int64(),
    "bool": pl.Boolean(),
    "string": pl.String(),
    "datetime": pl.Datetime("us", "UTC"),
    "bytes": pl.Binary(),
}
_ITEMS: dict[str, pl.DataType] = {
    "float32": pl.Float32(),
    "float64": pl.Float64(),
    "int64": pl.Int64(),
    "uint8": pl.UInt8(),
}
_TENSOR = re.compile(r"tensor<(\w+)>\[(\d+(?:,\d+)*)\]")
_LIST = re.compile(r"list<(\w+)>")
# A declared shape beyond this is no column of anything, but memory that somebody wants to see taken.
MOST_ITEMS = 1 << 28


def word_of(dtype: pl.DataType) -> str | None:
    """Return the word for a Polars type, None where pipelines cannot read it.

    >>> word_of(pl.Int16()), word_of(pl.Categorical()), word_of(pl.List(pl.Int8()))
    ('int64', 'string', 'list<int64>')
    >>> word_of(pl.Array(pl.Float32(), (2, 3))), word_of(pl.Object())
    ('tensor<float32>[2,3]', None)
    """
    if dtype == SPARSE:
        return "sparse"
    if isinstance(dtype, pl.List):
        item = scalar_word(_data_type(dtype.inner))
        return f"list<{item}>" if item in ("float64", "int64", "string") else None
    if isinstance(dtype, pl.Array):
        return _tensor_word(dtype)
    return scalar_word(dtype)


def scalar_word(dtype: pl.DataType) -> str | None:
    """Return the word for a type of one value a row."""
    if dtype == pl.Boolean:
        return "bool"
    if dtype.is_float() or dtype.is_decimal() or dtype in (pl.UInt64, pl.Null) or dtype == pl.Int128:
        return "float64"
    if dtype.is_integer():
        return "int64"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "string"
    if dtype == pl.Binary:
        return "bytes"
    return "datetime" if dtype in (pl.Datetime, pl.Date) else None


def _tensor_word(dtype: pl.Array) -> str | None:
    base: pl.DataType = dtype
    while isinstance(base, pl.Array):
        base = _data_type(base.inner)
    item = next((word for word, item in _ITEMS.items() if item == base), None)
    if item is None:
        item = {"float64": "float64", "int64": "int64"}.get(scalar_word(base) or "")
    shape = ",".join(str(length) for length in dtype.shape)
    return f"tensor<{item}>[{shape}]" if item else None


def _data_type(dtype: object) -> pl.DataType:
    """A type as an instance: Polars takes classes for types, too."""
    made: object = dtype() if isinstance(dtype, type) else dtype
    assert isinstance(made, pl.DataType)
    return made


def family(word: str) -> str:
    """Return what kind of type a word is, as steps say what they take.

    >>> family("tensor<float32>[3,8,8]"), family("list<string>"), family("int64")
    ('tensor', 'list', 'int64')
    """
    return re.split(r"[<\[]", word, maxsplit=1)[0]


def polars_type(word: str) -> pl.DataType:
    """Return the Polars type that a word stands for.

    >>> polars_type("tensor<uint8>[2,2]")
    Array(UInt8, shape=(2, 2))

    Raises:
        ValueError: a word that is none, or a shape that nothing could have.
    """
    if word in SCALARS:
        return SCALARS[word]
    if word == "sparse":
        return SPARSE
    listed, shaped = _LIST.fullmatch(word), _TENSOR.fullmatch(word)
    if listed and listed[1] in ("float64", "int64", "string"):
        return pl.List(SCALARS[listed[1]])
    if shaped and shaped[1] in _ITEMS:
        shape = tuple(int(length) for length in shaped[2].split(","))
        if 0 < prod(shape) <= MOST_ITEMS:
            return pl.Array(_ITEMS[shaped[1]], shape)
    raise ValueError(f"{word!r} is no type of a column")
