"""How far what is asked now is from what the model was trained on, a number for each input.

PSI compares shares in the reference's deciles (or categories); by custom below 0.1 is calm and above 0.25 is
drift. KS is the largest distance between the two cumulative distributions, for numbers. Missing values are a
bin of their own in PSI, and their change of share is told beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError

BINS = 10
CATEGORIES = 50
# An empty bin would make PSI infinite; this share stands for "hardly any".
_FLOOR = 1e-4


@dataclass(frozen=True)
class FeatureDrift:
    """The drift of one column: `psi`, `ks` (None for categories), change of the share of missing values."""

    column: str
    psi: float
    ks: float | None
    missing_change: float
    reference_rows: int
    current_rows: int


@dataclass(frozen=True)
class DriftReport:
    """The drift of every column, largest PSI first."""

    features: tuple[FeatureDrift, ...]

    @property
    def worst(self) -> FeatureDrift | None:
        """The column that has moved most."""
        return self.features[0] if self.features else None

    def drifted(self, threshold: float = 0.25) -> tuple[FeatureDrift, ...]:
        """Return the columns with a PSI of `threshold` or more."""
        return tuple(each for each in self.features if each.psi >= threshold)


def measure_drift(
    reference: pl.DataFrame, current: pl.DataFrame, columns: Sequence[str] | None = None
) -> DriftReport:
    """Compare `current` (logged inputs) with `reference` (a sample of the training set), column by column.

    Raises:
        SchemaError: a column lacks on one side, or is a number on one side only.
        DataError: one side has no rows.
    """
    names = list(columns) if columns is not None else [c for c in reference.columns if c in current.columns]
    for where, frame in (("the reference", reference), ("what was logged", current)):
        if any(name not in frame.columns for name in names):
            raise SchemaError.columns(where, seen=frame.columns, expected=names)
        if not frame.height:
            raise DataError(f"{where} has no rows.", cure="Choose a longer span.")
    found = [_drift(name, reference[name], current[name]) for name in names]
    return DriftReport(tuple(sorted(found, key=lambda each: (-each.psi, each.column))))


def psi(reference: Sequence[float], current: Sequence[float]) -> float:
    """Return the population stability index of two lists of counts, bin by bin.

    >>> psi([50, 50], [50, 50])
    0.0
    """
    expected = np.maximum(np.asarray(reference, float) / max(sum(reference), 1), _FLOOR)
    actual = np.maximum(np.asarray(current, float) / max(sum(current), 1), _FLOOR)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def ks(reference: np.ndarray, current: np.ndarray) -> float:
    """Return the Kolmogorov–Smirnov distance of two samples; 0 where one is empty.

    >>> ks(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    1.0
    """
    if not len(reference) or not len(current):
        return 0.0
    one, other = np.sort(reference), np.sort(current)
    points = np.concatenate([one, other])
    below = np.searchsorted(one, points, side="right") / len(one)
    return float(np.max(np.abs(below - np.searchsorted(other, points, side="right") / len(other))))


def _drift(name: str, reference: pl.Series, current: pl.Series) -> FeatureDrift:
    numeric = _is_numeric(reference) or _is_numeric(current)
    if numeric and not all(
        _is_numeric(side) or side.null_count() == len(side) for side in (reference, current)
    ):
        raise SchemaError(
            f"the column {name!r} is {reference.dtype} in the reference, and {current.dtype} was logged.",
            cure="Compare columns of one kind.",
        )
    one, other = (_numbers(reference), _numbers(current)) if numeric else (None, None)
    if one is not None and other is not None:
        missing = (len(reference) - len(one), len(current) - len(other))
        bins, distance = _number_bins(one, other), ks(one, other)
    else:
        missing = (reference.null_count(), current.null_count())
        bins, distance = _category_bins(reference.drop_nulls(), current.drop_nulls()), None
    counts = psi([*bins[0], missing[0]], [*bins[1], missing[1]])
    change = missing[1] / len(current) - missing[0] / len(reference)
    return FeatureDrift(name, counts, distance, change, len(reference), len(current))


def _is_numeric(series: pl.Series) -> bool:
    return series.dtype.is_numeric()


def _numbers(series: pl.Series) -> np.ndarray:
    values: np.ndarray = series.cast(pl.Float64).drop_nulls().to_numpy()
    finite: np.ndarray = values[np.isfinite(values)]
    return finite


def _number_bins(reference: np.ndarray, current: np.ndarray) -> tuple[list[float], list[float]]:
    if not len(reference):
        return [0.0], [float(len(current))]
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))
    # A value on an edge belongs below it, so that a constant column has its own bin.
    sides = [
        np.bincount(np.searchsorted(edges, v, side="left"), minlength=len(edges) + 1)
        for v in (reference, current)
    ]
    return sides[0].tolist(), sides[1].tolist()


def _category_bins(reference: pl.Series, current: pl.Series) -> tuple[list[float], list[float]]:
    counts = [dict(side.cast(pl.String).value_counts().iter_rows()) for side in (reference, current)]
    common = sorted(counts[0], key=lambda value: (-counts[0][value], value))[:CATEGORIES]
    return tuple(  # type: ignore[return-value]
        [
            *(side.get(value, 0) for value in common),
            sum(n for value, n in side.items() if value not in common),
        ]
        for side in counts
    )
