"""How far what is asked now is from what the model was trained on, a number for each input.

PSI compares shares in the reference's deciles (or categories); by custom below 0.1 is calm and above 0.25 is
drift. One day is seldom like a year, so a column has drifted only where its PSI is also more than `usual`: the
largest that a day of the reference had. Missing values are a bin of their own, and are judged by themselves too:
half a column gone can hide behind a season. KS is the largest distance between the two cumulative distributions,
for numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError
from bighead.pipeline_lib.monitoring.calibration import Spans, psi_of_missing, spans_like, usual_psi
from bighead.pipeline_lib.monitoring.psi import bin_categories, bin_numbers, psi_of_each
from bighead.pipeline_lib.point_in_time.times import check_question_times

CUSTOM = 0.25
# A day exactly as extreme as the most extreme one is usual, whatever the order in which its shares were summed.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class FeatureDrift:
    """The drift of one column: `psi`, `ks` (None for categories), change of the share of missing values.

    `missing_psi` knows only missing and present. `usual` and `missing_usual` are the largest PSI that a day of the
    reference had; None where too few days say what is usual.
    """

    column: str
    psi: float
    ks: float | None
    missing_change: float
    reference_rows: int
    current_rows: int
    missing_psi: float = 0.0
    usual: float | None = None
    missing_usual: float | None = None

    def severity(self, threshold: float = CUSTOM) -> float:
        """Return PSI as a multiple of `threshold` or of what is usual, the larger; from 1 on it is drift.

        If that of missing values alone is more, it counts.
        """
        pairs = ((self.psi, self.usual), (self.missing_psi, self.missing_usual))
        return max(found / max(threshold, (usual or 0.0) + _ROUNDING) for found, usual in pairs)


@dataclass(frozen=True)
class DriftReport:
    """The drift of every column, largest PSI first."""

    features: tuple[FeatureDrift, ...]

    @property
    def worst(self) -> FeatureDrift | None:
        """The column that has moved most."""
        return self.features[0] if self.features else None

    def drifted(self, threshold: float = CUSTOM) -> tuple[FeatureDrift, ...]:
        """Return the columns whose PSI is `threshold` or more and not usual, most severe first."""
        found = [each for each in self.features if each.severity(threshold) >= 1]
        return tuple(sorted(found, key=lambda each: -each.severity(threshold)))


def measure_drift(
    reference: pl.DataFrame,
    current: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    timestamp: str | None = None,
) -> DriftReport:
    """Compare `current` (logged inputs of a day) with `reference` (training rows), column by column.

    `timestamp` names the reference's column of times; its UTC days then say which PSI is usual. They have to be
    whole: a thin sample of the rows has none.

    Raises:
        SchemaError: a column lacks on one side, or is a number on one side only.
        EventTimeError: a time of the reference is null or naive.
        DataError: one side has no rows.
    """
    names = list(columns) if columns is not None else [c for c in reference.columns if c in current.columns]
    for where, frame in (("the reference", reference), ("what was logged", current)):
        if any(name not in frame.columns for name in names):
            raise SchemaError.columns(where, seen=frame.columns, expected=names)
        if not frame.height:
            raise DataError(f"{where} has no rows.", cure="Choose a longer span.")
    spans = spans_like(check_question_times(reference, timestamp), current.height) if timestamp else None
    found = [_drift(name, reference[name], current[name], spans) for name in names]
    return DriftReport(tuple(sorted(found, key=lambda each: (-each.psi, each.column))))


def ks(reference: np.ndarray, current: np.ndarray) -> float:
    """Return the Kolmogorov–Smirnov distance of two samples; 0 where one is empty.

    >>> ks(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    1.0
    """
    if not len(reference) or not len(current):
        return 0.0
    one, other = np.sort(reference), np.sort(current)
    # Between two current values only the reference climbs, so the distance is largest at one, or just before it.
    gaps = [
        np.searchsorted(one, other, side=side) / len(one)
        - np.searchsorted(other, other, side=side) / len(other)
        for side in ("left", "right")
    ]
    return float(np.max(np.abs(gaps)))


def _drift(name: str, reference: pl.Series, current: pl.Series, spans: Spans | None) -> FeatureDrift:
    numeric = _is_numeric(reference) or _is_numeric(current)
    if numeric and not all(
        _is_numeric(side) or side.null_count() == len(side) for side in (reference, current)
    ):
        raise SchemaError(
            f"the column {name!r} is {reference.dtype} in the reference, and {current.dtype} was logged.",
            cure="Compare columns of one kind.",
        )
    distance, day = None, spans.day if spans else None
    if numeric:
        one, other = _numbers(reference), _numbers(current)
        binned = bin_numbers(one, other, day)
        distance = ks(one[np.isfinite(one)], other[np.isfinite(other)])
    else:
        binned = bin_categories(reference, current, day)
    before, now = (np.bincount(side, minlength=binned.bins) for side in (binned.reference, binned.current))
    usual, missing_usual = usual_psi(binned, spans) if spans else (None, None)
    return FeatureDrift(
        name,
        psi=float(psi_of_each(before, now[None])[0]),
        ks=distance,
        missing_change=float(now[-1] / len(current) - before[-1] / len(reference)),
        reference_rows=len(reference),
        current_rows=len(current),
        missing_psi=float(psi_of_missing(before, now[None])[0]),
        usual=usual,
        missing_usual=missing_usual,
    )


def _is_numeric(series: pl.Series) -> bool:
    return series.dtype.is_numeric()


def _numbers(series: pl.Series) -> np.ndarray:
    """Return floats, NaN for null."""
    values: np.ndarray = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values
