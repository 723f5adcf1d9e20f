"""How far a partition may lie from those before it: the bar is what these showed themselves.

By the custom of 0.25 a Sunday drifts from a month, so that a fixed bar cries wolf. So:

1. Each of the `trailing` partitions is held against the others, as the judged one is against all: these are the
   PSIs that healthy partitions have. Chance alone gives n rows about (bins - 1) / n, so fewer rows are granted more.
2. What stands out among them was a broken partition: beyond three times their 90 % quantile (and three times 0.25)
   it is left out. What stays as it became is soon more than a tenth, and is usual then.
3. The bar is `max_psi`, or half again the largest that remains, if that is more; three times it while there are
   fewer than 20, since a new value exceeds the largest of n with a chance of 1 / (n + 1). With fewer than a week of
   them nothing is judged.

Missing values are held against their own history, too: half a column gone can hide behind a season.
"""

from __future__ import annotations

import numpy as np

from bighead.pipeline_lib.monitoring.calibration import LEAST_ROWS, LEAST_SPANS
from bighead.pipeline_lib.monitoring.drift import CUSTOM
from bighead.pipeline_lib.profiles.column import ColumnProfile, merge_columns
from bighead.pipeline_lib.profiles.distance import Distance, profile_distance, usual_distances
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.pipeline_lib.quality.checks import LEAST_TRAILING, Drift

_MARGIN, _EARLY_MARGIN = 1.5, 3.0
_OUTLIER, _QUANTILE = 3.0, 0.9


def drift_seen(check: Drift, name: str, current: ColumnProfile, earlier: list[Profile]) -> str:
    """Return what of the column `name` has drifted, in words; nothing where all is well or cannot be judged."""
    found = [each.columns[name] for each in earlier if name in each.columns]
    parts = [each for each in found if each.count >= LEAST_ROWS]
    if current.count < LEAST_ROWS or len(parts) < LEAST_TRAILING:
        return ""
    parts, usual = _healthy(parts)
    reference = merge_columns(parts)
    now = profile_distance(reference, current)
    if now is None:
        return f"it holds {current.dtype}, and {reference.dtype} before"
    chance = np.array([max(0.0, 1 / current.count - 1 / each.count) for each in parts])
    margin = _MARGIN if len(parts) >= LEAST_SPANS else _EARLY_MARGIN
    for what, seen, known, bins in (
        ("PSI", now.psi, [each.psi for each in usual], now.bins),
        ("PSI of missing values", now.missing, [each.missing for each in usual], 2),
    ):
        bar = max(check.max_psi, margin * float(np.max(known + (bins - 1) * chance, initial=0.0)))
        if seen > bar:
            return f"{what} {seen:.3f}, the bar is {bar:.3f}"
    return ""


def _healthy(parts: list[ColumnProfile]) -> tuple[list[ColumnProfile], list[Distance]]:
    """Return the parts of which none stands out, and their distances from each other."""
    usual = usual_distances(merge_columns(parts), parts)
    kept = [True] * len(parts)
    for known in ([each.psi for each in usual], [each.missing for each in usual]):
        bar = _OUTLIER * max(float(np.quantile(known, _QUANTILE)), CUSTOM) if known else 0.0
        kept = [stays and psi <= bar for stays, psi in zip(kept, known, strict=True)] if known else kept
    if all(kept):
        return parts, usual
    parts = [each for each, stays in zip(parts, kept, strict=True) if stays]
    return parts, usual_distances(merge_columns(parts), parts)
