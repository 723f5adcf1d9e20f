"""Where an artifact stands, in one word: what tables show and what may be promoted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from bighead.pipeline_lib.registry.values import Artifact, Desired

Standing = Literal["active", "promoting", "failed", "was active", "released", "registered"]


def standing(artifact: Artifact, desired: Desired, been_active: Collection[int]) -> Standing:
    """Return where `artifact` stands, given what gateways shall do and which ones were ever active.

    A failed check outweighs the past: what was once active and has failed since is *failed*.
    """
    if artifact.number == desired.active:
        return "active"
    if artifact.number == desired.promoting:
        return "promoting"
    if any(not check.passed for check in artifact.checks):
        return "failed"
    if artifact.number in been_active:
        return "was active"
    return "released" if artifact.released else "registered"
