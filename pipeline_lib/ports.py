"""What the library needs from outside, as protocols: `bighead.resources` adapts, a session binds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.batch_grain import DAILY, Grain

if TYPE_CHECKING:
    import polars as pl

    from bighead.pipeline_lib.features import FeatureSet, TrainingSet
    from bighead.pipeline_lib.features.row_definition import RowDefinition, Spent, StoredDay


class TableReader(Protocol):
    """Source tables by name."""

    def scan(self, table: str) -> pl.LazyFrame:
        """Return the table, lazily.

        Raises:
            UnknownNameError: there is no such table.
        """
        ...

    def fingerprint(self, table: str) -> str:
        """Return a text that changes when the table's contents may have."""
        ...


@runtime_checkable
class SqlReader(TableReader, Protocol):
    """Source tables beside an SQL engine of their own, which runs the queries of sources of type `hive`."""

    def query(self, sql: str, dependencies: Sequence[str], where: str) -> pl.LazyFrame:
        """Return what a query gives, lazily.

        Raises:
            DefinitionError: it does not run.
        """
        ...


class FeatureStore(Protocol):
    """The offline store: cleaned rows of feature sets by day or hour; training sets and scores by partition.

    A partition is a `date`, or for sets of hourly batches the aware `datetime` at which its hour starts.
    """

    def write_days(
        self,
        set_name: str,
        days: Sequence[date],
        frame: pl.DataFrame,
        definition: RowDefinition | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Replace partitions of a set by the frame's rows in one commit; one without rows is kept as empty.

        Of a day that is stored whole the other hours stay. The same commit records for each partition the
        definition its rows were computed from, and the seconds that computing them all took.
        """
        ...

    def stored_days(self, set_name: str, grain: Grain = DAILY) -> dict[date, StoredDay]:
        """Return what is known of each partition of a grain that was written: its rows and their definition.

        A day that was stored whole is there as its hours, and so is a day of which every hour was stored.
        """
        ...

    def spent(self, set_name: str, grain: Grain = DAILY) -> Spent:
        """Return what the latest recorded backfills of a set took, counted in partitions of a grain."""
        ...

    def scan(self, set_name: str, start: datetime, end: datetime) -> pl.LazyFrame:
        """Return a set's rows with start ≤ event_time < end (UTC)."""
        ...

    def days(self, set_name: str) -> set[date]:
        """Return the days that were written, empty ones included."""
        ...

    def written_at(self, set_name: str, grain: Grain = DAILY) -> dict[date, datetime]:
        """Return when each day was last written, UTC."""
        ...

    def note(self, set_name: str, name: str, told: dict[str, Any]) -> None:
        """Remember something of a set, in place of what was noted under the name."""
        ...

    def noted(self, set_name: str, name: str) -> dict[str, Any]:
        """Return what was noted of a set; empty where nothing was."""
        ...

    def version(self, set_name: str) -> int:
        """Return the number of the last commit of a set, −1 before the first."""
        ...

    def write_partition(
        self, kind: str, name: str, partition_key: str, frame: pl.DataFrame, made_of: str = ""
    ) -> None:
        """Replace one partition of a `training_sets` or `scores` table in one commit, made of a definition."""
        ...

    def made_of(self, kind: str, name: str) -> dict[str, str | None]:
        """Return the hash that each partition was written with, None where it was written without."""
        ...

    def read_partition(self, kind: str, name: str, partition_key: str) -> pl.DataFrame:
        """Return one partition.

        Raises:
            UnknownNameError: it was never written.
        """
        ...

    def read_partitions(
        self, kind: str, name: str, partition_keys: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return partitions one after another, all of them by default, in order of their keys."""
        ...

    def partitions(self, kind: str, name: str) -> list[str]:
        """Return the keys of the partitions that were written, sorted."""
        ...


class Session(Protocol):
    """What answers `feature_set.preview`, `feature_set.trace` and `training_set.collect` on a laptop."""

    def preview(
        self, feature_set: FeatureSet, *, at: datetime | str | None, keys: pl.DataFrame | None
    ) -> pl.DataFrame:
        """Return a set's features as of an instant."""
        ...

    def trace(
        self, feature_set: FeatureSet, feature: str, key: Mapping[str, Any], at: datetime | str
    ) -> pl.DataFrame:
        """Return the rows that made one value."""
        ...

    def collect(self, training_set: TrainingSet, start: datetime | str, end: datetime | str) -> pl.DataFrame:
        """Return the rows of a training set with start ≤ t < end."""
        ...


_session: ContextVar[Session | None] = ContextVar("bighead_session", default=None)
_default: list[Callable[[], Session]] = []


def bind(session: Session | None) -> None:
    """Make `session` the one that answers in this context; None returns to the default."""
    _session.set(session)


def bind_default(open_session: Callable[[], Session]) -> None:
    """Name the function that opens a session where none is bound; it is called at each use: cache there."""
    _default[:] = [open_session]


def current_session() -> Session:
    """Return the bound session, else the default one.

    Raises:
        DefinitionError: there is neither.
    """
    bound = _session.get()
    if bound is None and _default:
        bound = _default[0]()
    if bound is None:
        raise DefinitionError("no session is bound.", cure="import bighead, or bind one of your own.")
    return bound
