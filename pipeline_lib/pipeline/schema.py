"""Columns that a pipeline reads: their types, and how a caller's columns become them. Missing is null, NaN too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import SchemaError, did_you_mean, quoted
from bighead.pipeline_lib.pipeline.dtypes import SPARSE, family, polars_type, word_of


@dataclass(frozen=True)
class InputType:
    """A column that a pipeline reads: its name, and its type in a word of `dtypes`."""

    name: str
    dtype: str

    @property
    def family(self) -> str:
        """The kind of its type: `tensor` for tensors of any shape."""
        return family(self.dtype)

    @property
    def slot(self) -> str:
        """What the plan holds it as: a time is an int64."""
        return "int64" if self.dtype == "datetime" else self.dtype


def type_of(dtype: pl.DataType) -> str | None:
    """Return the kind of a Polars type, None where pipelines cannot read it.

    >>> type_of(pl.Int16()), type_of(pl.Categorical()), type_of(pl.List(pl.String()))
    ('int64', 'string', 'list')
    """
    word = word_of(dtype)
    return None if word is None else family(word)


def in_microseconds(frame: pl.DataFrame) -> pl.DataFrame:
    """Return columns with times as whole microseconds since 1970, for what knows no times."""
    return frame.with_columns(pl.col(pl.Datetime).cast(pl.Int64))


def types_of(where: str, frame: pl.DataFrame, columns: Sequence[str]) -> tuple[InputType, ...]:
    """Return the types of columns.

    Raises:
        SchemaError: a column is absent, or of a type that pipelines cannot read.
    """
    check_present(where, frame, columns)
    found = []
    for name in columns:
        word = word_of(frame.schema[name])
        if word is None:
            raise SchemaError(
                f"{where}: the column {name!r} is {frame.schema[name]}.",
                cure="Expected numbers, strings, booleans, times, bytes, lists or tensors; leave it out or convert it.",
            )
        found.append(InputType(name, word))
    return tuple(found)


def check_present(where: str, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks a column.

    Raises:
        SchemaError: naming what lacks, and the nearest names there are.
    """
    known = set(frame.columns)
    missing = [name for name in columns if name not in known]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise SchemaError(
            f"{where} lacks the {word} {quoted(missing)}; it has {quoted(frame.columns)}.",
            cure=did_you_mean(missing[0], frame.columns),
        )


def conform(where: str, frame: pl.DataFrame, inputs: Sequence[InputType]) -> pl.DataFrame:
    """Return exactly the inputs, as the types a pipeline calculates with.

    Raises:
        SchemaError: a column is absent or of another kind than it was at fit.
    """
    check_present(where, frame, [each.name for each in inputs])
    return pl.DataFrame([_conform_column(where, frame[each.name], each) for each in inputs])


def _conform_column(where: str, series: pl.Series, wanted: InputType) -> pl.Series:
    seen, dtype = series.dtype, polars_type(wanted.dtype)
    if seen == dtype:
        return series.fill_nan(None) if wanted.dtype == "float64" else series
    if seen == pl.Null:
        return pl.Series(series.name, [None], dtype=dtype).new_from_index(0, len(series))
    given = word_of(seen)
    if given != wanted.dtype and not _widens(given, wanted.dtype, series):
        raise SchemaError(
            f"{where}: the column {series.name!r} is {seen}, expected {wanted.dtype} as it was at fit.",
            cure=f"Convert it: pl.col({series.name!r}).cast(pl.{dtype}).",
        )
    if wanted.dtype == "datetime":
        return _instants(series)
    return series.cast(dtype).fill_nan(None) if wanted.dtype == "float64" else series.cast(dtype)


def _instants(series: pl.Series) -> pl.Series:
    """Times as instants in UTC; those without a zone are in UTC already, whole numbers are microseconds."""
    if series.dtype.is_integer():
        return series.cast(pl.Datetime("us", "UTC"))
    zone = getattr(series.dtype, "time_zone", None)
    moments = series.cast(pl.Datetime("us", zone))
    return moments.dt.replace_time_zone("UTC") if zone is None else moments.dt.convert_time_zone("UTC")


def _widens(given: str | None, wanted: str, series: pl.Series) -> bool:
    """Whether a column of another type still holds values of the wanted one."""
    if wanted == "float64":
        return given == "int64"
    if wanted == "int64" and given == "float64":
        # Frames without nullable integers, such as pandas', hold them as floats once one is missing.
        whole = series.cast(pl.Float64).fill_nan(None).drop_nulls()
        return bool(
            whole.is_finite().all() and (whole == whole.floor()).all() and (whole.abs() < 2**53).all()
        )
    if wanted == "list<float64>":
        return given == "list<int64>"
    if wanted.startswith("tensor"):
        return _stacks(series, polars_type(wanted))
    if wanted == "sparse":
        return _pairs(series.dtype)
    return wanted == "datetime" and series.dtype == pl.Int64


def _stacks(series: pl.Series, wanted: pl.DataType) -> bool:
    """Whether a tensor has the wanted shape, whatever its numbers; or lists of numbers as many as it holds."""
    assert isinstance(wanted, pl.Array)
    if isinstance(series.dtype, pl.Array):
        return series.dtype.shape == wanted.shape
    plain = len(wanted.shape) == 1 and word_of(series.dtype) in ("list<float64>", "list<int64>")
    return plain and bool((series.list.len().drop_nulls() == wanted.shape[0]).all())


def _pairs(dtype: pl.DataType) -> bool:
    """Whether lists hold an index and a value, of whichever widths."""
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    named = isinstance(inner, pl.Struct) and [field.name for field in inner.fields]
    return named == [field.name for field in SPARSE.inner.fields]  # type: ignore[union-attr]
