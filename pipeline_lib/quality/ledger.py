"""The last verdict of each check of a set, kept beside its profiles for those who have no Dagster at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.profiles.store import ProfileStore
from bighead.pipeline_lib.quality.checks import Check
from bighead.pipeline_lib.quality.declared import UPSTREAM
from bighead.pipeline_lib.quality.judging import Failing, Verdict

NOTE = "checks"
_SHOWN = 20


@dataclass(frozen=True)
class RecordedVerdict:
    """A verdict, when it was given (UTC), and of how many days it says that they do not hold."""

    verdict: Verdict
    at: datetime
    failing: int

    @property
    def passed(self) -> bool:
        """Whether no judged day failed."""
        return not self.failing


def record_verdicts(
    profiles: ProfileStore, feature_set: FeatureSet, verdicts: Sequence[Verdict], at: datetime
) -> None:
    """Record a feature set's verdicts, see `record_table`."""
    record_table(profiles, ("features", feature_set.name), feature_set.checks, verdicts, at)


def record_table(
    profiles: ProfileStore,
    table: tuple[str, str],
    checks: Sequence[Check],
    verdicts: Sequence[Verdict],
    at: datetime,
) -> None:
    """Record verdicts over the earlier ones of the same checks; a check that is no longer declared is dropped.

    Args:
        profiles: Where they are kept.
        table: Its kind (`features`, `training_sets`, `scores`) and name.
        checks: Those that are declared.
        verdicts: What was found, at the instant `at` (UTC).
        at: When.
    """
    declared = {UPSTREAM, *(each.name for each in checks)}
    earlier = profiles.noted(*table, NOTE).get("verdicts") or {}
    told: dict[str, Any] = {name: kept for name, kept in earlier.items() if name in declared}
    for verdict in verdicts:
        plain = asdict(verdict) | {"failing": [asdict(each) for each in verdict.failing[:_SHOWN]]}
        told[verdict.check] = {"at": at.isoformat(), "days": len(verdict.failing), **plain}
    profiles.note(*table, NOTE, {"verdicts": told})


def recorded_verdicts(
    profiles: ProfileStore, name: str, kind: str = "features"
) -> tuple[RecordedVerdict, ...]:
    """Return the last verdict of each check, those that failed first."""
    told = profiles.noted(kind, name, NOTE).get("verdicts") or {}
    found = []
    for kept in told.values():
        failing = tuple(Failing(each["day"], each["seen"]) for each in kept["failing"])
        verdict = Verdict(
            kept["check"], kept["severity"], kept["text"], kept["said"], failing, kept["judged"]
        )
        found.append(RecordedVerdict(verdict, datetime.fromisoformat(kept["at"]), kept["days"]))
    return tuple(sorted(found, key=lambda each: (each.passed, each.verdict.check)))
