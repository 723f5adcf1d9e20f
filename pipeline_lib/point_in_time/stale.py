"""Which stored days answer for a definition: those of another one are refused, never silently mixed in."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date

from bighead.pipeline_lib.errors import StaleRowsError
from bighead.pipeline_lib.features.batch_grain import key_of
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.row_definition import StoredDay, row_definition

_log = logging.getLogger(__name__)


def stale_days(feature_set: FeatureSet, stored: Mapping[date, StoredDay]) -> dict[date, StoredDay]:
    """Return those of the stored days whose rows do not answer for the set as it is defined now."""
    now = row_definition(feature_set)
    # Few definitions, many days: each is compared once.
    answers: dict[object, bool] = {}
    stale = {}
    for day, each in stored.items():
        known = each.columns if each.definition is None else each.definition.hash
        if known not in answers:
            answers[known] = each.covers(now)
        if not answers[known]:
            stale[day] = each
    return stale


def days_to_compute(
    feature_set: FeatureSet, days: Sequence[date], stored: Mapping[date, StoredDay]
) -> list[date]:
    """Return those of `days` that are not stored, or stale; sorted."""
    stale = stale_days(feature_set, stored)
    return sorted({day for day in days if day not in stored or day in stale})


def refuse_stale(feature_set: FeatureSet, stale: Mapping[date, StoredDay]) -> None:
    """Refuse to read days that were computed from another definition.

    Raises:
        StaleRowsError: how many, what changed, and the cure.
    """
    if not stale:
        return
    days = sorted(stale)
    raise StaleRowsError(
        f"{len(days)} {feature_set.grain.noun}s of features/{feature_set.name}, {key_of(days[0])} to"
        f" {key_of(days[-1])}, were computed from"
        f" another definition: {what_changed(feature_set, stale[days[0]])}.",
        cure=f"`bighead plan` shows the difference, `bighead backfill {feature_set.name}` computes them again.",
    )


def what_changed(feature_set: FeatureSet, day: StoredDay) -> str:
    """Say in a few words how a stored day's definition differs from the present one."""
    now = row_definition(feature_set)
    if day.definition is None:
        return f"unknown, without {', '.join(sorted(set(now.inputs) - day.columns))}"
    told = [
        f"{each.field} was {each.stored or '–'}, is {each.now or '–'}" for each in day.definition.changes(now)
    ]
    added = day.definition.added(now)
    return "; ".join([*told, *([f"without {', '.join(added)}"] if added else [])])


def warn_of_unknown(feature_set: FeatureSet, days: Sequence[date]) -> None:
    """Say that days are read whose definition nobody recorded: they are taken to be what is asked."""
    if days:
        _log.warning(
            "%d %ss of features/%s, %s to %s, do not say from which definition they were computed;"
            " `bighead backfill %s --force` computes them again",
            *(len(days), feature_set.grain.noun, feature_set.name),
            *(key_of(min(days)), key_of(max(days)), feature_set.name),
        )
