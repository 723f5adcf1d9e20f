"""The aggregation kernels, imported in this one place; their refusals become the library's own errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bighead_kernels
import polars as pl
from bighead_kernels import AggregationSpec

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.point_in_time.bounds import Columns, with_bounds
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME
from bighead.pipeline_lib.point_in_time.witness import Seen, with_times, witnesses_of

AT = "__at"


@dataclass(frozen=True)
class JoinReport:
    """What a join met: rows, those with any event, null keys, inputs not finite, sums that overflowed."""

    rows: int = 0
    matched_rows: int = 0
    null_keys: int = 0
    non_finite: dict[str, int] = field(default_factory=dict)
    overflow: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """The values of each output, and what contributed to them if that was asked for."""

    values: pl.DataFrame
    report: JoinReport
    seen: Seen | None = None


def join_events(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef, *, seen: bool) -> Joined:
    """Aggregate cleaned `rows` for each question, a row of the set's keys and `__at` (UTC µs).

    Raises:
        SchemaError: an operation that a column's type does not have, or keys of different types.
    """
    keys, inputs = list(ref.set.keys), list(dict.fromkeys(f.column for f in ref.features))
    # Without an id, events that tie in time are told apart by their values: never by their place in a file.
    others = sorted(name for name in rows.columns if name not in (*keys, TIME, KNOWN))
    ties = [EVENT_ID, *(o for o in others if o != EVENT_ID)] if EVENT_ID in others else others
    needed = list(dict.fromkeys([*keys, TIME, KNOWN, *ties, *inputs]))
    truths = [name for name in inputs if isinstance(rows.schema[name], pl.Boolean)]
    # The sum of truths is how many hold, and their average is a share: both add them as 0 and 1.
    events = rows.select(*needed, *(pl.col(name).cast(pl.Int64).alias(_as_number(name)) for name in truths))
    windows = [feature.window for feature in ref.features if feature.window is not None]
    questions, bounds = with_bounds(questions, windows, AT)
    plan = _plan(ref, truths, bounds)
    # The time of the newest event is only asked where it may be too old; else a count is cheaper.
    counted = ref.set.max_age is None
    witnesses = witnesses_of(plan, counted=counted) if seen else {}
    if seen and not counted:
        events = with_times(events, plan)
    asked = {each["name"]: each for each in witnesses.values()}
    try:
        table, report = bighead_kernels.temporal_join(
            events,
            questions,
            keys=keys,
            event_time=TIME,
            available_at=KNOWN,
            timestamp=AT,
            tie_break=ties,
            aggregations=[*plan, *asked.values()],
            inclusive=ref.set.boundary == "inclusive",
        )
    except ValueError as error:
        raise SchemaError(f"the feature set {ref.set.name!r}: {error}") from error
    frame = pl.DataFrame(table)
    met = _report(report, questions.height)
    if not seen:
        return Joined(frame.select(ref.columns()), met)
    shares = {output: witness["name"] for output, witness in witnesses.items()}
    return Joined(frame.select(ref.columns()), met, Seen(frame.select(list(asked)), shares, counted))


def _report(report: Mapping[str, Any], rows: int) -> JoinReport:
    return JoinReport(
        rows=rows,
        matched_rows=int(report["matched_rows"]),
        non_finite={name: int(n) for name, n in report["non_finite"].items() if n},
        overflow={name: int(n) for name, n in report["overflow"].items() if n},
    )


def _plan(ref: FeatureRef, truths: Sequence[str], bounds: Columns) -> list[AggregationSpec]:
    plan: list[AggregationSpec] = []
    for feature in ref.features:
        if feature.operation is None or feature.window is None:
            continue
        adds = feature.column in truths and feature.operation in ("sum", "average")
        column = _as_number(feature.column) if adds else feature.column
        spec: AggregationSpec = {
            "name": ref.output(feature),
            "column": column,
            "operation": feature.operation,
            "window": feature.window.kernel,
        }
        if feature.window.span is not None:
            start, end = bounds[feature.window.span]
            spec["start_column"] = start
            if end is not None:
                spec["end_column"] = end
        plan.append(spec)
    return plan


def _as_number(column: str) -> str:
    return f"__{column}_as_number"
