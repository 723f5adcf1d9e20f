"""Step 2 of 9, backfill: cleaned rows of past days go into the offline store, a partition a UTC day or hour.

1. Of the days asked for, those are computed that are not stored, or stored from another definition; of rows that
   change also all stored days that mutations touched since.
2. They are cut into chunks that fit into memory; a chunk is read, cleaned and committed at once.
3. After each commit the caller is told. Killed anywhere, the days committed so far stand, and the same call
   again computes the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from bighead.pipeline_lib.features.chain import upstream_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import row_definition
from bighead.pipeline_lib.features.source import CalendarSource
from bighead.pipeline_lib.point_in_time.chained import StoredUpstream, cleaned_near
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.memory import Memory
from bighead.pipeline_lib.point_in_time.spans import chunks
from bighead.pipeline_lib.point_in_time.stale import days_to_compute, stale_days
from bighead.pipeline_lib.point_in_time.touched import touched_days
from bighead.pipeline_lib.point_in_time.watermark import note_watermark, watermark
from bighead.pipeline_lib.ports import FeatureStore, TableReader

ROWS_A_COMMIT = 1_000_000


@dataclass(frozen=True)
class Committed:
    """How far a backfill is: `days` of `whole` partitions are in the store; the last commit had `rows` rows."""

    days: int
    whole: int
    rows: int
    first: date
    last: date


def backfill(
    feature_set: FeatureSet,
    days: Sequence[date],
    tables: TableReader,
    store: FeatureStore,
    *,
    force: bool = False,
    tell: Callable[[Committed], None] | None = None,
    rows_a_commit: int = ROWS_A_COMMIT,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> dict[date, int]:
    """Write the cleaned rows of those of `days` that lack or are stale; return how many rows each day has.

    Where rows change, or a set is built on others, stored days that mutations or these have touched since are computed
    again, too, asked for or not. With `force` all of `days` are computed again: their rows are replaced, by those that
    arrived late, say. An event id is looked for twice within a commit's days, not beyond. A calendar has no rows.

    Args:
        feature_set: What is computed.
        days: UTC days, or of a set of hourly batches hours, in any order.
        tables: The source tables.
        store: Where the days are kept.
        force: Compute stored days again.
        tell: Called after each commit.
        rows_a_commit: Raw rows that are held in memory at once, as nearly as whole days allow.
        memory: What a join with sets that this one is built on may take, before it is spilled; None is any.
        engine: What does such joins in the place of this process.

    Raises:
        DataError, SchemaError, EventTimeError: the source's rows cannot be what the definition says; or days of a
            set that this one is built on lack.
        ConflictError: others kept committing first.
    """
    wanted = sorted(set(days))
    if not wanted or isinstance(feature_set.source, CalendarSource):
        return dict.fromkeys(wanted, 0)
    mark = watermark(feature_set, tables)
    stored = store.stored_days(feature_set.name, feature_set.grain)
    todo = wanted if force else days_to_compute(feature_set, wanted, stored)
    if feature_set.source.retracts or upstream_of(feature_set):
        # A mutation of today may be of a row of any day: whatever was asked for, no stored day stays behind.
        fresh = sorted(set(stored) - set(stale_days(feature_set, stored)) - set(todo))
        todo = sorted(
            [*todo, *touched_days(feature_set, fresh, tables, store, rows_a_commit, memory, engine)]
        )
    counts = {day: stored[day].rows if day in stored else 0 for day in wanted}
    done = 0
    for chunk in chunks(feature_set, todo, tables, rows_a_commit):
        found = _commit(feature_set, chunk, tables, store, memory, engine)
        counts |= found
        done += len(chunk)
        if tell is not None:
            tell(Committed(done, len(todo), sum(found.values()), chunk[0], chunk[-1]))
    note_watermark(feature_set, mark, store)
    return {day: counts[day] for day in wanted}


def _commit(
    feature_set: FeatureSet,
    chunk: list[date],
    tables: TableReader,
    store: FeatureStore,
    memory: Memory | None,
    engine: JoinEngine | None,
) -> dict[date, int]:
    started = time.perf_counter()
    spans = []
    grain = feature_set.grain
    for first, last in grain.runs(chunk):
        start, end = grain.start(first), grain.end(last)
        upstream = StoredUpstream(store)
        spans.append(cleaned_near(feature_set, tables, upstream, start, end, memory, engine))
    rows = pl.concat(spans)
    counts = dict.fromkeys(chunk, 0)
    for day, count in rows.group_by(grain.of(pl.col(TIME))).len().iter_rows():
        counts[day] = count
    seconds = time.perf_counter() - started
    store.write_days(feature_set.name, chunk, rows, row_definition(feature_set), seconds)
    return counts
