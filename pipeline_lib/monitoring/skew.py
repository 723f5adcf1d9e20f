"""How far what was served lies from what the offline rows say now: the price of rows that reached the store late.

A replay asks whether an answer was right about what the store had; skew asks what the store did not have yet. Each
logged value is compared with V(key, t) of all rows that were known by t, whether or not a generation or a stream had
brought them, within the exactness class of its operation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import FeatureRef
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.monitoring.consistency import Asked, judge, questions_of
from bighead.pipeline_lib.monitoring.tolerance import equal
from bighead.pipeline_lib.point_in_time import answers_at

_AT = "__asked_at"


@dataclass(frozen=True)
class FeatureSkew:
    """One feature: of `compared` served values `differing` were not V.

    `size` is how far off the numbers among these were on average, relative to V (to 1 where V is zero); None where
    none was a number on both sides.
    """

    feature: str
    compared: int
    differing: int
    size: float | None

    @property
    def share(self) -> float:
        """The share of values that differ."""
        return self.differing / self.compared if self.compared else 0.0


@dataclass(frozen=True)
class SkewReport:
    """The skew of every feature of a model, the most skewed first."""

    features: tuple[FeatureSkew, ...]

    @property
    def share(self) -> float:
        """The share of all values that differ."""
        compared = sum(each.compared for each in self.features)
        return sum(each.differing for each in self.features) / compared if compared else 0.0

    def beyond(self, threshold: float) -> tuple[FeatureSkew, ...]:
        """The features of which a larger share than `threshold` differs."""
        return tuple(each for each in self.features if each.share > threshold)


def measure_skew(
    records: Iterable[InferenceRecord], refs: Sequence[FeatureRef], rows: Mapping[str, pl.DataFrame]
) -> SkewReport:
    """Compare logged values with what all rows say.

    Args:
        records: What was logged for one model; answers of other definitions are left out.
        refs: The uses of feature sets of the artifact that answered.
        rows: Cleaned offline rows by feature set, reaching back as far as the longest window.

    Raises:
        SchemaError: rows that lack a column of their set.
    """
    logged, found = list(records), list[FeatureSkew]()
    for ref in refs:
        asked = [
            (record, number)
            for record in logged
            if record.definitions.get(ref.set.name) == ref.set.hash
            for number in range(len(record.rows))
        ]
        found += _of_use(ref, asked, rows.get(ref.set.name, pl.DataFrame()))
    return SkewReport(tuple(sorted(found, key=lambda each: (-each.share, each.feature))))


def _of_use(ref: FeatureRef, asked: list[Asked], rows: pl.DataFrame) -> Iterable[FeatureSkew]:
    if not asked:
        return
    values = answers_at(questions_of(ref, asked, rows), ref, rows, _AT).values
    for feature in ref.features:
        name, sizes, differing = ref.output(feature), list[float](), 0
        for (record, number), now in zip(asked, values[name].to_list(), strict=True):
            served = record.rows[number].features.get(name)
            if equal(served, now) or judge(ref, feature, (record, number), served, now, rows) is None:
                continue
            differing += 1
            size = _size(served, now)
            sizes += [] if size is None else [size]
        yield FeatureSkew(name, len(asked), differing, math.fsum(sizes) / len(sizes) if sizes else None)


def _size(served: Any, now: Any) -> float | None:
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (served, now)):
        return None
    return float(abs(served - now) / (abs(now) or 1.0))
