"""Facts of an entity's newest whole snapshot, read from a generation without a join: equal to those of `answers_at`.

1. The snapshots of a generation are few: by bisection the newest that is known at t is found.
2. A key's rows lie together, sorted by time: by bisection that of the snapshot is found, or the key is missing.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.source import EntitySource
from bighead.pipeline_lib.point_in_time.row_names import KNOWN, TIME

_RANGE = struct.Struct("<QQ")


class FactPlan:
    """What a use of an entity's snapshots asks of one generation of its rows; it answers as `OnlinePlan` does."""

    def __init__(self, ref: FeatureRef, generation: pl.DataFrame) -> None:
        self._max_age, self._keeps_stale = ref.set.max_age_us, ref.set.on_stale != "null"
        snapshots = generation.select(pl.col(KNOWN, TIME).dt.epoch("us")).unique().sort(KNOWN, TIME)
        self._known: list[int] = snapshots[KNOWN].to_list()
        self._days: list[int] = snapshots[TIME].to_list()
        self._times: np.ndarray[Any, np.dtype[np.int64]] = generation[TIME].dt.epoch("us").to_numpy()
        self._names = [ref.output(feature) for feature in ref.features]
        self._facts = generation.select(
            pl.col(feature.column).alias(name)
            for feature, name in zip(ref.features, self._names, strict=True)
        )

    def answer(
        self,
        ranges: Sequence[bytes | None],
        tail: Sequence[bytes],
        tail_keys: Sequence[int],
        questions: Sequence[int | None],
        *,
        at: int,
        midnight: int,
        stale: bool,
        features: list[dict[str, Any]],
        statuses: list[dict[str, str]],
    ) -> None:
        """Add the facts and what they lack to each question's dict.

        Raises:
            ValueError: a snapshot has two rows of a key; nothing is added.
        """
        place = bisect_right(self._known, at) - 1
        day = None if place < 0 else self._days[place]
        rows = [None if each is None or day is None else self._row(each, day) for each in ranges]
        is_old = day is not None and self._max_age is not None and at - day > self._max_age
        for number, values, lacks in zip(questions, features, statuses, strict=True):
            row = None if number is None else rows[number]
            for name, value in zip(self._names, row or [None] * len(self._names), strict=True):
                if number is None:
                    lacks[name] = "null_key"
                elif value is None:
                    lacks[name] = "empty"
                elif is_old:
                    lacks[name] = "stale"
                values[name] = None if is_old and not self._keeps_stale else value

    def _row(self, packed: bytes, day: int) -> tuple[Any, ...] | None:
        offset, length = _RANGE.unpack(packed)
        times = self._times[offset : offset + length]
        first = int(np.searchsorted(times, day))
        if first == length or times[first] != day:
            return None
        if first + 1 < length and times[first + 1] == day:
            raise ValueError("a snapshot has two rows of a key")
        return self._facts.row(offset + first)


def fact_plan(ref: FeatureRef, generation: pl.DataFrame) -> FactPlan | None:
    """Return the plan of a use over a generation; None where `answers_at` must answer."""
    source = ref.set.source
    if not isinstance(source, EntitySource) or source.retracts or ref.derived:
        return None
    # A list within a row would be a series here, and plain values there.
    plain = all(
        not generation.schema[feature.column].is_nested() and feature.tensor is None
        for feature in ref.features
    )
    return FactPlan(ref, generation) if plain and not any(f.derivation for f in ref.features) else None
