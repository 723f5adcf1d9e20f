"""Derived features of a use at request time: made row by row of what a plan answered, as `answers_at` makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.derived import result_types
from bighead.pipeline_lib.point_in_time.derived_rows import DerivedRows, may_be_rows
from bighead.pipeline_lib.point_in_time.fact_plan import FactPlan
from bighead.pipeline_lib.point_in_time.online_plan import OnlinePlan
from bighead.pipeline_lib.point_in_time.status import worst_status

_NO_KEY, _STALE = "null_key", "stale"


class DerivedPlan:
    """What a use asks whose features are derived, all or some; it answers as `OnlinePlan` does.

    Args:
        ref: The use.
        made: The plan of `ref.computed`.
        rows: What derives.
    """

    def __init__(self, ref: FeatureRef, made: OnlinePlan | FactPlan, rows: DerivedRows) -> None:
        self._made, self._rows = made, rows
        self._drops_stale = ref.set.max_age is not None and ref.set.on_stale == "null"
        inputs = {ref.set.short(f): ref.output(f) for f in ref.computed.features}
        self._inputs = list(inputs.items())
        # Of each feature its column, its name among the derived, and the columns that it comes down to.
        self._wanted = [
            (ref.output(f), ref.set.short(f), [inputs[root] for root in f.derivation.roots])
            if f.derivation
            else (ref.output(f), "", [])
            for f in ref.features
        ]

    def answer(
        self,
        ranges: Sequence[bytes | None],
        tail: Sequence[bytes],
        tail_keys: list[int],
        questions: list[int | None],
        *,
        at: int,
        midnight: int,
        stale: bool,
        features: list[dict[str, Any]],
        statuses: list[dict[str, str]],
    ) -> None:
        """Add values and what they lack to each question's dict; as the plan below.

        Raises:
            ValueError: what the plan below refuses; nothing is added.
        """
        found: list[dict[str, Any]] = [{} for _ in questions]
        lacking: list[dict[str, str]] = [{} for _ in questions]
        self._made.answer(
            ranges, tail, tail_keys, questions,
            at=at, midnight=midnight, stale=stale, features=found, statuses=lacking,
        )  # fmt: skip
        for values, lacks, to, told in zip(found, lacking, features, statuses, strict=True):
            row = {short: values[column] for short, column in self._inputs}
            self._rows.add(row)
            for column, derived, roots in self._wanted:
                status = lacks.get(column) if not derived else worst_status(lacks, roots)
                if status is not None:
                    told[column] = status
                hidden = status == _NO_KEY or (status == _STALE and (stale or self._drops_stale))
                to[column] = values[column] if not derived else None if hidden else row[derived]


def derived_plan(
    ref: FeatureRef, made: OnlinePlan | FactPlan | None, generation: pl.Schema
) -> OnlinePlan | FactPlan | DerivedPlan | None:
    """Return the plan of a use, given that of what it is made of; None where `answers_at` must answer."""
    if made is None or not ref.derived:
        return made
    types = result_types(ref.computed, generation)
    schema = pl.Schema({ref.set.short(f): types[ref.output(f)] for f in ref.computed.features})
    derived = [f.derivation for f in ref.derived if f.derivation is not None]
    if not may_be_rows(schema, derived):
        return None
    try:
        return DerivedPlan(ref, made, DerivedRows(schema, derived, ref.set.name))
    except DefinitionError:
        return None
