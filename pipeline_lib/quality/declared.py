"""Whether the checks of a feature set can be made at all: known columns, names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.quality.checks import Check

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_set import FeatureSet

# The check of every set, see `upstream`.
UPSTREAM = "upstream_schema"


def stored_columns(feature_set: FeatureSet) -> dict[str, str]:
    """Return the columns that a check may name, and what the stored rows call them.

    The source's own names of times and ids mean the columns that they became.
    """
    from bighead.pipeline_lib.features.row_definition import cleaned_columns
    from bighead.pipeline_lib.features.source import CalendarSource

    source = feature_set.source
    if isinstance(source, CalendarSource):
        return {}
    stored = {name: name for name in cleaned_columns(feature_set)}
    for own in ("event_time", "available_at", "event_id"):
        name = getattr(source, own, None)
        if isinstance(name, str) and own in stored:
            stored.setdefault(name, own)
    return stored


def checked(feature_set: FeatureSet) -> tuple[Check, ...]:
    """Return a set's checks as a tuple.

    Raises:
        DefinitionError: something that is no check, or a check of a set without rows.
        UnknownNameError: a check names a column that the set does not store.
        NameCollisionError: two checks of one name.
    """
    listed: Sequence[object] = feature_set.checks
    known = stored_columns(feature_set)
    seen: set[str] = {UPSTREAM}
    found: list[Check] = []
    for check in listed:
        if not isinstance(check, get_args(Check)):
            raise DefinitionError(
                f"checks of {feature_set.name!r} hold {check!r}.",
                cure='Expected checks, as NullRate("price", max=0.05).',
            )
        if not known:
            raise DefinitionError(
                f"the calendar set {feature_set.name!r} has checks.",
                cure="It stores no rows: leave them out.",
            )
        for column in check.columns:
            if column not in known:
                raise UnknownNameError(f"stored column of {feature_set.name!r} (in checks)", column, known)
        if check.name in seen:
            raise NameCollisionError(
                f"{feature_set.name!r} has two checks called {check.name!r}.", cure="Keep one of them."
            )
        seen.add(check.name)
        found.append(check)
    return tuple(found)
