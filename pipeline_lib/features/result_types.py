"""Which Polars type the result of an aggregation has, from the type of the column that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.declared_types import Tensor, typed_inputs
from bighead.pipeline_lib.features.operations import OPERATIONS

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_set import FeatureSet

_TEXTS = (pl.String, pl.Categorical, pl.Enum)
_ADDED = (pl.Int64, pl.Float64, pl.Decimal, pl.Duration, pl.Boolean, pl.Null)
_AS_THEY_ARE = (
    pl.Boolean,
    pl.Decimal,
    pl.Binary,
    pl.Date,
    pl.Time,
    pl.Datetime,
    pl.Duration,
    pl.Null,
)
# The digits of a decimal in which sums are given: as many as there are.
_DIGITS = 38


def map_of(value: pl.DataType) -> pl.DataType:
    """Return the type of a map from text: a list of `{key, value}`.

    >>> map_of(pl.Int64())
    List(Struct({'key': String, 'value': Int64}))
    """
    return pl.List(pl.Struct({"key": pl.String(), "value": value}))


def is_map(column: pl.DataType) -> bool:
    """Whether a column's cells are maps: structs, or lists of `{key, value}`."""
    if isinstance(column, pl.List) and isinstance(column.inner, pl.Struct):
        return [each.name for each in column.inner.fields] == ["key", "value"]
    return isinstance(column, pl.Struct)


def element_of(column: pl.DataType, where: str) -> pl.DataType:
    """Return the type of what is aggregated: an element of a list, a value of a map, else the cell itself.

    Raises:
        SchemaError: a struct whose fields have no type in common, or what cannot be aggregated.
    """
    element = column
    if isinstance(column, pl.Struct):
        element = _common([concrete(each.dtype) for each in column.fields], where)
    elif isinstance(column, pl.List | pl.Array):
        element = concrete(column.inner)
        if is_map(column) and isinstance(element, pl.Struct):
            element = concrete(element.fields[1].dtype)
    if _kept(element) is None:
        raise SchemaError(
            f"{where} is {column}, which cannot be aggregated.",
            cure="Cast it in the source's select to numbers, text, bytes, times, truths, or lists or maps of them.",
        )
    return element


def result_type(aggregation: Aggregation, column: pl.DataType) -> pl.DataType:
    """Return the type of an aggregation's values over a column of a type.

    >>> result_type(Aggregation("x", "sum", buckets="y"), pl.List(pl.Float32()))
    List(Struct({'key': String, 'value': Float64}))

    Raises:
        SchemaError: the operation does not take such a column.
    """
    where = f"the input {aggregation.input!r} of {aggregation.operation}"
    kept = _kept(element_of(column, where)) or pl.Null()
    operation = OPERATIONS[aggregation.operation]
    if operation.adds and not isinstance(kept, _ADDED):
        raise SchemaError(
            f"{where} is {column}.", cure="Expected numbers, durations or truths, which can be added."
        )
    results: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "float": pl.Float64(),
        "value": kept,
        "sum": _sum(kept),
        "values": pl.List(kept),
        "floats": pl.List(pl.Float64()) if len(aggregation.quantiles) > 1 else pl.Float64(),
        "counts": map_of(pl.Int64()),
    }
    result = results[operation.gives]
    return map_of(result) if aggregation.buckets or is_map(column) else result


def tensor_type(tensor: Tensor) -> pl.DataType:
    """Return the type of a tensor's values: lists within lists, as deep as its shape.

    >>> tensor_type(Tensor([2, 3], "float32"))
    List(List(Float64))
    """
    found: pl.DataType = pl.Int64() if tensor.dtype == "int64" else pl.Float64()
    for _ in tensor.shape:
        found = pl.List(found)
    return found


def tensor_types(feature_set: FeatureSet) -> dict[str, pl.DataType]:
    """Return the types in which tables and events tell those inputs of a set that are tensors."""
    typed = typed_inputs(feature_set).items()
    return {name: tensor_type(each) for name, each in typed if isinstance(each, Tensor)}


def of_tensors(aggregation: Aggregation, tensor: Tensor) -> pl.DataType:
    """Return the type of an aggregation's values over tensors, which it takes as they are."""
    gives, whole = OPERATIONS[aggregation.operation].gives, tensor_type(tensor)
    return {"value": whole, "values": pl.List(whole)}.get(gives) or result_type(aggregation, pl.Binary())


def _kept(element: pl.DataType) -> pl.DataType | None:
    """The type in which the kernel gives a value back; None for what it does not take."""
    if element.is_integer():
        return pl.Int64()
    if element.is_float():
        return pl.Float64()
    if isinstance(element, _TEXTS):
        return pl.String()
    return element if isinstance(element, _AS_THEY_ARE) else None


def _sum(kept: pl.DataType) -> pl.DataType:
    """The type of a sum: integers and truths add up to integers, decimals to decimals of the same scale."""
    if isinstance(kept, pl.Decimal):
        return pl.Decimal(_DIGITS, kept.scale)
    return kept if isinstance(kept, pl.Float64 | pl.Duration) else pl.Int64()


def _common(fields: list[pl.DataType], where: str) -> pl.DataType:
    kept = [_kept(each) for each in fields if not isinstance(each, pl.Null)]
    if any(isinstance(each, pl.Float64) for each in kept):
        kept = [pl.Float64() if isinstance(each, pl.Int64) else each for each in kept]
    if not kept:
        return pl.Null()
    if kept[0] is None or any(each != kept[0] for each in kept):
        raise SchemaError(
            f"{where} is a struct of {', '.join(map(str, fields))}.",
            cure="A struct that counts as a map has fields of one type.",
        )
    return kept[0]


def concrete(dtype: DataType | DataTypeClass) -> pl.DataType:
    """Return a type as an instance: Polars takes the class of one, too."""
    return dtype if isinstance(dtype, DataType) else dtype()
