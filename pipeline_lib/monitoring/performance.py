"""How good the logged predictions turned out to be, once their labels arrived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import SchemaError


@dataclass(frozen=True)
class PerformanceReport:
    """Predictions with a label: how many, the share of positive ones, and the scores (None where undefined).

    `waiting` counts predictions whose label has not arrived. A pair asked several times counts each time.
    """

    labelled: int
    waiting: int
    positive_share: float | None
    mean_prediction: float | None
    roc_auc: float | None
    log_loss: float | None
    brier: float | None


def measure_performance(
    predictions: pl.DataFrame, labels: pl.DataFrame, *, on: list[str], prediction: str, label: str
) -> PerformanceReport:
    """Compare predicted probabilities with labels of 0 and 1, joined on the columns `on`.

    Raises:
        SchemaError: a column lacks, or a label is neither 0 nor 1.
    """
    for where, frame, expected in (
        ("the predictions", predictions, [*on, prediction]),
        ("the labels", labels, [*on, label]),
    ):
        if any(name not in frame.columns for name in expected):
            raise SchemaError.columns(where, seen=frame.columns, expected=expected)
    answers = labels.select(*on, pl.col(label).cast(pl.Float64).alias("__label")).drop_nulls("__label")
    joined = predictions.select(*on, pl.col(prediction).cast(pl.Float64).alias("__p")).drop_nulls("__p")
    joined = joined.join(answers.unique(on, keep="last", maintain_order=True), on=on, how="left")
    known = joined.drop_nulls("__label")
    truth, given = known["__label"].to_numpy(), known["__p"].to_numpy()
    if not np.isin(truth, (0.0, 1.0)).all():
        raise SchemaError(f"the labels {label!r} are not all 0 or 1.", cure="Cast them to 0 and 1.")
    waiting = joined.height - known.height
    if not len(truth):
        return PerformanceReport(0, waiting, None, None, None, None, None)
    clipped = np.clip(given, 1e-15, 1 - 1e-15)
    return PerformanceReport(
        len(truth),
        waiting,
        float(truth.mean()),
        float(given.mean()),
        roc_auc(truth, given),
        float(-np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped))),
        float(np.mean((given - truth) ** 2)),
    )


def roc_auc(truth: np.ndarray, given: np.ndarray) -> float | None:
    """Return the chance that a positive is ranked above a negative, ties counting half; None without both.

    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    ranks = pl.Series(given).rank("average").to_numpy()
    return float((ranks[truth == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
