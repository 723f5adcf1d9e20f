"""The numbers of a column, as what is learnt from them needs them."""

from __future__ import annotations

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError


def numbers_of(series: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a column's numbers that are there, as float64.

    >>> numbers_of(pl.Series("n", [1, None, 3]))
    array([1., 3.])

    Raises:
        DataError: there is none, or one is infinite.
    """
    found = series.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
    if not len(found):
        raise DataError(
            f"no number at all in {series.name!r}.", cure="Leave it out, or NaNToMean(empty=0.0) first."
        )
    if not np.isfinite(found).all():
        raise DataError(
            f"column {series.name!r} has infinite numbers.",
            cure="Leave such rows out, or Clipper(low=…, high=…) first.",
        )
    return found
