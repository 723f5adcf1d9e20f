"""Values of declared types: cleaned rows hold tensors as bytes, which everything carries, and features as lists.

A tensor's numbers stand one after another, the last dimension first to move, in little-endian order.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.features.declared_types import (
    NULL,
    REFUSE,
    Categorical,
    Tensor,
    typed_inputs,
)
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.result_types import concrete, tensor_type

_STORED = {"float64": "<f8", "float32": "<f4", "int64": "<i8"}
_ELEMENTS: dict[str, pl.DataType] = {"float64": pl.Float64(), "float32": pl.Float32(), "int64": pl.Int64()}
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def with_declared_types(rows: pl.DataFrame, feature_set: FeatureSet, where: str) -> pl.DataFrame:
    """Return cleaned rows with each input of a declared type as it is kept; what is kept already stays.

    Raises:
        SchemaError: a column that holds something else: text for a tensor, numbers for a category.
        DataError: values that the type refuses, counted by the reason.
    """
    typed = typed_inputs(feature_set)
    made = []
    for name, declared in typed.items():
        if name not in rows.columns:
            continue
        if isinstance(declared, Tensor):
            made.append(_packed(rows[name], declared, where))
        else:
            made.append(_known(rows[name], declared, where))
    return rows.with_columns(made) if made else rows


def as_tensors(values: pl.DataFrame, ref: FeatureRef) -> pl.DataFrame:
    """Return the values of a use with tensors as nested lists in place of their bytes."""
    made = []
    for feature in ref.features:
        if feature.tensor is None or ref.output(feature) not in values.columns:
            continue
        column, dtype = pl.col(ref.output(feature)), values.schema[ref.output(feature)]
        if isinstance(dtype, pl.Binary):
            made.append(_unpacked(column, feature.tensor))
        elif isinstance(dtype, pl.List):
            made.append(column.list.eval(_unpacked(pl.element(), feature.tensor)))
    return values.with_columns(made) if made else values


def shown(rows: pl.DataFrame, feature_set: FeatureSet) -> pl.DataFrame:
    """Return cleaned rows as people read them: tensors as nested lists."""
    tensors = {name: each for name, each in typed_inputs(feature_set).items() if isinstance(each, Tensor)}
    made = [_unpacked(pl.col(name), tensor) for name, tensor in tensors.items() if name in rows.columns]
    return rows.with_columns(made) if made else rows


def _unpacked(packed: pl.Expr, tensor: Tensor) -> pl.Expr:
    flat = packed.bin.reinterpret(dtype=pl.Array(_ELEMENTS[tensor.dtype], tensor.size), endianness="little")
    nested = flat.reshape((-1, *tensor.shape)) if len(tensor.shape) > 1 else flat
    # Reshaped, what is null would be a tensor of nulls.
    return pl.when(packed.is_not_null()).then(nested.cast(tensor_type(tensor)))


def _packed(column: pl.Series, tensor: Tensor, where: str) -> pl.Series:
    told = f"the column {column.name!r} of {where}"
    if isinstance(column.dtype, pl.Null):
        return column.cast(pl.Binary)
    if isinstance(column.dtype, pl.Binary):
        stored = _ELEMENTS[tensor.dtype]
        width = tensor.size * np.dtype(_STORED[tensor.dtype]).itemsize
        wrong = column.is_not_null() & (column.bin.size() != width)
        return _without(column, {f"are no {tensor.size} numbers of {stored}": wrong}, tensor.invalid, told)
    lists = _as_lists(column, tensor, told)
    rows, numbers, misshapen = _numbers(lists, tensor)
    finite = np.isfinite(numbers).all(axis=1)
    packed = pl.Series(column.name, [each.tobytes() for each in numbers], dtype=pl.Binary)
    places = np.full(column.len(), -1)
    places[rows] = np.arange(len(rows))
    found = packed.gather(pl.Series(places).replace(-1, None))
    not_finite = np.zeros(column.len(), dtype=bool)
    not_finite[rows] = ~finite
    shape = " × ".join(map(str, tensor.shape))
    reasons = {
        f"are not {shape} numbers": pl.Series(misshapen),
        "hold NaN or infinite numbers": pl.Series(not_finite),
    }
    return _without(found.alias(column.name), reasons, tensor.invalid, told)


def _as_lists(column: pl.Series, tensor: Tensor, told: str) -> pl.Series:
    """Return a tensor's column as lists within lists of the numbers that are stored."""
    inner: pl.DataType = column.dtype
    wanted: pl.DataType = _ELEMENTS[tensor.dtype]
    for _ in tensor.shape:
        wanted = pl.List(wanted)
        inner = concrete(inner.inner) if isinstance(inner, pl.List | pl.Array) else pl.Struct([])
    fits = inner.is_integer() or (inner.is_numeric() and tensor.dtype != "int64") or inner == pl.Null
    if not fits:
        raise SchemaError(
            f"{told} is {column.dtype}, and declared as a tensor of {len(tensor.shape)} dimensions of {tensor.dtype}.",
            cure="Expected lists or arrays of numbers, nested as deep as its shape.",
        )
    # An integer beyond 64 bits becomes null, and is counted with the other tensors that are none.
    return column.cast(wanted, strict=False)


