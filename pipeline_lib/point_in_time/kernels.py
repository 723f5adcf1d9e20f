"""The aggregation kernels, imported in this one place; their refusals become the library's own errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import bighead_kernels
import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME

AT = "__at"


@dataclass(frozen=True)
class JoinReport:
    """What a join met: rows, those with any event, null keys, inputs not finite, sums that overflowed."""

    rows: int = 0
    matched_rows: int = 0
    null_keys: int = 0
    non_finite: dict[str, int] = field(default_factory=dict)
    overflow: dict[str, int] = field(default_factory=dict)


def join_events(
    rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef
) -> tuple[pl.DataFrame, JoinReport]:
    """Aggregate cleaned `rows` for each question, a row of the set's keys and `__at` (UTC µs).

    Raises:
        SchemaError: an operation that a column's type does not have, or keys of different types.
    """
    keys, inputs = list(ref.set.keys), list(dict.fromkeys(f.column for f in ref.features))
    # Without an id, events that tie in time are told apart by their values: never by their place in a file.
    others = sorted(name for name in rows.columns if name not in (*keys, TIME, KNOWN))
    ties = [EVENT_ID, *(o for o in others if o != EVENT_ID)] if EVENT_ID in others else others
    needed = list(dict.fromkeys([*keys, TIME, KNOWN, *ties, *inputs]))
    try:
        table, report = bighead_kernels.temporal_join(
            rows.select(needed),
            questions,
            keys=keys,
            event_time=TIME,
            available_at=KNOWN,
            timestamp=AT,
            tie_break=ties,
            aggregations=list(_plan(ref)),
            inclusive=ref.set.boundary == "inclusive",
        )
    except ValueError as error:
        raise SchemaError(f"the feature set {ref.set.name!r}: {error}") from error
    frame = pl.DataFrame(table).select(ref.columns())
    return frame, JoinReport(
        rows=questions.height,
        matched_rows=int(report["matched_rows"]),
        non_finite={name: int(n) for name, n in report["non_finite"].items() if n},
        overflow={name: int(n) for name, n in report["overflow"].items() if n},
    )


@cache
def _plan(ref: FeatureRef) -> Sequence[tuple[str, str, str, str, int, int]]:
    return tuple(
        (ref.output(f), f.column, f.operation, f.window.kind, f.window.length or 0, f.window.hop)
        for f in ref.features
        if f.operation is not None and f.window is not None
    )
