"""What an estimator of scikit-learn answers, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.frameworks.sklearn_input import sparse_column

# Sparse answers of more columns than these stay one sparse column.
MOST_COLUMNS = 512


def columns_of(made: Any, names: Sequence[str] | None, fallback: str, inputs: Sequence[str]) -> pl.DataFrame:
    """Return answers as columns: float64, int64, bool or string; NaN and None are missing.

    Args:
        made: A matrix, dense or sparse, a frame, or a vector.
        names: What the estimator calls its answers, where it says.
        fallback: What they are called otherwise, with a number.
        inputs: The inputs; as many answers that have no names take theirs.
    """
    if hasattr(made, "tocsr"):
        if made.shape[1] > MOST_COLUMNS:
            return sparse_column(fallback, made).to_frame()
        made = made.toarray()
    array = made.to_numpy() if hasattr(made, "to_numpy") else np.asarray(made)
    array = array.reshape(len(array), -1)
    count = array.shape[1]
    if names is None or len(names) != count:
        names = list(inputs) if count == len(inputs) else [f"{fallback}{place}" for place in range(count)]
    return pl.DataFrame([_series(name, array[:, place]) for place, name in enumerate(names)])


def _series(name: str, values: np.ndarray[Any, Any]) -> pl.Series:
    if values.dtype.kind == "f":
        return pl.Series(name, values.astype(np.float64)).fill_nan(None)
    if values.dtype.kind in "iu":
        return pl.Series(name, values.astype(np.int64))
    if values.dtype.kind == "b":
        return pl.Series(name, values)
    items = [None if each is None or each != each else each for each in values.tolist()]
    if all(each is None or isinstance(each, int | float) for each in items):
        return pl.Series(name, [None if each is None else float(each) for each in items], dtype=pl.Float64)
    return pl.Series(name, [None if each is None else str(each) for each in items], dtype=pl.String)


def names_of(estimator: Any, inputs: Sequence[str]) -> list[str] | None:
    """Return what an estimator calls its answers; None where it does not say."""
    if not hasattr(estimator, "get_feature_names_out"):
        return None
    try:
        return [str(name) for name in estimator.get_feature_names_out(np.array(inputs, dtype=object))]
    except (ValueError, AttributeError, TypeError):
        # Those that read texts take no names of inputs.
        try:
            return [str(name) for name in estimator.get_feature_names_out()]
        except (ValueError, AttributeError, TypeError):
            return None


def scattered(made: pl.DataFrame, taken: np.ndarray[Any, Any]) -> pl.DataFrame:
    """Return a row for each row, missing where the estimator took none.

    >>> scattered(pl.DataFrame({"a": [1.0]}), np.array([False, True]))["a"].to_list()
    [None, 1.0]
    """
    places = pl.Series(np.where(taken, np.cumsum(taken) - 1, 0), dtype=pl.UInt32)
    there = pl.Series(taken)
    places = pl.DataFrame({"at": places, "there": there}).select(pl.when("there").then("at"))["at"]
    return made.select(pl.all().gather(places))
