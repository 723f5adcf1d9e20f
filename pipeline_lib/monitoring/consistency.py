"""Was what was served what the offline rows say? Every logged value is computed again, as of its own instant.

A row was visible to an answer iff the generation it read held it, that is event_time < midnight, or the stream
had brought it before: position < logged position. What is equal depends on the operation's exactness class, and
facts are equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import CalendarSource, EventSource, FeatureRef, TrainingSet
from bighead.pipeline_lib.features.feature import Feature
from bighead.pipeline_lib.inference_log import InferenceRecord
from bighead.pipeline_lib.monitoring.derived_consistency import derived_mismatches
from bighead.pipeline_lib.monitoring.derived_tolerance import agrees_derived
from bighead.pipeline_lib.monitoring.mismatch import Mismatch, Tally
from bighead.pipeline_lib.monitoring.replayed_mutations import seen_versions
from bighead.pipeline_lib.monitoring.tolerance import agrees, equal
from bighead.pipeline_lib.point_in_time import answers_at, trace
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID, KNOWN, TIME
from bighead.pipeline_lib.point_in_time.generation_cut import before_cut
from bighead.pipeline_lib.point_in_time.trace import values_within, visible_rows

_AT = "__asked_at"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVENTS_NAMED = 20


@dataclass(frozen=True)
class ConsistencyReport:
    """What a replay found.

    `compared` counts values; `stale` those served as null because the store was too late, and `other`
    those of a definition that has changed since: neither can be compared.
    """

    requests: int
    compared: int
    stale: int
    other: int
    mismatches: tuple[Mismatch, ...]

    @property
    def consistent(self) -> bool:
        """Whether every value that could be compared was equal."""
        return not self.mismatches


Asked = tuple[InferenceRecord, int]


def check_consistency(
    records: Iterable[InferenceRecord],
    refs: Sequence[FeatureRef],
    rows: Mapping[str, pl.DataFrame],
    positions: Mapping[str, Mapping[Any, int]],
    training_set: TrainingSet | None = None,
    mutations: Mapping[str, pl.DataFrame] | None = None,
) -> ConsistencyReport:
    """Replay logged requests over offline rows.

    Args:
        records: What was logged for one model.
        refs: The uses of feature sets of the artifact that answered.
        rows: Cleaned offline rows by feature set, reaching back as far as the longest window.
        positions: Where each event id stands in each stream's log.
        training_set: Whose derivations are computed again of what was logged.
        mutations: In place of the rows of sets that mutations from a stream tell of: all of these, as
            `told_mutations` gives them. A set that lacks here is replayed by when its versions held.

    Raises:
        SchemaError: rows that lack a column of their set.
    """
    logged, tally = list(records), Tally()
    found: list[Mismatch] = []
    for ref in refs:
        for (midnight, position), asked in _groups(logged, ref, tally).items():
            if mutations is not None and ref.set.name in mutations:
                visible = seen_versions(ref.set, mutations[ref.set.name], midnight, position)
            else:
                visible = _visible(ref, rows.get(ref.set.name), midnight, position, positions)
            found.extend(_compare(ref, asked, visible, tally))
    if training_set is not None:
        found += derived_mismatches(logged, training_set, rows, tally)
    found.sort(key=lambda m: (m.request_id, m.row, m.feature))
    return ConsistencyReport(len(logged), tally.compared, tally.stale, tally.other, tuple(found))


def _groups(
    records: list[InferenceRecord], ref: FeatureRef, tally: Tally
) -> dict[tuple[int | None, int], list[Asked]]:
    """Gather the rows that saw the same state of a set: they are computed in one call."""
    source = ref.set.source
    stream = source.stream if isinstance(source, EventSource) else None
    groups: dict[tuple[int | None, int], list[Asked]] = {}
    for record in records:
        if record.definitions.get(ref.set.name) != ref.set.hash:
            tally.other += len(record.rows) * len(ref.columns())
            continue
        position = record.positions.get(stream, 0) if stream is not None else 0
        state = (record.generations.get(ref.set.name), position)
        groups.setdefault(state, []).extend((record, number) for number in range(len(record.rows)))
    return groups


def _visible(
    ref: FeatureRef,
    rows: pl.DataFrame | None,
    midnight: int | None,
    position: int,
    positions: Mapping[str, Mapping[Any, int]],
) -> pl.DataFrame:
    source = ref.set.source
    if isinstance(source, CalendarSource) or rows is None:
        return pl.DataFrame() if rows is None else rows
    if isinstance(source, EventSource) and source.stream is not None and source.retracts:
        # Versions say themselves when they held; only mutations tell which of them a position had brought.
        return rows
    seen = (
        pl.lit(False) if midnight is None else before_cut(ref.set, _EPOCH + timedelta(microseconds=midnight))
    )
    if isinstance(source, EventSource) and source.stream is not None and EVENT_ID in rows.columns:
        places = positions.get(source.stream, {})
        streamed = [each for each, place in places.items() if place < position]
        ids = pl.Series(streamed, dtype=rows.schema[EVENT_ID])
        seen = seen | pl.col(EVENT_ID).is_in(ids.implode())
    return rows.filter(seen)


def _compare(ref: FeatureRef, asked: list[Asked], visible: pl.DataFrame, tally: Tally) -> Iterable[Mismatch]:
    left = questions_of(ref, asked, visible)
    answers = answers_at(left, ref, visible, _AT)
    features = {ref.output(feature): feature for feature in ref.features}
    rows = zip(answers.values.iter_rows(named=True), answers.statuses.iter_rows(named=True), strict=True)
    for (record, number), (replayed, statuses) in zip(asked, rows, strict=True):
        row = record.rows[number]
        for name, feature in features.items():
            # Of a store that was late there is nothing to compare; what is stale by its own age is so again.
            if _was_late(record, ref) and row.statuses.get(name) == "stale" and statuses[name] != "stale":
                tally.stale += 1
                continue
            tally.compared += 1
            served = row.features.get(name)
            if equal(served, replayed[name]):
                continue
            mismatch = judge(ref, feature, (record, number), served, replayed[name], visible)
            if mismatch is not None:
                yield mismatch


def _was_late(record: InferenceRecord, ref: FeatureRef) -> bool:
    # Logs from before lateness was told say nothing of it: any stale value may come of it.
    return record.late is None or ref.set.name in record.late


def questions_of(ref: FeatureRef, asked: list[Asked], visible: pl.DataFrame) -> pl.DataFrame:
    """Return the keys that were asked, of the types that the rows have, and when."""
    columns = {}
    for key, column in ref.mapping:
        values = [_given(record, number).get(column) for record, number in asked]
        dtype = visible.schema.get(key)
        columns[column] = pl.Series(column, values, dtype=dtype, strict=False)
    times = [_EPOCH + timedelta(microseconds=record.at) for record, _ in asked]
    return pl.DataFrame([*columns.values(), pl.Series(_AT, times, dtype=pl.Datetime("us", "UTC"))])


def _given(record: InferenceRecord, number: int) -> dict[str, Any]:
    row = record.rows[number]
    return {**row.context, **row.keys}


def judge(
    ref: FeatureRef, feature: Feature, asked: Asked, served: Any, replayed: Any, visible: pl.DataFrame
) -> Mismatch | None:
    """Return how a served value that is not equal to its replay differs; None within its exactness class."""
    record, number = asked
    given, at = _given(record, number), _EPOCH + timedelta(microseconds=record.at)
    events = pl.DataFrame()
    if isinstance(ref.set.source, EventSource):
        key = {key: given.get(column) for key, column in ref.mapping}
        if feature.derivation is not None:
            agree = agrees_derived(ref.set, feature, served, key, at, visible)
        else:
            values = values_within(feature, visible_rows(ref.set, feature, key, at, visible))
            agree = agrees(feature, served, replayed, values)
        if agree:
            return None
        events = trace(ref.set, feature.name, key, at, visible)
    return Mismatch(
        record.request_id,
        number,
        ref.output(feature),
        at,
        {column: given.get(column) for column in ref.key_columns},
        served,
        replayed,
        _named(events),
    )


def _named(events: pl.DataFrame) -> tuple[str, ...]:
    if not events.height:
        return ()
    column = EVENT_ID if EVENT_ID in events.columns else TIME if TIME in events.columns else KNOWN
    return tuple(str(each) for each in events[column].tail(_EVENTS_NAMED))
