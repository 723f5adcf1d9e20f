"""Features of events: what is taken apart alike is asked of the kernel in one call, and put together again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.point_in_time.bucket_maps import join_by_bucket
from bighead.pipeline_lib.point_in_time.elements import PLACE, Shape, elements
from bighead.pipeline_lib.point_in_time.kernels import Call, Joined, JoinReport
from bighead.pipeline_lib.point_in_time.row_names import EVENT_ID, KNOWN, TIME, UNTIL
from bighead.pipeline_lib.point_in_time.witness import Seen


def join_events(rows: pl.DataFrame, questions: pl.DataFrame, ref: FeatureRef, *, seen: bool) -> Joined:
    """Aggregate cleaned `rows` for each question, a row of the set's keys and `__at` (UTC µs).

    Raises:
        SchemaError: an operation that a column's type does not have, or keys of different types.
    """
    shapes: dict[Shape, list[Feature]] = {}
    for feature in ref.features:
        shapes.setdefault(Shape.of(feature, rows.schema), []).append(feature)
    rows, ties = with_ties(rows, ref.set)
    joins = [_join(rows, questions, ref, shape, some, ties, seen) for shape, some in shapes.items()]
    if len(joins) == 1:
        return joins[0]
    values = pl.concat([each.values for each in joins], how="horizontal").select(ref.columns())
    return Joined(values, _together([each.report for each in joins]), _all_seen(joins))


def times_of(feature_set: FeatureSet) -> tuple[str, ...]:
    """Return the columns that say when a set's cleaned rows count."""
    return (TIME, KNOWN, UNTIL) if feature_set.source.retracts else (TIME, KNOWN)


def with_ties(rows: pl.DataFrame, feature_set: FeatureSet) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows and the columns that order those of one time.

    Without an id, events that tie in time are told apart by their values: never by their place in a file.
    """
    own = (*feature_set.keys, EVENT_ID, *times_of(feature_set))
    others = sorted(name for name in rows.columns if name not in own)
    nested = [name for name in others if rows.schema[name].is_nested()]
    if EVENT_ID in rows.columns:
        # An id says enough; lists, which have no order of their own, are not needed beside it.
        return rows, [EVENT_ID, *(name for name in others if name not in nested)]
    if not nested:
        return rows, others
    texts = {name: f"__{name}_as_text" for name in nested}
    rows = rows.with_columns(pl.struct(name).struct.json_encode().alias(text) for name, text in texts.items())
    return rows, [texts.get(name, name) for name in others]


def _join(
    rows: pl.DataFrame,
    questions: pl.DataFrame,
    ref: FeatureRef,
    shape: Shape,
    features: Sequence[Feature],
    ties: Sequence[str],
    seen: bool,
) -> Joined:
    keys = list(ref.set.keys)
    ties = [each for each in ties if each != shape.nested]
    needed = list(
        dict.fromkeys([*keys, *times_of(ref.set), *ties, *(feature.column for feature in features)])
    )
    events = elements(rows, shape, needed)
    # Elements of one list are in the list's order.
    ties = [*ties, PLACE] if shape.nested else ties
    call = Call(ref, features, keys, ties, seen)
    return join_by_bucket(events, questions, call) if shape.keyed else call.run(events, questions)


def _together(reports: Sequence[JoinReport]) -> JoinReport:
    """One report of several over the same rows: a value that is not finite was met once, whoever asked."""
    non_finite: dict[str, int] = {}
    for name, count in (item for each in reports for item in each.non_finite.items()):
        non_finite[name] = max(count, non_finite.get(name, 0))
    return JoinReport(
        rows=reports[0].rows,
        matched_rows=max(each.matched_rows for each in reports),
        non_finite=non_finite,
        overflow={name: n for each in reports for name, n in each.overflow.items()},
    )


def _all_seen(joins: Sequence[Joined]) -> Seen | None:
    """What contributed to all outputs; the columns of each call get names of their own."""
    frames: list[pl.DataFrame] = []
    of: dict[str, str] = {}
    for place, seen in enumerate(each.seen for each in joins):
        if seen is None:
            return None
        frames.append(seen.columns.rename(lambda name, place=place: f"{name}_{place}"))  # type: ignore[misc]
        of |= {output: f"{column}_{place}" for output, column in seen.of.items()}
    return Seen(pl.concat(frames, how="horizontal"), of, joins[0].seen is not None and joins[0].seen.counted)
