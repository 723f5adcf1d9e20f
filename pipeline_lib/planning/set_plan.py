"""One feature set as it is defined beside what is stored of it: what changed, and which days that asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.features.row_definition import (
    Change,
    RowDefinition,
    Spent,
    StoredDay,
    row_definition,
)
from bighead.pipeline_lib.point_in_time.stale import stale_days

NEW, UNCHANGED, ADDED, CHANGED, UNKNOWN = (
    "new",
    "unchanged",
    "columns added",
    "meaning changed",
    "unknown definition",
)


@dataclass(frozen=True)
class SetPlan:
    """What a backfill would do for one set.

    Args:
        name: The set's name.
        status: `new`, `unchanged`, `columns added`, `meaning changed`, or `unknown definition`: stored before
            definitions were recorded, and taken to be the present one.
        changes: What means something else than in stored days, field by field.
        added: Input columns that stored days lack.
        missing: Days to compute that are not stored.
        stale: Days to compute that another definition made.
        touched: Stored days whose rows mutations, sets that this one is built on, or rows that came late have changed
            since; the last are looked for only where asked for.
        unknown: How many stored days do not say what they were computed from.
        rows: About how many rows the days to compute will have; None where nothing was recorded yet.
        seconds: About how long that takes; None likewise.
        feature_sets: Names of the sets that are built on it, at any distance.
        training_sets: Names of the training sets that use the set, or one that is built on it.
        models: Names of the models that train on these.
        online: What of the online store no longer matches, in words.
    """

    name: str
    status: str
    changes: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[date, ...] = ()
    stale: tuple[date, ...] = ()
    touched: tuple[date, ...] = ()
    unknown: int = 0
    rows: int | None = None
    seconds: float | None = None
    feature_sets: tuple[str, ...] = ()
    training_sets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    online: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """The days to compute, in order."""
        return tuple(sorted({*self.missing, *self.stale, *self.touched}))


def plan_set(
    feature_set: FeatureSet,
    days: Sequence[date],
    stored: Mapping[date, StoredDay],
    spent: Spent,
    touched: Sequence[date] = (),
) -> SetPlan:
    """Compare a set with the days that are stored of it; `days` are those it has to have, `touched` by mutations."""
    now, stale = row_definition(feature_set), stale_days(feature_set, stored)
    known = {each.definition.hash: each.definition for each in stored.values() if each.definition}
    changes, added = _differences(now, list(known.values()))
    bare = {name for each in stale.values() if not each.definition for name in set(now.inputs) - each.columns}
    added = tuple(name for name in now.inputs if name in {*added, *bare})
    missing = tuple(day for day in days if day not in stored)
    again = tuple(day for day in days if day in stale)
    unknown = sum(each.definition is None for each in stored.values())
    count = len({*missing, *again, *touched})
    return SetPlan(
        feature_set.name,
        _status(stored, changes, added, unknown),
        changes,
        added,
        missing,
        again,
        tuple(touched),
        unknown,
        round(spent.rows / spent.days * count) if spent.days else None,
        spent.seconds / spent.days * count if spent.days else None,
    )


def _differences(
    now: RowDefinition, stored: Sequence[RowDefinition]
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return what differs from any of the stored definitions, each difference once."""
    changes = dict.fromkeys(change for each in stored for change in each.changes(now))
    return tuple(changes), tuple(dict.fromkeys(name for each in stored for name in each.added(now)))


def _status(
    stored: Mapping[date, StoredDay], changes: tuple[Change, ...], added: tuple[str, ...], unknown: int
) -> str:
    if not stored:
        return NEW
    if changes:
        return CHANGED
    if added:
        return ADDED
    return UNKNOWN if unknown else UNCHANGED
