"""How good a model is on rows it has not seen: metrics, and curves stored as data so that pages can draw them."""

from __future__ import annotations

import math
from collections.abc import Sized
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, MissingExtraError
from bighead.pipeline_lib.evaluation import curves
from bighead.pipeline_lib.evaluation.curves import Curve, Floats

METRICS = ("roc_auc", "pr_auc", "log_loss", "brier", "ece", "accuracy")


@dataclass(frozen=True)
class Evaluation:
    """A binary classifier's metrics and curves; a metric that cannot be (one class only) is NaN.

    `roc` holds fpr, tpr, threshold; `pr` recall, precision, threshold; `calibration` predicted, observed, count;
    `histogram` edge, positives, negatives.
    """

    rows: int
    positives: int
    roc_auc: float
    pr_auc: float
    log_loss: float
    brier: float
    ece: float
    accuracy: float
    roc: Curve
    pr: Curve
    calibration: Curve
    histogram: Curve

    @property
    def metrics(self) -> dict[str, float | None]:
        """The metrics by name; None where one cannot be."""
        return {name: none_if_nan(getattr(self, name)) for name in METRICS}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {**asdict(self), **self.metrics}


@dataclass(frozen=True)
class Scores:
    """Metrics without curves: of a regressor, or of a classifier of many classes."""

    rows: int
    scores: tuple[tuple[str, float], ...]

    @property
    def metrics(self) -> dict[str, float | None]:
        """The metrics by name."""
        return {name: none_if_nan(value) for name, value in self.scores}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {"rows": self.rows, **self.metrics}


def none_if_nan(value: float) -> float | None:
    """Return a number, or None for what JSON cannot say."""
    return value if math.isfinite(value) else None


def evaluate(labels: Any, probabilities: Any) -> Evaluation:
    """Measure probabilities of the positive class against labels of 0 and 1 (or false and true).

    >>> seen = evaluate([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> round(seen.roc_auc, 3), seen.rows, seen.positives
    (0.75, 4, 2)

    Raises:
        DataError: no rows, another number of either, labels other than 0 and 1, or no probabilities.
        MissingExtraError: scikit-learn is not installed.
    """
    truth, scores = _checked(labels, probabilities)
    try:
        from sklearn import metrics
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "train") from error
    both = 0 < truth.sum() < len(truth)
    drawn = curves.calibration(truth, scores)
    nothing: Curve = {}
    return Evaluation(
        rows=len(truth),
        positives=int(truth.sum()),
        roc_auc=float(metrics.roc_auc_score(truth, scores)) if both else math.nan,
        pr_auc=float(metrics.average_precision_score(truth, scores)) if both else math.nan,
        log_loss=float(metrics.log_loss(truth, scores, labels=[0, 1])),
        brier=float(np.mean((truth - scores) ** 2)),
        ece=curves.calibration_error(drawn),
        accuracy=float(np.mean((scores > 0.5) == (truth == 1))),
        roc=curves.roc(truth, scores) if both else nothing,
        pr=curves.precision_recall(truth, scores) if both else nothing,
        calibration=drawn,
        histogram=curves.histogram(truth, scores),
    )


def evaluate_numbers(labels: Any, predictions: Any) -> Scores:
    """Measure a regressor: rmse, mae, r2.

    >>> evaluate_numbers([1.0, 3.0], [1.0, 3.0]).metrics
    {'rmse': 0.0, 'mae': 0.0, 'r2': 1.0}

    Raises:
        DataError: no rows, or another number of either.
    """
    truth, seen = _floats(labels), _floats(predictions)
    _check_lengths(truth, seen)
    off, spread = truth - seen, truth - truth.mean()
    explained = 1.0 - float((off**2).sum()) / float((spread**2).sum()) if spread.any() else math.nan
    rmse, mae = math.sqrt(float((off**2).mean())), float(np.abs(off).mean())
    return Scores(len(truth), (("rmse", rmse), ("mae", mae), ("r2", explained)))


def evaluate_classes(places: Any, probabilities: Floats) -> Scores:
    """Measure a classifier of many classes: accuracy and log-loss.

    Args:
        places: Each row's class, as its column in `probabilities`.
        probabilities: A row for each row, a column for each class.
    """
    truth = _floats(places).astype(np.int64)
    _check_lengths(truth, probabilities)
    right = float(np.mean(np.argmax(probabilities, axis=1) == truth))
    given = probabilities[np.arange(len(truth)), truth].clip(np.finfo(np.float64).eps, 1.0)
    return Scores(len(truth), (("accuracy", right), ("log_loss", float(-np.log(given).mean()))))


def _checked(labels: Any, probabilities: Any) -> tuple[Floats, Floats]:
    truth, scores = _floats(labels), _floats(probabilities)
    _check_lengths(truth, scores)
    if not np.isin(truth, (0.0, 1.0)).all():
        odd = truth[~np.isin(truth, (0.0, 1.0))][0]
        raise DataError(f"a label is {odd:g}.", cure="Expected 0 and 1, or false and true.")
    if not ((scores >= 0.0) & (scores <= 1.0)).all():
        raise DataError("a probability is missing or outside 0 to 1.", cure="Give the positive class's.")
    return truth, scores


def _floats(values: Any) -> Floats:
    series = values if isinstance(values, pl.Series) else pl.Series(_listed(values))
    try:
        return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    except pl.exceptions.PolarsError as error:
        raise DataError(f"expected numbers, seen {series.dtype}.") from error


def _listed(values: Any) -> Any:
    return list(values) if isinstance(values, list | tuple) else np.asarray(values)


def _check_lengths(truth: Sized, seen: Sized) -> None:
    if len(truth) != len(seen) or not len(truth):
        raise DataError(
            f"there are {len(truth)} labels and {len(seen)} answers.", cure="Give at least one, and as many."
        )
