"""Hours, days and weeks as Dagster partitions, ending at the clock, and which upstream ones a window reaches."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import dagster as dg

from bighead.pipeline_lib.clock import Clock, ReplayClock
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY, Grain
from bighead.pipeline_lib.features.source import Events
from bighead.pipeline_lib.features.window import DAY

WEEK = 7 * DAY
# Thirty years: Dagster cuts a mapping where the upstream begins, but walks through its whole length.
ALL_PAST_DAYS = 10_958
_WEEKDAYS = {name: str(n) for n, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}


def replayed_end(clock: Clock) -> date | None:
    """Return the day at whose midnight a replay's partitions end; None where they follow the real time."""
    return clock.now().date() if isinstance(clock, ReplayClock) else None


def replayed_hour(clock: Clock) -> datetime | None:
    """Return the hour at whose start a replay's hourly partitions end; None where they follow the real time."""
    now = clock.now()
    return HOURLY.start(HOURLY.holding(now)) if isinstance(clock, ReplayClock) else None


@lru_cache
def daily(start: date, end: date | None) -> dg.DailyPartitionsDefinition:
    """Return UTC days from `start` to `end` (exclusive); equal arguments give the same object."""
    return dg.DailyPartitionsDefinition(
        start_date=start.isoformat(), end_date=end.isoformat() if end else None
    )


@lru_cache
def hourly(start: date, end: datetime | None) -> dg.HourlyPartitionsDefinition:
    """Return UTC hours from the midnight of `start` to `end` (exclusive); equal arguments give the same object."""
    last = HOURLY.key(end) if end else None
    return dg.HourlyPartitionsDefinition(start_date=HOURLY.key(start), end_date=last)


@lru_cache
def weekly(start: date, weekday: int, end: date | None) -> dg.WeeklyPartitionsDefinition:
    """Return UTC weeks that begin on `weekday` (0 is Sunday, as in cron), the first holding `start`."""
    first = start - timedelta(days=(start.isoweekday() - weekday) % 7)
    end_date = end.isoformat() if end else None
    return dg.WeeklyPartitionsDefinition(start_date=first.isoformat(), day_offset=weekday, end_date=end_date)


def weekday_of(cron: str) -> int:
    """Return the weekday on which a weekly cron schedule runs, 0 for Sunday.

    >>> weekday_of("0 0 * * 5")
    5

    Raises:
        DefinitionError: the schedule does not run once a week.
    """
    fields = cron.split()
    day = _WEEKDAYS.get(fields[4].upper(), fields[4]) if len(fields) == 5 else ""
    if fields[2:4] != ["*", "*"] or not day.isdigit() or int(day) > 7:
        raise DefinitionError(
            f"a model is fitted on the schedule {cron!r}.",
            cure="Expected once a week, as Schedules.Mondays: artifacts are partitioned by week.",
        )
    return int(day) % 7


def reach(feature_set: FeatureSet) -> int | None:
    """Return how many µs before a question a set's rows still count; None for all the past.

    An entity's newest snapshot counts however old it is.
    """
    return feature_set.max_window if isinstance(feature_set.source, Events) else None


def past(feature_set: FeatureSet, grain: Grain) -> dg.TimeWindowPartitionMapping:
    """Map a partition of a grain to a set's partitions in it, and those before it that its longest window reaches."""
    span, length = reach(feature_set), grain.length
    if span is None:
        return _mapping(ALL_PAST_DAYS * (timedelta(days=1) // length))
    return _mapping(-(timedelta(microseconds=-span) // length))


def back(below: FeatureSet, above: FeatureSet) -> dg.TimeWindowPartitionMapping:
    """Map a partition of a set to those of a set that it is built on: of whole days those that are over by then."""
    mapping = past(below, above.grain)
    if above.grain is DAILY or below.grain is HOURLY:
        return mapping
    # A day before the hour's end lies in the day before its own, whichever hour it is.
    whole = DAILY.length // HOURLY.length
    return dg.TimeWindowPartitionMapping(start_offset=min(mapping.start_offset, -whole), end_offset=-whole)


def past_days(feature_set: FeatureSet) -> dg.TimeWindowPartitionMapping:
    """Map a day to its own partitions and those of the days before it that the set's longest window reaches."""
    return past(feature_set, DAILY)


def past_weeks(feature_set: FeatureSet) -> dg.TimeWindowPartitionMapping:
    """Map a week to its partitions and those before it that the set's longest window reaches.

    Offsets count in downstream weeks, so the reach is rounded up to whole weeks.
    """
    span = reach(feature_set)
    weeks = ALL_PAST_DAYS // 7 if span is None else -(-span // WEEK)
    return _mapping(weeks)


def all_past_weeks() -> dg.TimeWindowPartitionMapping:
    """Map a week to itself and every week before it."""
    return _mapping(ALL_PAST_DAYS // 7)


def same_window() -> dg.TimeWindowPartitionMapping:
    """Map a partition to the one of the same span."""
    return _mapping(0)


def _mapping(before: int) -> dg.TimeWindowPartitionMapping:
    return dg.TimeWindowPartitionMapping(start_offset=-before, end_offset=0)


def span_of(key: str, days: int) -> tuple[datetime, datetime]:
    """Return the half-open UTC span of a partition that starts on the day `key` and lasts `days`.

    >>> span_of("2013-10-25", 7)[1].isoformat()
    '2013-11-01T00:00:00+00:00'
    """
    start = datetime.fromisoformat(key).replace(tzinfo=UTC)
    return start, start + timedelta(days=days)
