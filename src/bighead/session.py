"""A session binds the embedded stores to the library's ports, so that definitions answer in a notebook.

    from bighead.session import Session

    with Session(settings):
        flights.collect("2013-02-01", "2013-03-01")

`import bighead` binds one over the settings of the environment; no server runs and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from bighead.pipeline_lib.clock import Clock
from bighead.pipeline_lib.errors import DefinitionError, EventTimeError
from bighead.pipeline_lib.features import CalendarSource, EntitySource, FeatureSet, TrainingSet
from bighead.pipeline_lib.features.care import masked, pii_features, pii_inputs
from bighead.pipeline_lib.planning import Plan, plan_project
from bighead.pipeline_lib.point_in_time import (
    SourceRows,
    StoreRows,
    build_training_set,
    trace,
    values_at,
)
from bighead.pipeline_lib.point_in_time.declared_values import shown
from bighead.pipeline_lib.point_in_time.questions import questions_between
from bighead.pipeline_lib.point_in_time.training import rows_needed
from bighead.pipeline_lib.ports import FeatureStore, TableReader, bind
from bighead.pipeline_lib.project import Project
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.settings import Settings
from bighead.resources.spark_choice import source_tables

_log = logging.getLogger(__name__)


class Session:
    """Answers `preview`, `collect` and `trace` from backfilled days where all are there, else from sources.

    Args:
        settings: Where things are; by default those of the environment.
        tables: Source tables; by default the settings' warehouse, and Spark's catalogue where they name one.
        store: The offline store; by default Delta tables under the settings' home.
        clock: What time it is; by default the settings' clock.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        tables: TableReader | None = None,
        store: FeatureStore | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.tables: TableReader = tables or source_tables(self.settings.warehouse, self.settings.spark)
        self.store: FeatureStore = store or DeltaOfflineStore(self.settings.offline)
        self.clock: Clock = clock or self.settings.now_clock
        self.used: dict[str, str] = {}

    def __enter__(self) -> Session:
        bind(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        bind(None)

    def rows(self, feature_set: FeatureSet, start: datetime | None, end: datetime) -> pl.DataFrame:
        """Return a set's cleaned rows from one place, never mixed; `used` remembers which, by set.

        Raises:
            DataError, UnknownNameError: as the source or the store says.
        """
        if isinstance(feature_set.source, CalendarSource):
            self.used[feature_set.name] = "calendar"
            return SourceRows(self.tables).rows(feature_set, start, end)
        stored = StoreRows(self.store)
        lacking = stored.lacking(feature_set, start, end)
        if not lacking:
            self.used[feature_set.name] = "offline store"
            return stored.rows(feature_set, start, end)
        grain = feature_set.grain
        place = f"source ({len(lacking)} {grain.noun}s from {grain.key(lacking[0])} on are not backfilled)"
        if self.used.get(feature_set.name) != place:
            _log.info("%s is read from its %s", feature_set.name, place)
        self.used[feature_set.name] = place
        # What a set is built on has a place of its own.
        return SourceRows(self.tables, upstream=self).rows(feature_set, start, end)

    def collect(self, training_set: TrainingSet, start: datetime | str, end: datetime | str) -> pl.DataFrame:
        """Return the rows of a training set with start ≤ t < end (UTC), in the left table's order.

        Raises:
            DataError: no question lies in the span, or a check fails.
        """
        first, last = instant(start), instant(end)
        left = questions_between(training_set, self.tables, first, last)
        return build_training_set(training_set, left, self).frame

    def preview(
        self, feature_set: FeatureSet, *, at: datetime | str | None = None, keys: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """Return the set's features as of `at`, for `keys` or every key with a row in reach, sorted by key.

        Of what the set declares as pii it shows only whether there is a value.

        Raises:
            DataError: the source's rows cannot be what the definition says.
        """
        when = instant(at) if at is not None else self.clock.now()
        start, end = rows_needed(feature_set, pl.Series([when], dtype=pl.Datetime("us", "UTC")))
        rows = self.rows(feature_set, start, end)
        if keys is None:
            keys = _keys_in_reach(feature_set, rows, when)
        names = list(feature_set.keys)
        left = keys.select(names) if names else pl.DataFrame({"at": [None]})
        left = left.with_columns(pl.lit(when).cast(pl.Datetime("us", "UTC")).alias("__when"))
        values, _ = values_at(left, feature_set.on(), rows, "__when")
        shown = pl.concat([left.select(names), values], how="horizontal")
        return masked(shown, pii_inputs(feature_set) & set(names) | pii_features(feature_set))

    def plan(
        self,
        project: Project | str | Path | None = None,
        feature_sets: Sequence[str] = (),
        *,
        late: bool = False,
    ) -> Plan:
        """Return what a backfill would compute for a project, by default that of the settings, and who uses it.

        Nothing is computed or written; printed, the plan tells itself in words. With `late` all sources are read, and
        stored days that rows came late for, were changed in or taken out of are among those to compute.

        Raises:
            UnknownNameError: no such project or feature set.
            DefinitionError: nothing says when the project's history starts.
        """
        from bighead.resources.lmdb_online_store import LmdbOnlineStore

        chosen = project if isinstance(project, Project) else Project.load(project or self.settings.project)
        if not self.settings.online.is_dir():
            return plan_project(chosen, self.store, self.clock.now(), None, feature_sets, self.tables, late)
        online = LmdbOnlineStore(self.settings.online)
        try:
            return plan_project(chosen, self.store, self.clock.now(), online, feature_sets, self.tables, late)
        finally:
            online.close()

    def trace(
        self, feature_set: FeatureSet, feature: str, key: Mapping[str, Any], at: datetime | str
    ) -> pl.DataFrame:
        """Return the rows that made one value, in order of time; columns that are pii say `***`.

        Raises:
            UnknownNameError: no such feature.
        """
        when = instant(at)
        start, end = rows_needed(feature_set, pl.Series([when], dtype=pl.Datetime("us", "UTC")))
        made = trace(feature_set, feature, key, when, self.rows(feature_set, start, end))
        return masked(shown(made, feature_set), pii_inputs(feature_set))


def instant(value: datetime | str) -> datetime:
    """Return an instant in UTC; ISO text without a zone is UTC.

    >>> instant("2013-11-01T10:00").isoformat()
    '2013-11-01T10:00:00+00:00'

    Raises:
        DefinitionError: text that is no ISO time.
        EventTimeError: a naive datetime.
    """
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError as error:
            raise DefinitionError(
                f"{value!r} is no time.", cure="Expected ISO, as '2013-11-01T10:00Z'."
            ) from error
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    if value.tzinfo is None:
        raise EventTimeError(f"{value} is naive.", cure="Give it a time zone, as tzinfo=UTC.")
    return value.astimezone(UTC)


def _keys_in_reach(feature_set: FeatureSet, rows: pl.DataFrame, when: datetime) -> pl.DataFrame:
    if isinstance(feature_set.source, CalendarSource):
        return pl.DataFrame()
    if feature_set.source.retracts:
        over = (pl.col("available_to") < when).fill_null(False)
        rows = rows.filter(pl.col("available_at") <= when, ~over)
    elif isinstance(feature_set.source, EntitySource) and rows.height:
        rows = rows.filter(pl.col("event_time") == pl.col("event_time").max())
    names = list(feature_set.keys)
    return rows.select(names).unique().drop_nulls().sort(names)


@cache
def default_session() -> Session:
    """Return the session over the environment's settings; opened once."""
    return Session()
