"""What a use of a feature set asks of one generation of its rows, made once: a request then only names rows.

It asks the kernel of `answers_at` the same aggregations, and answers the same; it only skips what a table of any
shape needs. Facts, the calendar and derived features have plans of their own. What none takes, `answers_at` answers:
rows that are taken back, windows of the calendar, buckets, lists and maps, results and keys of other types than those
named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from bighead_kernels import OnlinePlan

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.result_types import concrete
from bighead.pipeline_lib.features.source import Events, EventSource
from bighead.pipeline_lib.point_in_time.elements import Shape
from bighead.pipeline_lib.point_in_time.empty import typed
from bighead.pipeline_lib.point_in_time.events import with_ties
from bighead.pipeline_lib.point_in_time.join import answers_at
from bighead.pipeline_lib.point_in_time.kernels import AT, Call, Prepared
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME

__all__ = ["OnlinePlan", "online_plan"]

_SCALARS = (pl.Float64, pl.Int64, pl.Boolean, pl.String)
_STREAMED = (pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.Boolean, pl.Date, pl.String)
_INSTANT = pl.Datetime("us", "UTC")


def online_plan(ref: FeatureRef, generation: pl.DataFrame) -> OnlinePlan | None:
    """Return the plan of a use over a generation's cleaned rows, in one chunk; None where `answers_at` must answer.

    A streamed row holds the generation's columns in their order.
    """
    source, schema = ref.set.source, generation.schema
    if not isinstance(source, Events) or source.retracts or not ref.set.keys or not ref.features:
        return None
    # Tensors are bytes to the kernel: `answers_at` makes lists of them.
    if any(each.window is None or each.window.span is not None or each.tensor for each in ref.features):
        return None
    types = _types(ref, generation)
    if types is None or any(Shape.of(each, schema) != Shape() for each in ref.features):
        return None
    _, ties = with_ties(generation.clear(), ref.set)
    inputs = [each.column for each in ref.features]
    has_stream = source.stream is not None
    known = [] if _is_known_at_once(ref) else [KNOWN]
    names = list(dict.fromkeys([TIME, *known, *ties, *inputs, *([EVENT_ID] if has_stream else [])]))
    if any(name not in schema for name in names) or (has_stream and not _streams(schema, names)):
        return None
    return _made(ref, generation, names, ties, types)


def _is_known_at_once(ref: FeatureRef) -> bool:
    """Whether every row is known when it happens, so that one time says it all."""
    source = ref.set.source
    return isinstance(source, EventSource) and source.available_at is None and not source.delay_us


def _types(ref: FeatureRef, generation: pl.DataFrame) -> dict[str, pl.DataType] | None:
    """The types of the results, if all can be plain values; what is refused is refused in `answers_at`'s words."""
    keys = {column: generation.schema[key] for key, column in ref.mapping}
    left = pl.DataFrame(schema={**keys, AT: _INSTANT})
    try:
        found = dict(answers_at(left, ref, generation.clear(), AT).values.schema)
    except BigheadError:
        return None
    return found if all(_is_plain(each) for each in found.values()) else None


def _is_plain(dtype: pl.DataType) -> bool:
    if not isinstance(dtype, pl.List):
        return isinstance(dtype, _SCALARS)
    inner = concrete(dtype.inner)
    parts = [concrete(each.dtype) for each in inner.fields] if isinstance(inner, pl.Struct) else [inner]
    return all(isinstance(each, _SCALARS) for each in parts)


def _streams(schema: pl.Schema, names: Sequence[str]) -> bool:
    """Whether streamed rows' packed values can become columns of these types, and ids be compared."""
    if not isinstance(schema[EVENT_ID], pl.Int32 | pl.Int64 | pl.String):
        return False
    return all(isinstance(schema[n], _STREAMED) or schema[n] == _INSTANT for n in names)


def _made(
    ref: FeatureRef,
    generation: pl.DataFrame,
    names: Sequence[str],
    ties: Sequence[str],
    types: dict[str, pl.DataType],
) -> OnlinePlan | None:
    asked = Call(ref, ref.features, ref.set.keys, ties, seen=True).prepared(generation.schema)
    witnesses = {each["name"]: each for each in asked.witnesses.values()}
    source = ref.set.source
    try:
        return OnlinePlan(
            generation.select(names),
            places=[generation.columns.index(name) for name in names],
            event_time=TIME,
            available_at=KNOWN if KNOWN in names else None,
            event_id=EVENT_ID if isinstance(source, Events) and source.stream is not None else None,
            tie_break=list(ties),
            aggregations=[*asked.plan, *witnesses.values()],
            numbers=list(asked.numbers.items()),
            times=list(asked.times.items()),
            outputs=_outputs(ref, asked, types),
            inclusive=ref.set.boundary == "inclusive",
            max_age=ref.set.max_age_us,
            keeps_stale=ref.set.on_stale != "null",
        )
    except ValueError:
        # What a plan cannot hold, as a generation in several chunks, `answers_at` can.
        return None


def _outputs(
    ref: FeatureRef, asked: Prepared, types: dict[str, pl.DataType]
) -> list[tuple[str, str, str, Any]]:
    found: list[tuple[str, str, str, Any]] = []
    for feature in ref.features:
        name, made = ref.output(feature), feature.aggregation
        told = None if made is None else made.empty
        empty = None if told is None else typed(told, types[name], feature.name)
        found.append((name, name, asked.witnesses[name]["name"], empty))
    return found
