"""Declared checks against stored profiles: which of the judged days do not hold, and what was seen there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features.batch_grain import Grain, key_of
from bighead.pipeline_lib.features.care import pii_inputs
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.window import duration
from bighead.pipeline_lib.profiles.column import ColumnProfile, instant_of
from bighead.pipeline_lib.profiles.profile import Profile
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality.checks import (
    LEAST_DAYS,
    Check,
    Drift,
    Freshness,
    Lateness,
    NullRate,
    Range,
    Unique,
    Volume,
)
from bighead.pipeline_lib.quality.declared import stored_columns
from bighead.pipeline_lib.quality.drifting import drift_seen
from bighead.pipeline_lib.quality.row_checks import PARTITION, Rows, came_late, doubled

# What arrives last is among the newest days that have rows, this many of them.
_RECENT = 31
Span = Callable[[date, date], pl.LazyFrame]


@dataclass(frozen=True)
class Failing:
    """A day that does not hold, and what was seen."""

    day: str
    seen: str


@dataclass(frozen=True)
class Verdict:
    """How a check went: what must hold, what was seen, the days that do not hold, and how many were judged."""

    check: str
    severity: str
    text: str
    said: str
    failing: tuple[Failing, ...] = ()
    judged: int = 0

    @property
    def passed(self) -> bool:
        """Whether no judged day fails."""
        return not self.failing


@dataclass(frozen=True)
class Judged:
    """A table whose partitions are judged.

    Args:
        names: The columns that checks may name, and what the stored rows call them; others are called as they are.
        history: The profiles of its partitions.
        rows: Its rows, for what profiles cannot tell.
        now: The platform's clock, UTC, for freshness.
        lateness_us: How late its rows may come where the check does not say.
        unit: What a partition is called.
        hidden: The stored columns that tell of persons: no verdict shows a value of theirs.
    """

    names: Mapping[str, str]
    history: History
    rows: Rows
    now: datetime
    lateness_us: int = 0
    unit: str = "day"
    hidden: frozenset[str] = frozenset()


def judge(
    feature_set: FeatureSet, days: Sequence[date], history: History, rows: Span, now: datetime
) -> list[Verdict]:
    """Judge every check of a set over these days.

    Args:
        feature_set: What is judged.
        days: UTC days; those without a profile are not judged.
        history: The profiles of the set's days.
        rows: The stored rows of a span of days, both included, for what profiles cannot tell.
        now: The platform's clock, UTC, for freshness.
    """
    lateness = duration(getattr(feature_set.source, "lateness", "0s"))
    names, hidden, grain = stored_columns(feature_set), pii_inputs(feature_set), feature_set.grain
    table = Judged(names, history, _by_partition(rows, grain), now, lateness, grain.noun, hidden)
    return judge_table(feature_set.checks, [key_of(day) for day in days], table)


def judge_table(checks: Sequence[Check], partitions: Sequence[str], table: Judged) -> list[Verdict]:
    """Judge checks over those of the partitions that have a profile."""
    keys = sorted(set(partitions) & set(table.history.partitions))
    return [_judge(check, keys, table) for check in checks]


def _judge(check: Check, keys: list[str], table: Judged) -> Verdict:
    judged, history, names = len(keys), table.history, table.names
    if isinstance(check, Freshness):
        judged, failing = 1, _stale(check, names.get(check.column, check.column), history, table.now)
    elif isinstance(check, Unique):
        found = doubled([names.get(each, each) for each in check.columns], keys, table.rows)
        failing = [Failing(key, text) for key, text in found.items()]
    elif isinstance(check, Lateness):
        within = table.lateness_us if check.within is None else duration(check.within)
        failing = [Failing(key, text) for key, text in came_late(check, within, keys, table.rows).items()]
    else:
        by_key = {key: profile for key in keys if (profile := history.of(key)) is not None}
        judged = len(by_key)
        seen = {key: _seen(check, key, each, names, history) for key, each in by_key.items()}
        failing = [Failing(key, text) for key, text in seen.items() if text]
    if isinstance(check, Unique | Range) and table.hidden & {names.get(each, each) for each in check.columns}:
        failing = [Failing(each.day, "a value that is not shown, since it is pii") for each in failing]
    said = _said_of(check, failing, judged, table.unit)
    return Verdict(check.name, check.severity, check.text, said, tuple(failing), judged)


def _said_of(check: Check, failing: list[Failing], judged: int, unit: str) -> str:
    if failing:
        more = f" and {len(failing) - 1} more {unit}s" if len(failing) > 1 else ""
        return f"{failing[0].day}: {failing[0].seen}{more}; expected that {check.text}"
    if not judged:
        return f"no {unit} to judge"
    return f"{check.text}: so on {judged} {unit}{'s' if judged > 1 else ''}"


def _by_partition(rows: Span, grain: Grain) -> Rows:
    """Return what reads spans of partitions that follow one another."""

    def read(keys: Sequence[str]) -> pl.LazyFrame:
        partition = grain.key_of(pl.col("event_time")).alias(PARTITION)
        spans = grain.runs([grain.parse(key) for key in keys])
        return pl.concat([rows(first, last).with_columns(partition) for first, last in spans])

    return read


def _seen(check: Check, key: str, profile: Profile, names: Mapping[str, str], history: History) -> str:
    """Return what does not hold on a day; nothing where all is well."""
    if isinstance(check, Volume):
        return _volume(check, profile.rows, [each.rows for each in history.before(key, check.trailing)])
    column = profile.columns.get(names.get(check.columns[0], check.columns[0]))
    if column is None:
        return f"the column {check.columns[0]!r} is not stored"
    if isinstance(check, NullRate):
        return f"{column.null_share:.2%} null" if column.null_share > check.max else ""
    if isinstance(check, Range):
        return _outside(check, column)
    assert isinstance(check, Drift)
    return drift_seen(
        check, names.get(check.column, check.column), column, history.before(key, check.trailing)
    )


def _volume(check: Volume, rows: int, earlier: list[int]) -> str:
    if check.min_rows is not None and rows < check.min_rows:
        return f"{rows:,} rows"
    if check.max_rows is not None and rows > check.max_rows:
        return f"{rows:,} rows"
    if check.share is not None and len(earlier) >= LEAST_DAYS:
        mean = sum(earlier) / len(earlier)
        if abs(rows - mean) > check.share * mean:
            return f"{rows:,} rows, the mean before is {mean:,.0f}"
    return ""


def _outside(check: Range, column: ColumnProfile) -> str:
    if column.kind == "number" and column.infinities:
        return f"{column.infinities} infinite values"
    is_time = column.kind == "time"
    below = _beyond(column.minimum, check.min, is_time, -1)
    return f"the least is {below}" if below else _said(_beyond(column.maximum, check.max, is_time, 1))


def _said(above: str) -> str:
    return f"the greatest is {above}" if above else ""


def _beyond(seen: int | float | str | None, bound: float | str | None, is_time: bool, side: int) -> str:
    """Return the extreme in words where it lies beyond the bound, on the side −1 or 1."""
    if seen is None or bound is None:
        return ""
    limit = _micros(bound) if is_time and isinstance(bound, str) else bound
    if isinstance(seen, str) != isinstance(limit, str):
        return f"{seen!r}, which cannot be compared with {bound!r}"
    further = seen > limit if side > 0 else seen < limit  # type: ignore[operator]
    shown = instant_of(seen).isoformat() if is_time and not isinstance(seen, str) else f"{seen}"
    return shown if further else ""


def _micros(text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise DefinitionError(
            f"{text!r} is no time.", cure="Expected ISO, as '2013-11-01T10:00Z'."
        ) from error
    utc = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (utc - instant_of(0)) // timedelta(microseconds=1)


def _stale(check: Freshness, column: str, history: History, now: datetime) -> list[Failing]:
    newest: list[float] = []
    for key in reversed(history.partitions):
        profile = history.of(key)
        if len(newest) == _RECENT:
            break
        found = profile.columns.get(column) if profile else None
        if found is not None and found.kind == "time" and isinstance(found.maximum, int):
            newest.append(found.maximum)
    last = history.partitions[-1] if history.partitions else "–"
    if not newest:
        return [Failing(last, f"no {check.column} on any stored day")]
    age = now - instant_of(max(newest))
    if age <= timedelta(microseconds=check.within_us):
        return []
    hours = age / timedelta(hours=1)
    return [Failing(last, f"the newest is {instant_of(max(newest)):%Y-%m-%d %H:%M} UTC, {hours:,.1f} h old")]
