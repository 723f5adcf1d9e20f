"""Facts of entities: daily snapshots, intervals of validity, or mutations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.mutations import Mutations
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.features.zone import check_start, check_zone

SPANS = {"1d": timedelta(days=1), "1h": timedelta(hours=1)}
"""How long the spans are that snapshots are of."""


@dataclass(frozen=True)
class EntitySource:
    """Facts of entities: daily or hourly snapshots, or, if they are named, intervals of validity or mutations.

    The snapshot of day D is known from the end of D + `landing` on; at t the newest whole snapshot counts, and a key
    that it lacks is missing: older snapshots are never asked. With `valid_from` a row counts at t iff `valid_from`
    is before t and `valid_to` is not. With `mutations` the last version of a key's row that was known before t
    counts. The set's `boundary` says whether what begins, or ends, at exactly t does.

    Args:
        table: The table in the warehouse, all snapshots, intervals or mutations in it.
        snapshot: Column of the snapshot's day (a date, or ISO text).
        landing: How long after its day's (or hour's) end a snapshot is complete.
        select: Derived columns, `{name: SQL expression}`.
        where: SQL condition over the table's columns.
        valid_from: Column of the time from which on a row is valid (timestamps), in place of snapshots.
        valid_to: Column of the time from which on it no longer is; null is for ever.
        mutations: How the table tells mutations of the row that the set's keys name, in place of snapshots.
        timezone: IANA zone of naive time columns.
        fold: Which of two ambiguous local times is meant: `earliest` or `latest`; without it they are errors.
        start_date: First day of intervals or mutations, ISO; stored days answer only from it on, since what began
            before the first of them would lack.
        every: What a snapshot is of: `1d`, a day; or `1h`, an hour of UTC, and its column then holds whole hours,
            as timestamps or as text, `2013-01-01-13:00`.

    Raises:
        DefinitionError: an empty name, a negative landing, an unknown `every`, or two kinds of facts at once.
    """

    table: str
    snapshot: str = "ds"
    landing: str = "0s"
    select: Mapping[str, str] | None = field(default=None, hash=False)
    where: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    mutations: Mutations | None = None
    timezone: str | None = None
    fold: str | None = None
    start_date: str | None = None
    every: str = "1d"

    def __post_init__(self) -> None:
        object.__setattr__(self, "select", None if self.select is None else dict(self.select))
        if not self.table or not self.snapshot:
            raise DefinitionError(
                f"an entity source has table={self.table!r}, snapshot={self.snapshot!r}.", cure="Name both."
            )
        if self.landing_us < 0:
            raise DefinitionError(
                f"landing={self.landing!r} is negative.", cure="A snapshot is known after its day."
            )
        if (self.valid_from is None) != (self.valid_to is None):
            raise DefinitionError(
                f"valid_from is {self.valid_from!r} and valid_to {self.valid_to!r}.",
                cure="Name both columns.",
            )
        self._check_kind()
        if self.timezone is not None:
            check_zone(self.timezone)
        if self.fold not in (None, "earliest", "latest"):
            raise DefinitionError(f"fold is {self.fold!r}.", cure="Expected 'earliest' or 'latest'.")

    def _check_kind(self) -> None:
        if self.valid_from is not None and self.mutations is not None:
            raise DefinitionError(
                "an entity source has both valid_from and mutations.", cure="Keep what its table holds."
            )
        if self.mutations is not None and self.mutations.envelope is not None:
            raise DefinitionError(
                f"mutations of facts have envelope={self.mutations.envelope!r}.",
                cure="Leave it out: facts are read from a table, which has columns.",
            )
        if self.start_date is not None and not self.retracts:
            raise DefinitionError(
                f"start_date={self.start_date!r} stands beside snapshots.",
                cure="A snapshot tells all that is.",
            )
        check_start(self.start_date)
        if self.every not in SPANS:
            raise DefinitionError(
                f"every is {self.every!r}.", cure="Expected '1d' or '1h': what a snapshot is of."
            )
        if self.retracts and (self.landing_us or self.snapshot != "ds" or self.every != "1d"):
            raise DefinitionError(
                f"landing={self.landing!r}, snapshot={self.snapshot!r} and every={self.every!r} are of snapshots.",
                cure="Leave them out: intervals and mutations say their times themselves.",
            )

    @property
    def retracts(self) -> bool:
        """Whether its rows hold up to a time, the `available_to` of cleaned rows."""
        return self.valid_from is not None or self.mutations is not None

    @property
    def span(self) -> timedelta:
        """How long the day or hour is that a snapshot is of."""
        return SPANS[self.every]

    @property
    def landing_us(self) -> int:
        """Microseconds from the end of a snapshot's day or hour until it is complete."""
        return duration(self.landing)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every warehouse table that is read."""
        return (self.table,)
