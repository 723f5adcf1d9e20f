"""Labels as a learner takes them: classes as 0, 1, 2 …, numbers as floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, quoted


def encode(labels: pl.Series) -> tuple[np.ndarray[Any, Any], list[Any]]:
    """Return each label's place among the sorted classes, and the classes.

    >>> encode(pl.Series(["no", "yes", "no"]))
    (array([0, 1, 0]), ['no', 'yes'])

    Raises:
        DataError: all labels are the same.
    """
    classes = labels.unique().sort()
    if len(classes) < 2:
        raise DataError(
            f"all {len(labels)} labels are {classes.to_list()[0]!r}.", cure="A classifier needs two classes."
        )
    return classes.search_sorted(labels).to_numpy().astype(np.int64), classes.to_list()


def numbers(labels: pl.Series) -> np.ndarray[Any, Any]:
    """Return labels as float64.

    Raises:
        DataError: they are no numbers, or not finite.
    """
    if not (labels.dtype.is_numeric() or labels.dtype == pl.Boolean):
        raise DataError(f"labels are {labels.dtype}.", cure="A regressor learns numbers.")
    values = labels.cast(pl.Float64).to_numpy()
    if not np.isfinite(values).all():
        raise DataError("some labels are infinite.", cure="Leave them out.")
    return values


def check_finite(where: str, frame: pl.DataFrame, limit: float, missing: bool) -> None:
    """Refuse columns that hold values beyond ±`limit`, or missing ones unless allowed.

    Raises:
        DataError: naming the columns.
    """
    casted = frame.cast(pl.Float64)
    beyond = [s.name for s in casted if (s.abs() > limit).any()]
    if beyond:
        raise DataError(
            f"{where} cannot learn from values beyond ±{limit:.3g}, as in {quoted(beyond)}.",
            cure="Leave such rows out, or clip the columns at their source.",
        )
    lacking = [s.name for s in casted if not missing and (s.null_count() or s.is_nan().any())]
    if lacking:
        raise DataError(
            f"{where} cannot learn from missing values, as in {quoted(lacking)}.",
            cure="Fill them first: p[columns] >>= NaNToMean().",
        )
