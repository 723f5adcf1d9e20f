"""Curves of a binary classifier as columns of data, few enough points to draw."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Curve = dict[str, list[float | None]]
MOST_POINTS = 500
BINS = 15
HISTOGRAM_BINS = 40


def roc(labels: Floats, scores: Floats) -> Curve:
    """Return false and true positive rates by falling threshold; the first threshold is none (null)."""
    from sklearn.metrics import roc_curve

    fpr, tpr, threshold = roc_curve(labels, scores)
    kept = thinned(fpr, tpr)
    return {"fpr": _listed(fpr[kept]), "tpr": _listed(tpr[kept]), "threshold": _listed(threshold[kept])}


def precision_recall(labels: Floats, scores: Floats) -> Curve:
    """Return precision over falling recall; the last point, of no rows at all, has no threshold (null)."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, threshold = precision_recall_curve(labels, scores, drop_intermediate=True)
    kept = thinned(recall, precision)
    ended = np.append(threshold, np.inf)
    columns = {"recall": recall, "precision": precision, "threshold": ended}
    return {name: _listed(values[kept]) for name, values in columns.items()}


def thinned(x: Floats, y: Floats, most: int = MOST_POINTS) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the places of at most `most` points, evenly along the curve, both ends included.

    >>> thinned(np.linspace(0, 1, 1001), np.linspace(0, 1, 1001), 3).tolist()
    [0, 500, 1000]
    """
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    picked = np.searchsorted(way, np.linspace(0.0, way[-1], most))
    return np.unique(np.concatenate([[0], picked, [len(x) - 1]]).clip(0, len(x) - 1))[:most]


def calibration(labels: Floats, scores: Floats, bins: int = BINS) -> Curve:
    """Return, of each bin of equal width that has rows: mean prediction, share of positives, rows."""
    place = np.minimum((scores * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    full = count > 0
    predicted = np.bincount(place, weights=scores, minlength=bins)[full] / count[full]
    observed = np.bincount(place, weights=labels, minlength=bins)[full] / count[full]
    return {"predicted": _listed(predicted), "observed": _listed(observed), "count": count[full].tolist()}


def calibration_error(curve: Curve) -> float:
    """Return the expected calibration error: the mean gap of the bins, weighted by their rows.

    >>> calibration_error({"predicted": [0.1, 0.9], "observed": [0.2, 0.9], "count": [1, 1]})
    0.05
    """
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in curve.items()}
    gaps = np.abs(columns["predicted"] - columns["observed"])
    return round(float((gaps * columns["count"]).sum() / columns["count"].sum()), 15)


def histogram(labels: Floats, scores: Floats, bins: int = HISTOGRAM_BINS) -> Curve:
    """Return how many positives and negatives lie in each bin of the predictions, and the bins' edges."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    positives, _ = np.histogram(scores[labels == 1], bins=edges)
    negatives, _ = np.histogram(scores[labels == 0], bins=edges)
    return {"edge": edges.tolist(), "positives": positives.tolist(), "negatives": negatives.tolist()}


def _listed(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
