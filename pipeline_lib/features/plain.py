"""Definitions as plain dicts and back: every field that differs from its default, and nothing else.

JSON writes these dicts as they are. What is nested is known by the class and field, never guessed from the
data, so that a user may call a column `kind`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.features.declared_types import Categorical, Tensor
from bighead.pipeline_lib.features.feature_ref import FeatureRef
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.mutations import Mutations
from bighead.pipeline_lib.features.request_input import Input
from bighead.pipeline_lib.features.source import CalendarSource, ChainedSource, EntitySource, EventSource
from bighead.pipeline_lib.features.training_set import Label, LeftTable, TrainingSet
from bighead.pipeline_lib.features.window import Window
from bighead.pipeline_lib.quality import Check, Drift, Freshness, Lateness, NullRate, Range, Unique, Volume

Definition = (
    FeatureSet | TrainingSet | FeatureRef | EventSource | ChainedSource | EntitySource | CalendarSource
    | Aggregation | LeftTable | Label | Input | Check | Tensor | Categorical
)  # fmt: skip
CLASSES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        FeatureSet,
        TrainingSet,
        FeatureRef,
        EventSource,
        ChainedSource,
        EntitySource,
        CalendarSource,
        Aggregation,
        LeftTable,
        Label,
        Input,
        *(Tensor, Categorical),
        *(NullRate, Range, Freshness, Volume, Unique, Drift, Lateness),
    )
}
_NESTED = {
    ("FeatureSet", "source"),
    ("FeatureRef", "set"),
    ("TrainingSet", "left"),
    ("TrainingSet", "label"),
    ("ChainedSource", "left"),
}
# Parts that can be of one class only: their kind is not written.
_PARTS: dict[tuple[str, str], type[Any]] = {
    ("EventSource", "mutations"): Mutations,
    ("EntitySource", "mutations"): Mutations,
}
_NESTED_LISTS = {
    ("FeatureSet", "aggregations"),
    ("FeatureSet", "checks"),
    ("TrainingSet", "checks"),
    ("TrainingSet", "features"),
    ("ChainedSource", "features"),
    ("TrainingSet", "inputs"),
}


def to_plain(definition: Definition) -> dict[str, Any]:
    """Return `{"kind": class name, field: value, …}` without the fields that have their defaults."""
    return {"kind": type(definition).__name__, **_fields(definition)}


def _fields(definition: Definition | Mutations) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in fields(definition):
        value = getattr(definition, field.name)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        # A sequence is stored as a tuple, so that defaults compare equal.
        if default is MISSING or value != default:
            plain[field.name] = _plain(value)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Window):
        return value.text
    if isinstance(value, Mutations):
        return _fields(value)
    if type(value).__name__ in CLASSES:
        return to_plain(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def from_plain(plain: object) -> Definition:
    """Build the definition that `to_plain` took apart.

    Raises:
        UnknownNameError: an unknown kind or field, with the nearest that exist.
        DefinitionError: no mapping, a field that lacks, or what the definition itself refuses.
    """
    if not isinstance(plain, Mapping):
        raise DefinitionError(f"a definition is {plain!r}.", cure="Expected a mapping with a 'kind'.")
    kind = str(plain.get("kind", ""))
    if kind not in CLASSES:
        raise UnknownNameError("kind of definition", kind, CLASSES)
    given = {name: _nested(kind, name, value) for name, value in plain.items() if name != "kind"}
    definition: Definition = build(CLASSES[kind], given)
    return definition


def _nested(kind: str, name: str, value: Any) -> Any:
    if (kind, name) == ("ChainedSource", "left"):
        if isinstance(value, str):
            return value
        # Most often they are events, and a file need not say so.
        value = {"kind": "EventSource", **value} if isinstance(value, Mapping) else value
    if (kind, name) == ("FeatureSet", "types") and isinstance(value, Mapping):
        return {column: from_plain(each) for column, each in value.items()}
    return from_plain(value) if (kind, name) in _NESTED else _from_list(kind, name, value)


def _from_list(kind: str, name: str, value: Any) -> Any:
    if (kind, name) not in _NESTED_LISTS:
        return value
    if not isinstance(value, Sequence):
        raise DefinitionError(f"{name} of a {kind} is {value!r}.", cure="Expected a list.")
    return [item if isinstance(item, str) else from_plain(item) for item in value]


def build(cls: type[Any], given: Mapping[str, Any]) -> Any:
    """Call a definition's constructor with exactly its fields.

    Raises:
        UnknownNameError: a field it does not have.
        DefinitionError: a field that lacks, or a value of a wrong type.
    """
    known = [field.name for field in fields(cls)]
    for name in given:
        if name not in known:
            raise UnknownNameError(f"field of {cls.__name__}", name, known)
    parts = {name: part for (owner, name), part in _PARTS.items() if owner == cls.__name__ and name in given}
    built = {
        name: build(part, given[name]) for name, part in parts.items() if isinstance(given[name], Mapping)
    }
    try:
        return cls(**{**given, **built})
    except (TypeError, AttributeError, ValueError) as error:
        raise DefinitionError(
            f"{cls.__name__} cannot be built: {error}.", cure=f"Its fields: {known}."
        ) from error
