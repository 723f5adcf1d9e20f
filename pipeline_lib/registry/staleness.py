"""The staleness rule: a release is a candidate only if its data ends later than the active artifact's.

So a backfilled run of an old partition never replaces a newer model, whatever launched it.
"""

from __future__ import annotations

from bighead.pipeline_lib.errors import StaleReleaseError
from bighead.pipeline_lib.registry.values import Artifact


def check_fresh(candidate: Artifact, active: Artifact | None) -> None:
    """Refuse a candidate whose data ends no later than the active artifact's.

    Raises:
        StaleReleaseError: the active artifact has seen data as new or newer.
    """
    if active is None or candidate.data_interval[1] > active.data_interval[1]:
        return
    raise StaleReleaseError(
        f"artifact {candidate.number} of {candidate.model!r} has data until {_day(candidate)}, and the "
        f"active artifact {active.number} until {_day(active)}.",
        cure="Train on newer data; to go back on purpose, roll back or promote with force.",
    )


def _day(artifact: Artifact) -> str:
    return artifact.data_interval[1].strftime("%Y-%m-%d %H:%M UTC")
