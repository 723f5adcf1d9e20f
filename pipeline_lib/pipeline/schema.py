"""The types a pipeline calculates with, and how a caller's columns become them.

Four: float64, int64, bool, string; times are int64 microseconds. Missing is null: NaN becomes null on the way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from bighead.pipeline_lib.errors import SchemaError, did_you_mean, quoted

POLARS: dict[str, type[pl.DataType]] = {
    "float64": pl.Float64,
    "int64": pl.Int64,
    "bool": pl.Boolean,
    "string": pl.String,
    "datetime": pl.Int64,
}


@dataclass(frozen=True)
class InputType:
    """A column that a pipeline reads: its name, and float64, int64, bool, string or datetime."""

    name: str
    dtype: str

    @property
    def slot(self) -> str:
        """What it is calculated as: a time is an int64."""
        return "int64" if self.dtype == "datetime" else self.dtype


def type_of(dtype: pl.DataType) -> str | None:
    """Return the word for a Polars type, None where pipelines cannot read it.

    >>> type_of(pl.Int16()), type_of(pl.Categorical()), type_of(pl.List(pl.String))
    ('int64', 'string', None)
    """
    if dtype == pl.Boolean:
        return "bool"
    if dtype.is_float() or dtype.is_decimal() or dtype in (pl.UInt64, pl.Null) or dtype == pl.Int128:
        return "float64"
    if dtype.is_integer():
        return "int64"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "string"
    return "datetime" if dtype in (pl.Datetime, pl.Date) else None


def types_of(where: str, frame: pl.DataFrame, columns: Sequence[str]) -> tuple[InputType, ...]:
    """Return the types of columns.

    Raises:
        SchemaError: a column is absent, or of a type that pipelines cannot read.
    """
    check_present(where, frame, columns)
    found = []
    for name in columns:
        word = type_of(frame.schema[name])
        if word is None:
            raise SchemaError(
                f"{where}: the column {name!r} is {frame.schema[name]}.",
                cure="Expected numbers, strings, booleans or times; leave it out or convert it.",
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
    seen = series.dtype
    given = type_of(seen)
    if seen == pl.Null:
        return pl.Series(series.name, [None], dtype=POLARS[wanted.dtype]).new_from_index(0, len(series))
    if given != wanted.dtype and not _widens(given, wanted.dtype, series):
        raise SchemaError(
            f"{where}: the column {series.name!r} is {seen}, expected {wanted.dtype} as it was at fit.",
            cure=f"Convert it: pl.col({series.name!r}).cast(pl.{POLARS[wanted.dtype].__name__}).",
        )
    if wanted.dtype == "datetime" and not seen.is_integer():
        return series.cast(pl.Datetime("us", getattr(seen, "time_zone", None))).cast(pl.Int64)
    series = series.cast(POLARS[wanted.dtype])
    return series.fill_nan(None) if wanted.dtype == "float64" else series


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
    return wanted == "datetime" and series.dtype == pl.Int64
