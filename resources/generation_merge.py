"""Generation and stream become one: which rows answer for keys, each event once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.features import CalendarSource, EventSource, FeatureSet
from bighead.pipeline_lib.features.shared_stream import check_streams
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME
from bighead.pipeline_lib.point_in_time.generation_cut import before_cut
from bighead.resources.changing_rows import is_mutable, stored_columns


def merged(rows: pl.DataFrame, tail: pl.DataFrame, midnight: int) -> pl.DataFrame:
    """Return a generation's rows and streamed ones; what came before `midnight`, and in both, counts once."""
    if not tail.height:
        return rows
    if not rows.height:
        return tail
    before = tail[TIME].dt.epoch("us") < midnight
    if before.any():
        doubled = before & tail[EVENT_ID].is_in(rows[EVENT_ID].implode())
        tail = tail.filter(~doubled)
    return pl.concat([rows, tail], rechunk=False)


def rows_in(frame: pl.DataFrame, ranges: list[tuple[int, int]], snapshots: list[int]) -> pl.DataFrame:
    """Return the rows of ranges (offset, length), and one of each snapshot, none twice."""
    if snapshots:
        wanted = {n for offset, length in ranges for n in range(offset, offset + length)}
        return frame[sorted(wanted | set(snapshots))]
    if not ranges:
        return frame.clear()
    slices = [frame.slice(offset, length) for offset, length in ranges]
    return slices[0] if len(slices) == 1 else pl.concat(slices, rechunk=False)


def check_upload(
    feature_set: FeatureSet, midnight: datetime, frame: pl.DataFrame, uploaded: Iterable[FeatureSet]
) -> None:
    """Refuse a generation that could not answer rightly; `uploaded` are the definitions that are there.

    Raises:
        DefinitionError: a calendar, which has no rows, a stream without event ids, or one that uploaded sets read as
            something else.
        SchemaError: a column lacks, or a row is not before midnight.
    """
    source = feature_set.source
    if isinstance(source, CalendarSource):
        raise DefinitionError(
            f"{feature_set.name!r} is a calendar: it has no rows.", cure="Do not upload it."
        )
    if isinstance(source, EventSource) and source.stream is not None and source.event_id is None:
        raise DefinitionError(
            f"{feature_set.name!r} has the stream {source.stream!r} and no event_id.",
            cure="Name the column that table and stream share, so that nothing counts twice.",
        )
    check_streams([feature_set, *uploaded])
    expected = stored_columns(feature_set)
    if any(name not in frame.columns for name in expected):
        where = f"the generation of {feature_set.name!r}"
        raise SchemaError.columns(where, seen=frame.columns, expected=expected)
    # A mutation belongs to the day on which it could be known, not to that of its row.
    belongs = pl.col(KNOWN) < midnight if is_mutable(feature_set) else before_cut(feature_set, midnight)
    late = frame.filter(~belongs).height
    if late:
        raise SchemaError(
            f"{late} rows of the generation of {feature_set.name!r} are not before {midnight.isoformat()}.",
            cure="A generation holds the rows before its midnight.",
        )
