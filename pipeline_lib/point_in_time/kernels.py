"""The aggregation kernels, imported in this one place; their refusals become the library's own errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import bighead_kernels
import polars as pl
from bighead_kernels import AggregationSpec

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.operations import OPERATIONS
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.point_in_time.bounds import Columns, with_bounds
from bighead.pipeline_lib.point_in_time.row_names import KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.witness import Seen, time_of, with_times, witnesses_of

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


@dataclass(frozen=True)
class Prepared:
    """What a call asks of the kernel, without rows.

    `plan` holds the outputs, `witnesses` tell what contributed to each; `numbers` and `times` are columns made of
    others, `{name: column}`: truths as numbers, and the event times (µs) of an input's values.
    """

    plan: Sequence[AggregationSpec]
    witnesses: Mapping[str, AggregationSpec]
    numbers: Mapping[str, str]
    times: Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """What is asked of the kernel: `features` of a use, under `keys`; `ties` order events of one time.

    `seen` also asks what contributed to each value.
    """

    ref: FeatureRef
    features: Sequence[Feature]
    keys: Sequence[str]
    ties: Sequence[str]
    seen: bool

    def run(self, events: pl.DataFrame, questions: pl.DataFrame) -> Joined:
        """Aggregate `events` (keys, times, ties, inputs) for each question, a row of keys and `__at` (UTC µs).

        Raises:
            SchemaError: an operation that a column's type does not have, or keys of different types.
        """
        truths = self._truths(events.schema)
        # The sum of truths is how many hold, and their average is a share: both add them as 0 and 1.
        numbers = [pl.col(name).cast(pl.Int64).alias(_as_number(name)) for name in truths]
        # Where there is nothing to add, a request does not pay for it.
        events = events.with_columns(numbers) if numbers else events
        windows = [feature.window for feature in self.features if feature.window is not None]
        questions, bounds = with_bounds(questions, windows, AT)
        plan, witnesses = self._asked(truths, bounds)
        counted = self._counted
        if self.seen and not counted:
            events = with_times(events, plan)
        asked = {each["name"]: each for each in witnesses.values()}
        frame, met = self._temporal_join(events, questions, [*plan, *asked.values()])
        values = frame.select(self.ref.output(feature) for feature in self.features)
        if not self.seen:
            return Joined(values, met)
        shares = {output: witness["name"] for output, witness in witnesses.items()}
        return Joined(values, met, Seen(frame.select(list(asked)), shares, counted))

    def prepared(self, schema: pl.Schema) -> Prepared:
        """Return what `run` asks over events of a schema, for windows that need no columns of the questions."""
        truths = self._truths(schema)
        plan, witnesses = self._asked(truths, {})
        inputs = list(dict.fromkeys(each["column"] for each in plan))
        return Prepared(
            plan,
            witnesses,
            numbers={_as_number(name): name for name in truths},
            times={} if self._counted else {time_of(name): name for name in inputs},
        )

    def _asked(
        self, truths: Sequence[str], bounds: Columns
    ) -> tuple[list[AggregationSpec], dict[str, AggregationSpec]]:
        plan = _plan(self.ref, self.features, truths, bounds)
        return plan, witnesses_of(plan, counted=self._counted) if self.seen else {}

    @property
    def _counted(self) -> bool:
        # The time of the newest event is only asked where it may be too old; else a count is cheaper.
        return self.ref.set.max_age is None

    def _truths(self, schema: pl.Schema) -> list[str]:
        return [name for name in self._inputs if isinstance(schema[name], pl.Boolean)]

    @property
    def _inputs(self) -> list[str]:
        return list(dict.fromkeys(feature.column for feature in self.features))

    def _temporal_join(
        self, events: pl.DataFrame, questions: pl.DataFrame, plan: list[AggregationSpec]
    ) -> tuple[pl.DataFrame, JoinReport]:
        try:
            table, report = bighead_kernels.temporal_join(
                events,
                questions,
                keys=list(self.keys),
                event_time=TIME,
                available_at=KNOWN,
                timestamp=AT,
                tie_break=list(self.ties),
                aggregations=plan,
                inclusive=self.ref.set.boundary == "inclusive",
                available_to=UNTIL if self.ref.set.source.retracts else None,
            )
        except ValueError as error:
            raise self._refusal(events.schema, error) from error
        return pl.DataFrame(table), JoinReport(
            rows=questions.height,
            matched_rows=int(report["matched_rows"]),
            non_finite={name: int(n) for name, n in report["non_finite"].items() if n},
            overflow={name: int(n) for name, n in report["overflow"].items() if n},
        )

    def _refusal(self, schema: pl.Schema, error: ValueError) -> SchemaError:
        """What the library refuses itself it says in the words of the definition, the rest in the kernel's."""
        where = f"the feature set {self.ref.set.name!r}"
        for feature in self.features:
            try:
                feature.dtype_of(schema[feature.column])
            except SchemaError as told:
                return SchemaError(f"{where}: {told.message}", cure=told.cure)
        return SchemaError(f"{where}: {error}")


def _plan(
    ref: FeatureRef, features: Sequence[Feature], truths: Sequence[str], bounds: Columns
) -> list[AggregationSpec]:
    plan: list[AggregationSpec] = []
    for feature in features:
        made, window = feature.aggregation, feature.window
        if made is None or window is None:
            continue
        adds = feature.column in truths and OPERATIONS[made.operation].adds
        spec: AggregationSpec = {
            "name": ref.output(feature),
            "column": _as_number(feature.column) if adds else feature.column,
            "operation": made.operation,
            "window": window.kernel,
            "k": made.k or 0,
            "quantiles": list(made.quantiles),
            "half_life": duration(made.half_life) if made.half_life else 0,
        }
        if window.span is not None:
            start, end = bounds[window.span]
            spec["start_column"] = start
            if end is not None:
                spec["end_column"] = end
        plan.append(spec)
    return plan


def _as_number(column: str) -> str:
    return f"__{column}_as_number"
