"""What PSI a column usually has: each day of the training rows, held against all of them as a logged day is.

One day always differs from a year: windows and the calendar move. By the custom of 0.25 most inputs would drift
every day, so a column is judged by the PSI that days had on which nothing was wrong. The bar is the largest of
those and not a quantile: a new day exceeds the largest of n with a chance of 1 / (n + 1), which for 300 days and
100 columns is one column in three days, where the 99 % quantile would let one through each day. The price: a day
that was broken in the training rows is usual, and `usual` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.monitoring.psi import Binned, psi_of_each

# Deciles of fewer rows than this say more of chance than of drift.
LEAST_ROWS = 100
# The largest of fewer days than this is exceeded too often to be called usual.
LEAST_SPANS = 20


@dataclass(frozen=True)
class Spans:
    """The days of the reference: `day` numbers each row's, from 0; `rows` are the rows to count, by number."""

    day: np.ndarray
    rows: np.ndarray


def spans_like(times: pl.Series, rows: int) -> Spans | None:
    """Return the UTC days of the reference's `times` that say what is usual for a day of `rows` rows.

    Chance alone gives a small day a larger PSI. So a day with far fewer rows than the others is left out, and a
    longer day than the one to judge is thinned evenly to its length. None where too few days remain.
    """
    _, day = np.unique(times.dt.date().to_physical().to_numpy(), return_inverse=True)
    length = np.bincount(day)
    size = pl.lit(pl.Series(length[day]))
    place = pl.int_range(pl.len()).over("day")
    enough = max(LEAST_ROWS, min(float(np.median(length)), rows) / 2)
    if np.count_nonzero(length >= enough) < LEAST_SPANS:
        return None
    kept = (size >= enough) & ((place + 1) * rows // size > place * rows // size)
    return Spans(day, np.flatnonzero(pl.DataFrame({"day": day}).select(kept).to_series().to_numpy()))


def usual_psi(binned: Binned, spans: Spans) -> tuple[float, float]:
    """Return the largest PSI that a span had against the whole reference, and the largest of missing values alone."""
    cells = np.bincount(
        spans.day[spans.rows] * binned.bins + binned.alone[spans.rows],
        minlength=(int(spans.day.max()) + 1) * binned.bins,
    ).reshape(-1, binned.bins)
    cells, whole = cells[cells.any(axis=1)], np.bincount(binned.reference, minlength=binned.bins)
    return float(psi_of_each(whole, cells).max()), float(psi_of_missing(whole, cells).max())


def psi_of_missing(reference: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return the PSI of every row of counts when all that is not missing shares a bin."""
    present = [counts[..., :-1].sum(axis=-1) for counts in (reference, spans)]
    return psi_of_each(np.stack([present[0], reference[-1]]), np.stack([present[1], spans[:, -1]], axis=1))
