"""The pictures of an evaluation: ROC, precision over recall, calibration. Drawn from what was stored."""

from __future__ import annotations

import math

from bighead.serving.ui.charts import Chart, curve
from bighead.serving.ui.stored_bundle import Columns, StoredEvaluation


def evaluation_charts(stored: StoredEvaluation) -> tuple[Chart, ...]:
    """Return the charts for which curves were stored."""
    made = (
        _roc(stored.roc) if stored.roc else None,
        _precision_recall(stored.pr) if stored.pr else None,
        _calibration(stored.calibration) if stored.calibration else None,
    )
    return tuple(chart for chart in made if chart is not None)


def _roc(columns: Columns) -> Chart:
    points = list(zip(columns["fpr"], columns["tpr"], strict=True))
    titles = [f"false positives {x:.1%}, true positives {y:.1%}" for x, y in points]
    return curve(
        "ROC curve",
        "How many true positives each share of false alarms buys; the dashed line is chance.",
        ("False positive rate", "True positive rate"),
        points,
        _with_threshold(titles, columns),
        reference=[(0, 0), (1, 1)],
    )


def _precision_recall(columns: Columns) -> Chart:
    points = list(zip(columns["recall"], columns["precision"], strict=True))
    titles = [f"recall {x:.1%}, precision {y:.1%}" for x, y in points]
    # Where everything is called positive, precision is the share of positives: what chance reaches.
    base = max(points)[1]
    return curve(
        "Precision over recall",
        "How many of the alarms are right, by how many cases they find; the dashed line is chance.",
        ("Recall", "Precision"),
        points,
        _with_threshold(titles, columns),
        reference=[(0, base), (1, base)],
    )


def _calibration(columns: Columns) -> Chart:
    points = list(zip(columns["predicted"], columns["observed"], strict=True))
    counts = columns.get("count") or [1.0] * len(points)
    most = max(counts) or 1.0
    pairs = zip(points, counts, strict=True)
    return curve(
        "Calibration",
        "What happened, by what was predicted; a point's size is its number of rows, the dashed line is perfect.",
        ("Predicted probability", "Observed share"),
        points,
        [f"predicted {x:.1%}, observed {y:.1%}, {count:,.0f} rows" for (x, y), count in pairs],
        reference=[(0, 0), (1, 1)],
        filled=False,
        radii=[2.5 + 5 * math.sqrt(max(count, 0) / most) for count in counts],
    )


def _with_threshold(titles: list[str], columns: Columns) -> list[str]:
    thresholds = columns.get("threshold")
    if thresholds is None:
        return titles
    return [
        f"{title}, threshold {threshold:.3f}" if isinstance(threshold, int | float) else title
        for title, threshold in zip(titles, thresholds, strict=True)
    ]
