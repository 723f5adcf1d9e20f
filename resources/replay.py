"""Step 9 of 9, monitor: gathers what a replay of logged inferences needs from the stores, and runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.features import CalendarSource, EventSource, FeatureRef, FeatureSet, codec
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.monitoring import ConsistencyReport, check_consistency
from bighead.pipeline_lib.point_in_time import RowReader
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.resources.event_log import EventLog
from bighead.resources.stream import Streams


def replay_consistency(
    records: Sequence[InferenceRecord], refs: Sequence[FeatureRef], reader: RowReader, streams: Streams
) -> ConsistencyReport:
    """Compute every logged feature again from offline rows, and compare.

    Args:
        records: What one artifact of one model logged.
        refs: The uses of feature sets of that artifact, as `refs_of` reads them from its manifest.
        reader: Cleaned offline rows; every day that the records' windows reach must be there.
        streams: Says at which position each streamed event stands.

    Raises:
        DataError, UnknownNameError: rows that the offline store lacks.
    """
    if not records:
        return check_consistency([], refs, {}, {})
    asked = pl.Series([record.at for record in records]).cast(pl.Datetime("us", "UTC"))
    rows: dict[str, pl.DataFrame] = {}
    positions: dict[str, Mapping[Any, int]] = {}
    for ref in refs:
        source = ref.set.source
        if isinstance(source, CalendarSource) or ref.set.name in rows:
            continue
        start, end = rows_needed(ref.set, asked) if isinstance(source, Events) else (None, _end(asked))
        rows[ref.set.name] = reader.rows(ref.set, start, end)
        if isinstance(source, EventSource) and source.stream is not None and source.stream not in positions:
            positions[source.stream] = _positions(source, streams)
    return check_consistency(records, refs, rows, positions)


def logged_by_artifact(
    event_log: EventLog, model: str, start: datetime | None = None, end: datetime | None = None
) -> dict[int, list[InferenceRecord]]:
    """Return what a model logged for questions with start ≤ at < end, by the artifact that answered."""
    found: dict[int, list[InferenceRecord]] = {}
    for record in event_log.read(model, start, end):
        found.setdefault(record.artifact, []).append(record)
    return found


def refs_of(feature_sets_json: str) -> tuple[FeatureRef, ...]:
    """Return the uses of feature sets that an artifact's manifest names.

    Raises:
        ArtifactError: it names something else.
    """
    found = []
    for plain in json.loads(feature_sets_json or "[]"):
        definition = codec.from_json(plain if isinstance(plain, str) else json.dumps(plain))
        if isinstance(definition, FeatureSet):
            definition = definition.on()
        if not isinstance(definition, FeatureRef):
            raise ArtifactError(
                f"the bundle names a {type(definition).__name__} where a use of a feature set belongs.",
                cure="Train the model again.",
            )
        found.append(definition)
    return tuple(found)


def _positions(source: EventSource, streams: Streams) -> dict[Any, int]:
    identity = source.event_id or "event_id"
    return {event[identity]: position for position, event in streams.read(str(source.stream))}


def _end(asked: pl.Series) -> datetime:
    last = asked.max()
    assert isinstance(last, datetime)
    return last
