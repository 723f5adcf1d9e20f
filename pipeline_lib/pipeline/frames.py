"""Frames of any kind in, and the caller's own kind out: Polars, pandas, Arrow, dicts of arrays, lists of dicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, quoted


def to_frame(data: Any) -> pl.DataFrame:
    """Return rows as a Polars frame, without a copy where the kind allows it.

    >>> to_frame({"a": [1, 2]}).shape, to_frame([{"a": 1}]).shape
    ((2, 1), (1, 1))

    Raises:
        DataError: a kind of data that is no frame.
    """
    if isinstance(data, pl.DataFrame):
        return data
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    try:
        if isinstance(data, np.ndarray):
            return _from_array(data)
        if is_pandas(data):
            return pl.from_pandas(data)
        if isinstance(data, Mapping) or _is_rows(data):
            return pl.DataFrame(data, infer_schema_length=None)
        if hasattr(data, "__arrow_c_stream__"):
            return pl.DataFrame(data)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise DataError(
            f"the rows cannot be read: {error}.", cure="Columns need one type and length."
        ) from error
    raise DataError(
        f"rows came as a {type(data).__name__}.",
        cure="Expected a Polars or pandas frame, an Arrow table, a DuckDB relation, a NumPy array, "
        "a dict of columns or a list of dicts.",
    )


def _from_array(array: np.ndarray[Any, Any]) -> pl.DataFrame:
    """Return a structured array by its fields, a matrix as the columns x0, x1 and so on, as scikit-learn calls them."""
    if array.dtype.names is not None:
        return pl.DataFrame({name: array[name] for name in array.dtype.names})
    if array.ndim != 2:
        raise ValueError(f"the array has {array.ndim} dimensions, expected 2")
    names = [f"x{place}" for place in range(array.shape[1])]
    if array.dtype != object:
        return pl.DataFrame({name: array[:, place] for place, name in enumerate(names)})
    # Objects are of as many types as there are columns.
    return pl.DataFrame({name: array[:, place].tolist() for place, name in enumerate(names)}, strict=False)


def _to_array(frame: pl.DataFrame, original: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return frame.to_numpy() if original.dtype.names is None else frame.to_numpy(structured=True)


def _is_rows(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(row, Mapping) for row in data)


def is_pandas(data: Any) -> bool:
    """Whether data is a pandas frame or series; pandas itself is not imported."""
    return _family(data) == "pandas"


def _family(data: Any) -> str:
    return type(data).__module__.partition(".")[0]


def like(frame: pl.DataFrame, original: Any) -> Any:
    """Return a frame as the kind of `original`: the same index for pandas, arrays for dicts."""
    if is_pandas(original):
        answer = frame.to_pandas()
        answer.index = original.index
        return answer
    if isinstance(original, Mapping):
        return {series.name: series.to_numpy() for series in frame}
    if _is_rows(original):
        return frame.to_dicts()
    if isinstance(original, np.ndarray):
        return _to_array(frame, original)
    if _family(original) in ("duckdb", "_duckdb"):
        import duckdb

        return duckdb.from_arrow(frame.to_arrow())
    return frame.to_arrow() if _family(original) == "pyarrow" else frame


def series_like(series: pl.Series, original: Any) -> Any:
    """Return one column as the kind of `original`: a pandas series, an Arrow array, a NumPy array or a list."""
    if is_pandas(original):
        answer = series.to_pandas()
        answer.index = original.index
        return answer
    if isinstance(original, Mapping | np.ndarray):
        return series.to_numpy()
    if _is_rows(original):
        return series.to_list()
    return series.to_arrow() if _family(original) == "pyarrow" else series


def to_labels(labels: Any, data: pl.DataFrame) -> tuple[pl.Series, str | None]:
    """Return labels as a series, and the column's name where they are a column of the data.

    Raises:
        DataError: no such column, another number than rows, or a label that is missing.
    """
    column = labels if isinstance(labels, str) else None
    if column is not None and column not in data.columns:
        raise DataError(f"there is no label column {column!r} among {quoted(data.columns)}.")
    series = data[column] if column is not None else _series(labels)
    if len(series) != data.height:
        raise DataError(
            f"there are {len(series)} labels for {data.height} rows.", cure="Give one label for each row."
        )
    missing = (series.fill_nan(None) if series.dtype.is_float() else series).null_count()
    if missing:
        raise DataError(f"{missing} labels are missing.", cure="Leave out rows whose label is not known.")
    return series.rename("label"), column


def _series(labels: Any) -> pl.Series:
    if isinstance(labels, pl.Series):
        return labels
    if isinstance(labels, pl.DataFrame) and labels.width == 1:
        return labels.to_series()
    if is_pandas(labels):
        return pl.Series(np.asarray(labels))
    try:
        return pl.Series(labels)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DataError(f"labels came as a {type(labels).__name__}.", cure="Expected a series.") from error
