"""A JSON schema of feature sets in YAML, with which editors complete names and underline what is wrong.

It is read off the definitions themselves: types from their fields, descriptions from their docstrings. An editor
takes it from the first line of a file: `# yaml-language-server: $schema=feature_set.schema.json`.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from bighead.pipeline_lib.features.aggregation import LARGEST_K, Aggregation
from bighead.pipeline_lib.features.batch_grain import GRAINS
from bighead.pipeline_lib.features.declared_types import ELEMENTS, Categorical, Tensor
from bighead.pipeline_lib.features.entity_source import SPANS
from bighead.pipeline_lib.features.feature_set import FeatureSet
from bighead.pipeline_lib.features.mutations import ENVELOPES, Mutations
from bighead.pipeline_lib.features.operations import ALIASES, OPERATIONS, SHORT_FORMS
from bighead.pipeline_lib.features.plain import CLASSES
from bighead.pipeline_lib.features.source import (
    CALENDAR_FIELDS,
    TYPES,
    CalendarSource,
    ChainedSource,
    EntitySource,
    EventSource,
)
from bighead.pipeline_lib.features.training_set import TrainingSet
from bighead.pipeline_lib.features.window import Window
from bighead.pipeline_lib.quality import Check

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_DURATION = r"^\s*[-−]?\d+(us|ms|s|m|h|d|w|y)\s*$"
_WORDS: dict[tuple[type[Any], str], Schema] = {
    (FeatureSet, "name"): {"type": "string", "pattern": "^[a-z](_?[a-z0-9])*_?$"},
    (FeatureSet, "boundary"): {"enum": ["exclusive", "inclusive"]},
    (FeatureSet, "batch"): {"enum": list(GRAINS)},
    (FeatureSet, "version"): {"type": "integer", "minimum": 1},
    (FeatureSet, "max_age"): {"type": ["string", "null"], "pattern": _DURATION},
    (FeatureSet, "on_stale"): {"enum": ["null", "keep"]},
    (EventSource, "delay"): {"type": "string", "pattern": _DURATION},
    (EventSource, "lateness"): {"type": "string", "pattern": _DURATION},
    (EventSource, "fold"): {"enum": ["earliest", "latest", None]},
    (EventSource, "type"): {"enum": [*TYPES, None]},
    (Mutations, "envelope"): {"enum": [*ENVELOPES, None]},
    (EntitySource, "fold"): {"enum": ["earliest", "latest", None]},
    (EntitySource, "every"): {"enum": list(SPANS)},
    (EntitySource, "landing"): {"type": "string", "pattern": _DURATION},
    (ChainedSource, "features"): {"type": "array", "items": {"type": ["string", "object"]}},
    (CalendarSource, "shift"): {"type": "string", "pattern": _DURATION},
    (CalendarSource, "fields"): {"type": "array", "items": {"enum": list(CALENDAR_FIELDS)}},
    (Tensor, "shape"): {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
    (Tensor, "dtype"): {"enum": list(ELEMENTS)},
    (Tensor, "invalid"): {"enum": ["refuse", "null"]},
    (Categorical, "values"): {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "uniqueItems": True,
    },
    (Aggregation, "operation"): {
        "anyOf": [
            {"enum": [*OPERATIONS, *ALIASES]},
            *({"type": "string", "pattern": f"^({form})$"} for form in SHORT_FORMS),
        ]
    },
    (Aggregation, "k"): {"type": ["integer", "null"], "minimum": 1, "maximum": LARGEST_K},
    (Aggregation, "quantiles"): {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}},
    (Aggregation, "half_life"): {"type": ["string", "null"], "pattern": _DURATION},
    (Aggregation, "buckets"): {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}]
    },
}
_WINDOWS = ("7d", "sliding:3h", "tumbling:1d", "snapshot:7d+2h", "calendar:1mo@Europe/Paris", "unbounded")
_SOURCES = {
    "events": EventSource,
    "chained": ChainedSource,
    "entity": EntitySource,
    "calendar": CalendarSource,
}


def feature_set_schema() -> Schema:
    """Return the schema of a feature set's YAML file, in the listed form and the paper's.

    >>> feature_set_schema()["required"]
    ['name', 'owner', 'source']
    """
    top = _properties(FeatureSet)
    source = {"oneOf": [_source(kind) for kind in _SOURCES], "description": top["source"]["description"]}
    aggregation = _object(Aggregation)
    operation = aggregation["properties"]["operation"]
    paper = {
        "event_time": _properties(EventSource)["event_time"],
        "operation": {"anyOf": [operation, {"type": "array", "items": operation}]},
        "windows": {"type": "array", "items": {"anyOf": [_type(Window), {"type": "integer", "minimum": 1}]}},
        "features": {
            "type": "object",
            "description": "What each column means; every operation and window is computed of each.",
            "additionalProperties": {"type": ["string", "null"]},
        },
    }
    listed = {"source": source, "aggregations": {"type": "array", "items": aggregation}}
    return {
        "$schema": DIALECT,
        "title": "Bighead feature set",
        "description": _summary(FeatureSet),
        "type": "object",
        "properties": {**top, **listed, **paper},
        "required": ["name", "owner", "source"],
        "additionalProperties": False,
        # One form or the other, never both.
        "not": {
            "anyOf": [
                {"required": [one, other]}
                for one in ("operation", "windows", "features")
                for other in ("aggregations", "columns", "docs")
            ]
        },
    }


def _source(kind: str) -> Schema:
    schema = _object(_SOURCES[kind])
    schema["properties"] = {"kind": {"const": kind}, **schema["properties"]}
    if kind != "events":
        schema["required"] = ["kind", *schema["required"]]
    return schema


def _object(cls: type[Any]) -> Schema:
    # The constructor tells, and not the fields: a class may have one of its own.
    arguments = inspect.signature(cls).parameters.values()
    required = [each.name for each in arguments if each.default is inspect.Parameter.empty]
    return {
        "type": "object",
        "title": cls.__name__,
        "description": _summary(cls),
        "properties": _properties(cls),
        "required": required,
        "additionalProperties": False,
    }


def _properties(cls: type[Any]) -> dict[str, Schema]:
    # Chained sources name classes that are defined after them.
    hints, told = get_type_hints(cls, localns=CLASSES), _arguments(cls)
    found = {}
    for field in fields(cls):
        schema = dict(_WORDS.get((cls, field.name)) or _type(hints[field.name]))
        found[field.name] = {**schema, **({"description": told[field.name]} if field.name in told else {})}
    return found


def _type(hint: Any) -> Schema:
    """Return the schema of a type; a definition within a definition is described where it stands."""
    simple = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    if hint in simple:
        return {"type": simple[hint]}
    if hint is Window:
        return {"type": "string", "examples": list(_WINDOWS)}
    if hint in (Mutations, EventSource):
        return _object(hint)
    if hint is TrainingSet:
        return {"type": "object", "title": "TrainingSet", "required": ["kind"]}
    if hint in (*get_args(Check), Tensor, Categorical):
        schema = _object(hint)
        schema["properties"] = {"kind": {"const": hint.__name__}, **schema["properties"]}
        schema["required"] = ["kind", *schema["required"]]
        return schema
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_type(each) for each in arguments]}
    if origin in (Sequence, tuple, list):
        return {"type": "array", "items": _type(arguments[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    return {}


def _summary(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().split("\n\n")[0]


def _arguments(cls: type[Any]) -> dict[str, str]:
    """Return what the docstring says of each argument."""
    _, _, listed = (cls.__doc__ or "").partition("Args:\n")
    body = re.split(r"\n\s*\n|\n\s+Raises:", listed)[0]
    found: dict[str, str] = {}
    for match in re.finditer(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", body, re.MULTILINE):
        found[match.group(1)] = re.sub(r"\s+", " ", match.group(2)).strip()
    return found