def _numbers(lists: pl.Series, tensor: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which rows have the shape, their numbers (a row each), and which have another one."""
    rows = np.flatnonzero(lists.is_not_null().to_numpy())
    there, values, each = rows, lists.drop_nulls(), 1
    for length in tensor.shape:
        fits = (values.list.len() == length).fill_null(False).to_numpy().reshape(-1, each).all(axis=1)
        values = values.filter(pl.Series(np.repeat(fits, each))).explode()
        there, each = there[fits], each * length
    fits = values.is_not_null().to_numpy().reshape(-1, each).all(axis=1)
    numbers = values.filter(pl.Series(np.repeat(fits, each))).to_numpy().astype(_STORED[tensor.dtype])
    misshapen = np.zeros(lists.len(), dtype=bool)
    misshapen[np.setdiff1d(rows, there[fits])] = True
    # There is one zero, so that equal tensors have equal bytes.
    return there[fits], numbers.reshape(-1, each) + numbers.dtype.type(0), misshapen


def _known(column: pl.Series, declared: Categorical, where: str) -> pl.Series:
    told = f"the column {column.name!r} of {where}"
    if not isinstance(column.dtype, pl.Null | pl.String | pl.Categorical | pl.Enum):
        raise SchemaError(
            f"{told} is {column.dtype}, and declared as a categorical.",
            cure="Expected text: cast it in select.",
        )
    text = column.cast(pl.String)
    unknown = text.is_not_null() & ~text.is_in(list(declared.values))
    if declared.unknown not in (REFUSE, NULL):
        return text.zip_with(
            ~unknown, pl.Series(column.name, [declared.unknown]).new_from_index(0, text.len())
        )
    words = ", ".join(map(repr, text.filter(unknown).unique().sort().head(3)))
    return _without(text, {f"are not in its vocabulary, as {words}": unknown}, declared.unknown, told)


def _without(column: pl.Series, reasons: Mapping[str, pl.Series], policy: str, told: str) -> pl.Series:
    """Return a column with null for what is not valid.

    Raises:
        DataError: there is some, and it is to be refused; counted by the reason.
    """
    counts = {reason: int(where.sum()) for reason, where in reasons.items() if where.any()}
    if not counts:
        return column
    if policy == REFUSE:
        why = " and ".join(f"{count:,} that {reason}" for reason, count in counts.items())
        raise DataError(
            f"{told} has {column.len():,} values, {why}.",
            cure="Correct or leave out these rows; or let the type make null of them.",
        )
    wrong = reduce(lambda one, other: one | other, reasons.values())
    none = pl.Series(column.name, [None], dtype=column.dtype).new_from_index(0, column.len())
    return column.zip_with(~wrong, none)
