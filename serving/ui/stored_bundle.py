"""What an artifact's folder holds for the pages: evaluation, manifest, example and picture, read as plain JSON.

Nothing here loads a model. A file that is missing or broken leaves its part of the page empty: a page about an
artifact must open even when its bundle is damaged, to say so.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Columns = dict[str, list[float]]
_LIMIT_BYTES = 20_000_000


@dataclass(frozen=True)
class StoredEvaluation:
    """Curves as columns of equal length, and importance by input feature."""

    roc: Columns
    pr: Columns
    calibration: Columns
    histogram: Columns
    importance: dict[str, float]


def read_json(folder: str, name: str) -> dict[str, Any]:
    """Return a JSON object of the bundle; an empty one where there is none that can be read."""
    file = Path(folder) / name
    try:
        if file.stat().st_size > _LIMIT_BYTES:
            return {}
        read = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def read_evaluation(folder: str) -> StoredEvaluation:
    """Return the stored evaluation; a curve that was not stored whole is empty."""
    stored = read_json(folder, "evaluation.json")
    importance = stored.get("importance") or {}
    return StoredEvaluation(
        roc=_columns(stored.get("roc"), "fpr", "tpr", "threshold"),
        pr=_columns(stored.get("pr"), "recall", "precision", "threshold"),
        calibration=_columns(stored.get("calibration"), "predicted", "observed", "count"),
        histogram=_columns(stored.get("histogram"), "positives", "negatives", "edge"),
        importance={str(name): float(value) for name, value in importance.items() if _finite(value)},
    )


def _columns(stored: Any, *names: str) -> Columns:
    if not isinstance(stored, dict):
        return {}
    columns = {name: stored[name] for name in names if isinstance(stored.get(name), list)}
    if not {names[0], names[1]} <= set(columns):
        return {}
    # A curve's last threshold may be infinite (null in JSON): it takes no point away.
    points = zip(*columns.values(), strict=False)
    kept = [point for point in points if _finite(point[0]) and _finite(point[1])]
    return {name: [point[index] for point in kept] for index, name in enumerate(columns)} if kept else {}


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_picture(folder: str) -> str | None:
    """Return the stored SVG picture of the pipeline, if there is one."""
    file = Path(folder) / "pipeline.svg"
    try:
        return file.read_text() if file.stat().st_size <= _LIMIT_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None
