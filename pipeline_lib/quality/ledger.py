"""The last verdict of each check of a set, kept beside its profiles for those who have no Dagster at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.profiles.store import ProfileStore
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
    """Record verdicts over the earlier ones of the same checks; a check that is no longer declared is dropped."""
    declared = {UPSTREAM, *(each.name for each in feature_set.checks)}
    earlier = profiles.noted("features", feature_set.name, NOTE).get("verdicts") or {}
    told: dict[str, Any] = {name: kept for name, kept in earlier.items() if name in declared}
    for verdict in verdicts:
        plain = asdict(verdict) | {"failing": [asdict(each) for each in verdict.failing[:_SHOWN]]}
        told[verdict.check] = {"at": at.isoformat(), "days": len(verdict.failing), **plain}
    profiles.note("features", feature_set.name, NOTE, {"verdicts": told})


def recorded_verdicts(profiles: ProfileStore, set_name: str) -> tuple[RecordedVerdict, ...]:
    """Return the last verdict of each check, those that failed first."""
    told = profiles.noted("features", set_name, NOTE).get("verdicts") or {}
    found = []
    for kept in told.values():
        failing = tuple(Failing(each["day"], each["seen"]) for each in kept["failing"])
        verdict = Verdict(
            kept["check"], kept["severity"], kept["text"], kept["said"], failing, kept["judged"]
        )
        found.append(RecordedVerdict(verdict, datetime.fromisoformat(kept["at"]), kept["days"]))
    return tuple(sorted(found, key=lambda each: (each.passed, each.verdict.check)))
