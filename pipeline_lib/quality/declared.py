"""Whether declared checks can be made at all: known columns, names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError, UnknownNameError
from bighead.pipeline_lib.quality.checks import Check, Lateness

if TYPE_CHECKING:
    from bighead.pipeline_lib.features.feature_set import FeatureSet
    from bighead.pipeline_lib.features.training_set import TrainingSet

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


def training_columns(training_set: TrainingSet) -> dict[str, str]:
    """Return the columns that a check of a training set may name; none while features are unresolved."""
    if any(isinstance(use, str) for use in training_set.features):
        return {}
    left = [training_set.row_id, training_set.timestamp, *training_set.key_columns]
    named = [*left, *training_set.input_columns, training_set.label.column]
    return {**{name: name for name in named}, "event_time": training_set.timestamp}


def checked(feature_set: FeatureSet) -> tuple[Check, ...]:
    """Return a set's checks as a tuple.

    Raises:
        DefinitionError: something that is no check, or a check of a set without rows or times of arrival.
        UnknownNameError: a check names a column that the set does not store.
        NameCollisionError: two checks of one name.
    """
    found, known = _checks(feature_set.name, feature_set.checks), stored_columns(feature_set)
    if found and not known:
        raise DefinitionError(
            f"the calendar set {feature_set.name!r} has checks.", cure="It stores no rows: leave them out."
        )
    _check_columns(f"stored column of {feature_set.name!r} (in checks)", found, known)
    if any(isinstance(each, Lateness) for each in found) and not arrivals_known(feature_set):
        raise DefinitionError(
            f"{feature_set.name!r} checks Lateness, and nothing says when its rows came.",
            cure="Name the source's available_at column, or leave the check out.",
        )
    return found


def arrivals_known(feature_set: FeatureSet) -> bool:
    """Return whether a column of the source says when each row came, and no row is taken back."""
    source = feature_set.source
    return getattr(source, "available_at", None) is not None and not source.retracts


def checked_training(training_set: TrainingSet) -> tuple[Check, ...]:
    """Return a training set's checks as a tuple: they are of features, inputs, keys, the label or the time.

    Raises:
        DefinitionError: something that is no check of a training set.
        UnknownNameError: a check names a column that it lacks; told once its features are resolved.
        NameCollisionError: two checks of one name.
    """
    found, known = _checks(training_set.name, training_set.checks), training_columns(training_set)
    if any(isinstance(each, Lateness) for each in found):
        raise DefinitionError(
            f"{training_set.name!r} checks Lateness.", cure="Questions do not come late: check a feature set."
        )
    if known:
        _check_columns(f"column of {training_set.name!r} (in checks)", found, known)
    return found


def checked_scores(model: str, listed: Sequence[object]) -> tuple[Check, ...]:
    """Return the checks of a model's scores as a tuple; which columns there are, its artifact says.

    Raises:
        DefinitionError: something that is no check of scores.
        NameCollisionError: two checks of one name.
    """
    found = _checks(model, listed)
    if any(isinstance(each, Lateness) for each in found):
        raise DefinitionError(
            f"the scores of {model!r} check Lateness.", cure="Answers do not come late: check a feature set."
        )
    return found


def _checks(name: str, listed: Sequence[object]) -> tuple[Check, ...]:
    seen: set[str] = {UPSTREAM}
    found: list[Check] = []
    for check in listed:
        if not isinstance(check, get_args(Check)):
            raise DefinitionError(
                f"checks of {name!r} hold {check!r}.",
                cure='Expected checks, as NullRate("price", max=0.05).',
            )
        if check.name in seen:
            raise NameCollisionError(
                f"{name!r} has two checks called {check.name!r}.", cure="Keep one of them."
            )
        seen.add(check.name)
        found.append(check)
    return tuple(found)


def _check_columns(kind: str, checks: Sequence[Check], known: dict[str, str]) -> None:
    for check in checks:
        for column in check.columns:
            if column not in known:
                raise UnknownNameError(kind, column, known)
