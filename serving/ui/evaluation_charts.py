"""The pictures of an evaluation: ROC, precision over recall, calibration. Drawn from what was stored."""

from __future__ import annotations

import math

from bighead.serving.ui.charts import Chart, Dot, axes, curve, path
from bighead.serving.ui.stored_bundle import Columns, StoredEvaluation


def evaluation_charts(stored: StoredEvaluation) -> tuple[Chart, ...]:
    """Return the charts for which curves were stored."""
    made = (
        _roc(stored.roc) if stored.roc else None,
        _precision_recall(stored.pr) if stored.pr else None,
        _calibration(stored.calibration) if stored.calibration else None,
        _predictions(stored.histogram) if stored.histogram.get("edge") else None,
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
    columns = _answered(columns)
    points = list(zip(columns["recall"], columns["precision"], strict=True))
    titles = [f"recall {x:.1%}, precision {y:.1%}" for x, y in points]
    # Where everything is called positive, precision is the share of positives: what chance reaches.
    most = max(recall for recall, _ in points)
    base = min(precision for recall, precision in points if recall == most)
    return curve(
        "Precision over recall",
        "How many of the alarms are right, by how many cases they find; the dashed line is chance.",
        ("Recall", "Precision"),
        points,
        _with_threshold(titles, columns),
        reference=[(0, base), (1, base)],
    )


def _answered(columns: Columns) -> Columns:
    """Leave out the conventional last point: of no rows at all, it has no threshold."""
    thresholds = columns.get("threshold") or [0.0] * len(columns["recall"])
    kept = [index for index, threshold in enumerate(thresholds) if threshold is not None]
    return {name: [values[index] for index in kept] for name, values in columns.items()} if kept else columns


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


def _predictions(columns: Columns) -> Chart:
    """Draw the shares of positives and of negatives by what was predicted for them, as two stairs."""
    shares = [_shares(columns["positives"]), _shares(columns["negatives"])]
    highest = max(max(part) for part in shares) * 1.08 or 1.0
    edges = [float(edge) for edge in columns["edge"]]
    # zip() over columns of unequal length cut the last edge off; bins are of equal width.
    width = edges[1] - edges[0] if len(edges) > 1 else 1.0
    x_axis, y_axis = axes(highest)
    stairs = [
        [
            (x_axis.at(x), y_axis.at(share))
            for edge, share in zip(edges, part, strict=True)
            for x in (edge, edge + width)
        ]
        for part in shares
    ]
    floor = y_axis.at(0)
    line, rival = ([(part[0][0], floor), *part, (part[-1][0], floor)] for part in stairs)
    bins = zip(edges, *shares, strict=True)
    dots = tuple(
        Dot(x_axis.at(edge + width / 2), y_axis.at(max(yes, no)), _told(edge, width, yes, no), 3, "sample")
        for edge, yes, no in bins
    )
    return Chart(
        name="Predictions",
        caption="What was predicted for rows that turned out positive and for those that did not.",
        x_label="Predicted probability",
        y_label="Share of the class",
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        line=path(line),
        area=path(line) + "Z",
        reference="",
        dots=dots,
        rival=path(rival),
        names=("positive", "negative"),
    )


def _told(edge: float, width: float, yes: float, no: float) -> str:
    return f"{edge:.3f} to {edge + width:.3f}: {yes:.1%} of positives, {no:.1%} of negatives"


def _shares(counts: list[float]) -> list[float]:
    total = sum(counts) or 1.0
    return [count / total for count in counts]


def _with_threshold(titles: list[str], columns: Columns) -> list[str]:
    thresholds = columns.get("threshold")
    if thresholds is None:
        return titles
    return [
        f"{title}, threshold {threshold:.3f}" if isinstance(threshold, int | float) else title
        for title, threshold in zip(titles, thresholds, strict=True)
    ]
