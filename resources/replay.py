"""Step 9 of 9, monitor: gathers what a replay of logged inferences needs from the stores, and runs it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import ArtifactError
from bighead.pipeline_lib.features import CalendarSource, EventSource, FeatureRef, FeatureSet, codec
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.monitoring import ConsistencyReport, check_consistency
from bighead.pipeline_lib.monitoring.replayed_mutations import told_mutations
from bighead.pipeline_lib.point_in_time import RowReader
from bighead.pipeline_lib.point_in_time.spans import mutations_before
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.pipeline_lib.ports import TableReader
from bighead.resources.changing_rows import is_mutable
from bighead.resources.event_log import EventLog
from bighead.resources.logged_mutations import logged_mutations
from bighead.resources.stream import Streams


def replay_consistency(
    records: Sequence[InferenceRecord],
    refs: Sequence[FeatureRef],
    reader: RowReader,
    streams: Streams,
    tables: TableReader | None = None,
) -> ConsistencyReport:
    """Compute every logged feature again from offline rows, and compare.

    Args:
        records: What one artifact of one model logged.
        refs: The uses of feature sets of that artifact, as `refs_of` reads them from its manifest.
        reader: Cleaned offline rows; every day that the records' windows reach must be there.
        streams: Says at which position each streamed event stands.
        tables: The source tables, from which sets of mutations are replayed; without them these are replayed by
            when their versions held, so that what came late is a mismatch.

    Raises:
        DataError, UnknownNameError: rows that the offline store lacks.
    """
    if not records:
        return check_consistency([], refs, {}, {})
    asked = pl.Series([record.at for record in records]).cast(pl.Datetime("us", "UTC"))
    rows: dict[str, pl.DataFrame] = {}
    for ref in refs:
        source = ref.set.source
        if isinstance(source, CalendarSource) or ref.set.name in rows:
            continue
        start, end = rows_needed(ref.set, asked) if isinstance(source, Events) else (None, _end(asked))
        rows[ref.set.name] = reader.rows(ref.set, start, end)
    sets = [ref.set for ref in refs]
    positions, mutations = stream_positions(sets, streams), stream_mutations(sets, streams, tables, asked)
    return check_consistency(records, refs, rows, positions, mutations=mutations)


def stream_positions(feature_sets: Iterable[FeatureSet], streams: Streams) -> dict[str, dict[Any, int]]:
    """Return where each event id stands in the log of each stream of rows that sets read."""
    found: dict[str, dict[Any, int]] = {}
    for each in feature_sets:
        source = each.source
        if isinstance(source, EventSource) and source.stream is not None and not is_mutable(each):
            identity = source.event_id or "event_id"
            if source.stream not in found:
                events = streams.read(source.stream)
                found[source.stream] = {event[identity]: position for position, event in events}
    return found


def stream_mutations(
    feature_sets: Iterable[FeatureSet], streams: Streams, tables: TableReader | None, asked: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return what `check_consistency` replays sets from that mutations from a stream tell of; none without tables.

    Args:
        feature_sets: Any sets.
        streams: Have the logs.
        tables: The source tables.
        asked: The instants of the questions (UTC µs).

    Raises:
        RequestError: the log has a mutation that a set's definition cannot take.
    """
    found: dict[str, pl.DataFrame] = {}
    for each in feature_sets:
        if tables is not None and is_mutable(each) and each.name not in found:
            start, end = rows_needed(each, asked)
            table = mutations_before(each, tables, start, end)
            found[each.name] = told_mutations(each, table, logged_mutations(each, streams, table.schema))
    return found


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


def _end(asked: pl.Series) -> datetime:
    last = asked.max()
    assert isinstance(last, datetime)
    return last
