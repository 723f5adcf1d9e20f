"""Rows that happened at a time: a table, and perhaps the live stream of the same rows, or a batch-only query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.mutations import Mutations
from bighead.pipeline_lib.features.naming import check_columns
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.features.zone import check_start, check_zone

TYPES = ("hive", "delta", "parquet", "csv", "sql")


@dataclass(frozen=True)
class EventSource:
    """Rows that happened at `event_time` and could be known from `available_at` on.

    Args:
        table: The table in the warehouse; empty where `query` stands instead.
        event_time: Column of the time it happened (timestamps; naive ones need `timezone`).
        stream: The live stream of the same rows, if there is one.
        event_id: Column that tells events apart; breaks ties and finds duplicates.
        available_at: Column of the time it could be known; the later of it and `event_time` counts.
        delay: In place of that column: known this long after `event_time`, as `1h`.
        select: Derived columns, `{name: SQL expression over the table's columns}`.
        where: SQL condition over the table's columns; rows for which it is not true are left out.
        timezone: IANA zone of naive time columns.
        fold: Which of two ambiguous local times is meant: `earliest` or `latest`; without it they are errors.
        start_date: First day of the source, ISO; windows that reach before it are immature.
        query: Batch-only SQL (DuckDB's) in place of a table, with `{{start_date}}`, `{{end_date}}` and
            `{{latest_date}}`.
        dependencies: The tables that `query` reads.
        lateness: How long after its time a row may reach what a query reads; widens `{{end_date}}`.
        type: hive, delta, parquet, csv or sql: where the table lives; the warehouse finds it by name.
        mutations: How the table and the stream tell inserts, updates and deletes of rows that `event_id` names.
            A mutation is known from its time on, or the later `available_at`, or `delay` after it.
        cumulative: Column of the table's partitions, each of which holds all events up to it: only the newest is
            read.

    Raises:
        DefinitionError: what the arguments say together cannot be.
    """

    table: str = ""
    event_time: str = "event_time"
    stream: str | None = None
    event_id: str | None = None
    available_at: str | None = None
    delay: str | None = None
    select: Mapping[str, str] | None = field(default=None, hash=False)
    where: str | None = None
    timezone: str | None = None
    fold: str | None = None
    start_date: str | None = None
    query: str | None = None
    dependencies: Sequence[str] = ()
    lateness: str = "2d"
    type: str | None = None
    mutations: Mutations | None = None
    cumulative: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dependencies", check_columns("dependencies", self.dependencies))
        object.__setattr__(self, "select", None if self.select is None else dict(self.select))
        _check_place(self.table, self.query, self.stream, self.type)
        if not self.event_time:
            raise DefinitionError(
                "event_time is empty.", cure="Name the column of the time at which rows happened."
            )
        if self.available_at is not None and self.delay is not None:
            raise DefinitionError(
                f"both available_at={self.available_at!r} and delay={self.delay!r} are given.",
                cure="Keep the column where there is one; a delay stands in for it.",
            )
        if duration(self.lateness) < 0:
            raise DefinitionError(f"lateness={self.lateness!r} is negative.", cure="Expected '2d', say.")
        if self.delay_us < 0:
            raise DefinitionError(
                f"delay={self.delay!r} is negative.", cure="Nothing is known before it happened."
            )
        if self.fold not in (None, "earliest", "latest"):
            raise DefinitionError(f"fold is {self.fold!r}.", cure="Expected 'earliest' or 'latest'.")
        if self.timezone is not None:
            check_zone(self.timezone)
        check_start(self.start_date)
        _check_rows(self)

    @property
    def retracts(self) -> bool:
        """Whether its rows are taken back, by updates and deletes: cleaned rows have `available_to`."""
        return self.mutations is not None

    @property
    def delay_us(self) -> int:
        """Microseconds between an event and its being known, where no column says it."""
        return duration(self.delay) if self.delay is not None else 0

    @property
    def tables(self) -> tuple[str, ...]:
        """Every warehouse table that is read."""
        return tuple(self.dependencies) if self.query is not None else (self.table,)


def _check_place(table: str, query: str | None, stream: str | None, kind: str | None) -> None:
    if kind is not None and kind not in TYPES:
        raise UnknownNameError("source type", kind, TYPES)
    if bool(table) == (query is not None):
        raise DefinitionError(
            f"a source has table={table!r} and query={query!r}.",
            cure="Give one of them: a table, or a batch-only query.",
        )
    if query is not None and stream is not None:
        raise DefinitionError(
            f"a source has both a query and the stream {stream!r}.",
            cure="A query runs in batches only: put its result into a table, then use select and where.",
        )


def _check_rows(source: EventSource) -> None:
    mutations = source.mutations
    if mutations is not None and source.event_id is None:
        raise DefinitionError("a source with mutations has no event_id.", cure="Name the rows' primary key.")
    if mutations is not None and {source.event_time, source.event_id} & {
        mutations.action,
        mutations.sequence,
    }:
        raise DefinitionError(
            f"the mutations' columns {list(mutations.columns)} are the row's own, too.",
            cure="Name columns that tell of the mutation, not of the row.",
        )
    if mutations is not None and mutations.envelope is not None and source.stream is None:
        raise DefinitionError(
            f"mutations have envelope={mutations.envelope!r}, and their source has no stream.",
            cure="Name the stream whose messages come in it; a table has columns.",
        )
    if source.cumulative is not None and (not source.cumulative or source.query is not None):
        raise DefinitionError(
            f"cumulative is {source.cumulative!r} and query {source.query!r}.",
            cure="Name the column of a table's partitions; a query says itself which it reads.",
        )
