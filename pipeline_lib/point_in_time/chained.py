"""The rows of a chained set: each left row with the features of other sets as of its own time.

1. The left rows are cleaned as a set of their own: times, ids, mutations.
2. Each use of another set is joined to them by `values_at`, at the row's event_time; of what the set is built on only
   the features that it reads are computed. A join that is larger than memory is spilled, or dealt by an engine, as any.
3. Of a training set, inputs have the types it declares, and its derivations stand behind the features.
4. `clean` derives columns, filters, and drops what is not an input. A row keeps its times: a value computed at t enters
   with event_time t, and is known from when the row is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.errors import NameCollisionError, quoted
from bighead.pipeline_lib.features.batch_grain import Grain
from bighead.pipeline_lib.features.chain import Chain, chain_of, chained, upstream_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.settled import seen_until
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EntitySource
from bighead.pipeline_lib.point_in_time.clean import TIME, clean
from bighead.pipeline_lib.point_in_time.derived_expressions import derived_expressions
from bighead.pipeline_lib.point_in_time.engine import JoinEngine
from bighead.pipeline_lib.point_in_time.join import values_at
from bighead.pipeline_lib.point_in_time.memory import Memory
from bighead.pipeline_lib.point_in_time.reading import RowReader, StoreRows
from bighead.pipeline_lib.point_in_time.row_columns import with_declared
from bighead.pipeline_lib.point_in_time.spans import rows_near
from bighead.pipeline_lib.point_in_time.times import UTC_MICROSECONDS
from bighead.pipeline_lib.point_in_time.training import features_beside, rows_needed
from bighead.pipeline_lib.ports import FeatureStore, TableReader

_FAR = datetime(9999, 12, 31, tzinfo=UTC)
_LEAST = datetime(1, 1, 1, tzinfo=UTC)
_ANY = datetime(1970, 1, 1, tzinfo=UTC)


class StoredUpstream(StoreRows):
    """Rows of the sets that others are built on: from the offline store, where every day must be."""

    def scan(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.LazyFrame:
        """Return the cleaned rows with start ≤ event_time < end that questions before `end` can see, lazily.

        Raises:
            DataError, StaleRowsError: days lack, or were computed from another definition.
        """
        span = self._span(feature_set, start, end)
        self.require(feature_set, *span)
        return super().scan(feature_set, *span)

    def lacks(self, feature_set: FeatureSet, start: datetime, end: datetime) -> bool:
        """Return whether days lack that rows of a set in [start, end) need of those it is built on."""
        asked = pl.Series([start, end - timedelta(microseconds=1)], dtype=UTC_MICROSECONDS)
        reached = ((each, *self._span(each, *rows_needed(each, asked))) for each in upstream_of(feature_set))
        return any(self.lacking(*each) for each in reached)

    def _span(
        self, feature_set: FeatureSet, start: datetime | None, end: datetime
    ) -> tuple[datetime | None, datetime]:
        # What no question can see need not be there, as today's day for the hours of today.
        return _seen(feature_set, start, end) if self.lacking(feature_set, start, end) else (start, end)


def _seen(feature_set: FeatureSet, start: datetime | None, end: datetime) -> tuple[datetime | None, datetime]:
    """Return the span [start, end) of rows without those at its end that no question before `end` can see."""
    last = _microseconds(end) - 1
    hidden = timedelta(microseconds=last + 1 - seen_until(feature_set, last))
    if isinstance(feature_set.source, EntitySource):
        # Of facts the first question sees the newest ones known by then, which are older by as much.
        start = None if start is None else start - hidden
    return start, end - hidden


def days_behind(
    feature_set: FeatureSet,
    days: Iterable[date],
    store: FeatureStore,
    rewritten: Mapping[str, Iterable[date]] | None = None,
) -> list[date]:
    """Return those of a chained set's stored `days` that a day of a set below was written after, or will be.

    Only days in reach count: those that questions of the day can see. `rewritten` are days that will be written, by
    set.
    """
    found, grain = set[date](), feature_set.grain
    written = store.written_at(feature_set.name, grain) if upstream_of(feature_set) else {}
    for below in upstream_of(feature_set):
        again = set((rewritten or {}).get(below.name, ()))
        at = {} if isinstance(below.source, CalendarSource) else store.written_at(below.name, below.grain)
        at |= dict.fromkeys(again, _FAR)
        starts = {below.grain.start(part): moment for part, moment in at.items()}
        newest = _newest_in_reach(starts, sorted(set(days) & set(written)), below, grain)
        found |= {day for day, moment in newest.items() if moment > written[day]}
    return sorted(found)


def _newest_in_reach(
    at: Mapping[datetime, datetime], days: Sequence[date], below: FeatureSet, grain: Grain
) -> dict[date, datetime]:
    """Return for each of the sorted partitions the latest moment among those below that it can see, if any.

    `at` says when each partition of the set below was written, by its start.
    """
    seen: deque[tuple[datetime, datetime]] = deque()
    left = deque(sorted(at.items()))
    found = {}
    for day in days:
        end = _microseconds(grain.end(day))
        while left and _microseconds(left[0][0]) < seen_until(below, end - 1):
            # What is older and was written earlier decides nothing any more.
            while seen and seen[-1][1] <= left[0][1]:
                seen.pop()
            seen.append(left.popleft())
        first = _first_seen(below, grain.start(day))
        while seen and seen[0][0] < first:
            seen.popleft()
        if seen:
            found[day] = seen[0][1]
    return found


def _first_seen(below: FeatureSet, begin: datetime) -> datetime:
    """Return the start of the first partition whose rows a question at `begin` can see; later ones see none before."""
    asked = _microseconds(begin)
    starts = [window.start(asked) for each in below.aggregations for window in each.windows]
    known = [start for start in starts if start is not None]
    if len(known) < len(starts) or not known:
        return _LEAST
    first = _ANY + timedelta(microseconds=max(min(known), (_LEAST - _ANY) // timedelta(microseconds=1)))
    return below.grain.start(below.grain.holding(first))


@contextmanager
def joined_rows(
    raw: pl.LazyFrame,
    feature_set: FeatureSet,
    upstream: RowReader,
    start: datetime | None = None,
    end: datetime | None = None,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> Iterator[pl.LazyFrame]:
    """Yield a chained set's left rows with start ≤ event_time < end, each with the features it carries.

    Args:
        raw: The left table's rows, or more than those of the span.
        feature_set: A set with a ChainedSource.
        upstream: Cleaned rows of the sets that it is built on.
        start: UTC; None is the beginning of time.
        end: UTC; None is its end.
        memory: What a join may take before it is spilled; None is any.
        engine: What joins in the place of this process.

    Raises:
        SchemaError, EventTimeError, DataError: as `clean`, `values_at` and `left_columns`.
        NameCollisionError: a feature is called like a column of the left table.
        StoreError: what exceeds the memory cannot be spilled.
    """
    chain = chain_of(feature_set)
    _refuse_collisions(raw, feature_set, chain)
    left = _left_rows(clean(raw, chain.left, start, end), feature_set, chain)
    if left.height:
        with features_beside(left, chain.uses, upstream, TIME, memory, engine) as rows:
            yield _derived(rows, feature_set, chain)
        return
    asked = pl.Series([_asked(start, end)], dtype=UTC_MICROSECONDS)
    read = [upstream.rows(ref.set, *rows_needed(ref.set, asked)) for ref in chain.uses]
    values = [values_at(left, ref, rows, TIME)[0] for ref, rows in zip(chain.uses, read, strict=True)]
    yield _derived(pl.concat([left, *values], how="horizontal").lazy(), feature_set, chain)


def _refuse_collisions(raw: pl.LazyFrame, feature_set: FeatureSet, chain: Chain) -> None:
    selected = chain.left.source.select if not isinstance(chain.left.source, CalendarSource) else None
    both = sorted({*raw.collect_schema(), *(selected or {})} & set(chain.outputs))
    if both:
        raise NameCollisionError(
            f"the left rows of {feature_set.name!r} have {quoted(both)}, and features of that name.",
            cure="Give the features' set a prefix: set.on(prefix=…); call a derivation something else.",
        )


def _left_rows(cleaned: pl.DataFrame, feature_set: FeatureSet, chain: Chain) -> pl.DataFrame:
    """Return the left rows with the types that a training set declares, and its timestamp as derivations read it."""
    typed = {each.name: each for each in chain.declared}
    found = with_declared(cleaned, typed, f"the left rows of {feature_set.name!r}")
    read = {name for each in chain.derived for name in each.reads}
    time = chained(feature_set).event_time
    return found.with_columns(pl.col(TIME).alias(time)) if time in read else found


def _derived(rows: pl.LazyFrame, feature_set: FeatureSet, chain: Chain) -> pl.LazyFrame:
    values = derived_expressions(rows.collect_schema(), chain.derived, feature_set.name)
    # Each reads those before it.
    for value in values:
        rows = rows.with_columns(value)
    return rows


def cleaned_rows(
    raw: pl.LazyFrame,
    feature_set: FeatureSet,
    upstream: RowReader,
    start: datetime | None,
    end: datetime | None,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> pl.DataFrame:
    """Return a set's cleaned rows of [start, end), chained or not; the arguments are those of `joined_rows`.

    Raises:
        SchemaError, EventTimeError, DataError, NameCollisionError, StoreError: as `clean` and `joined_rows`.
    """
    if not isinstance(feature_set.source, ChainedSource):
        return clean(raw, feature_set, start, end)
    with joined_rows(raw, feature_set, upstream, start, end, memory, engine) as rows:
        return clean(rows, feature_set, start, end)


def cleaned_near(
    feature_set: FeatureSet,
    tables: TableReader,
    upstream: RowReader,
    start: datetime,
    end: datetime,
    memory: Memory | None = None,
    engine: JoinEngine | None = None,
) -> pl.DataFrame:
    """Return a set's cleaned rows of [start, end) as `cleaned_rows`, reading little beyond them.

    Raises:
        SchemaError, EventTimeError, DataError, NameCollisionError, StoreError: as `cleaned_rows`.
    """
    raw = rows_near(feature_set, tables, start, end)
    return cleaned_rows(raw, feature_set, upstream, start, end, memory, engine)


def _microseconds(instant: datetime) -> int:
    return (instant - _ANY) // timedelta(microseconds=1)


def _asked(start: datetime | None, end: datetime | None) -> datetime:
    # Without a left row only the columns' types are asked for: any time of the span will do.
    return start or end or _ANY
