"""The grain of a set's partitions, days or hours of UTC: their spans, their keys, and which one holds an instant.

A partition is written as what it is: a day is a `date`, an hour the aware `datetime` at which it starts. Keys are
those that Dagster writes; they sort as time does, and no day's key is an hour's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.source import EntitySource, Source

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Grain:
    """How rows are cut into partitions, by event_time.

    Args:
        name: As a definition says it: `1d` or `1h`.
        length: How long a partition is.
        noun: What one is called.
        form: A key, as `strftime` writes it.
    """

    name: str
    length: timedelta
    noun: str
    form: str

    @property
    def least(self) -> date:
        """A partition before all others: what reaches back without end."""
        return self.holding(datetime.min.replace(tzinfo=UTC))

    def holding(self, instant: datetime) -> date:
        """Return the partition that holds an aware instant.

        >>> HOURLY.key(HOURLY.holding(datetime(2024, 1, 5, 13, 59, tzinfo=UTC)))
        '2024-01-05-13:00'
        """
        utc = instant.astimezone(UTC)
        return utc.date() if self is DAILY else utc.replace(minute=0, second=0, microsecond=0)

    def beginning(self, day: str) -> date:
        """Return the first partition of a day (ISO), as a source's `start_date` names it."""
        return self.holding(DAILY.start(date.fromisoformat(day)))

    def start(self, partition: date) -> datetime:
        """Return a partition's first instant, UTC."""
        if isinstance(partition, datetime):
            return partition.astimezone(UTC)
        return datetime(partition.year, partition.month, partition.day, tzinfo=UTC)

    def ceil(self, instant: datetime) -> datetime:
        """Return the first instant from `instant` on at which a partition starts, UTC."""
        start = self.start(self.holding(instant))
        return start if start == instant else start + self.length

    def end(self, partition: date) -> datetime:
        """Return the first instant after a partition, UTC."""
        return self.start(partition) + self.length

    def next(self, partition: date) -> date:
        """Return the partition that follows."""
        return partition + self.length

    def key(self, partition: date) -> str:
        """Return a partition's key.

        >>> DAILY.key(date(2024, 1, 5))
        '2024-01-05'
        """
        # strftime writes years before 1000 without their zeros, isoformat writes them all.
        start = self.start(partition)
        return start.date().isoformat() + (f"-{start:%H:%M}" if self is HOURLY else "")

    def parse(self, key: str) -> date:
        """Return the partition of a key, as `key` writes it.

        Raises:
            DefinitionError: it is no key of this grain.
        """
        try:
            found = self.holding(datetime.strptime(key, self.form).replace(tzinfo=UTC))
        except ValueError:
            found = None
        # What strptime reads without its zeros, or in the midst of an hour, is no key either.
        if found is None or self.key(found) != key:
            raise DefinitionError(
                f"{key!r} is no {self.noun}.", cure=f"Expected {self.key(_EXAMPLE)!r}, say."
            )
        return found

    def between(self, start: datetime, end: datetime) -> list[date]:
        """Return the partitions that [start, end) touches, in order."""
        return self.run(self.holding(start), self.holding(end - timedelta(microseconds=1)))

    def whole(self, start: datetime, end: datetime) -> list[date]:
        """Return the partitions that start in [start, end) and are over by `end`, in order."""
        first, last = self.holding(self.ceil(start)), self.holding(end) - self.length
        return self.run(first, last)

    def run(self, first: date, last: date) -> list[date]:
        """Return the partitions from `first` to `last`, both included."""
        count = (self.start(last) - self.start(first)) // self.length
        return [first + n * self.length for n in range(count + 1)]

    def runs(self, partitions: Sequence[date]) -> list[tuple[date, date]]:
        """Return the runs of sorted partitions that follow one another, as (first, last)."""
        breaks = [n for n, (one, other) in enumerate(pairwise(partitions), 1) if other - one > self.length]
        edges = [0, *breaks, len(partitions)]
        return [(partitions[a], partitions[b - 1]) for a, b in pairwise(edges)] if partitions else []

    def of(self, time: pl.Expr) -> pl.Expr:
        """Return the partition of each UTC instant of a column."""
        return time.dt.date() if self is DAILY else time.dt.truncate("1h")

    def key_of(self, time: pl.Expr) -> pl.Expr:
        """Return the key of the partition of each UTC instant of a column."""
        return self.of(time).dt.strftime(self.form)

    def series(self, partitions: Sequence[date]) -> pl.Series:
        """Return partitions as a column that compares with `of`."""
        import polars as pl

        return pl.Series(list(partitions), dtype=pl.Date if self is DAILY else pl.Datetime("us", "UTC"))

    def count(self, number: int) -> str:
        """Return so many partitions in words.

        >>> DAILY.count(1), HOURLY.count(8760)
        ('1 day', '8,760 hours')
        """
        return f"{number:,} {self.noun}{'' if number == 1 else 's'}"


DAILY = Grain("1d", timedelta(days=1), "day", "%Y-%m-%d")
HOURLY = Grain("1h", timedelta(hours=1), "hour", "%Y-%m-%d-%H:%M")
GRAINS = {each.name: each for each in (DAILY, HOURLY)}
_EXAMPLE = datetime(2024, 1, 5, 13, tzinfo=UTC)


def check_batch(name: str, batch: str, source: Source) -> None:
    """Refuse a grain that there is not, or that a source has no use for.

    Raises:
        DefinitionError: neither `1d` nor `1h`; or hours of snapshots that are of days.
    """
    if batch not in GRAINS:
        raise DefinitionError(
            f"batch is {batch!r}.", cure="Expected '1d' or '1h': partitions are days or hours of UTC."
        )
    if not isinstance(source, EntitySource) or source.retracts:
        return
    if batch != DAILY.name and source.every == DAILY.name:
        raise DefinitionError(
            f"{name!r} has batch={batch!r}, and snapshots of days.",
            cure="Leave batch out: hours between two snapshots hold nothing. Snapshots of hours are every='1h'.",
        )


def grain_of(partition: date) -> Grain:
    """Return the grain of a partition: an hour is a datetime, a day is not.

    >>> grain_of(date(2024, 1, 5)).name
    '1d'
    """
    return HOURLY if isinstance(partition, datetime) else DAILY


def grain_of_key(key: str) -> Grain:
    """Return the grain whose keys look like this one.

    >>> grain_of_key("2024-01-05-13:00").name
    '1h'
    """
    return HOURLY if len(key) > len("2024-01-05") else DAILY


def start_of(key: str) -> datetime:
    """Return the first instant of the partition of a key, whatever its grain.

    >>> start_of("2024-01-05-13:00").isoformat()
    '2024-01-05T13:00:00+00:00'
    """
    grain = grain_of_key(key)
    return grain.start(grain.parse(key))


def key_of(partition: date) -> str:
    """Return a partition's key, whatever its grain."""
    return grain_of(partition).key(partition)
