"""Parameters of a stored step: of the types that its fields declare, before anything is built of them."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from bighead.pipeline_lib.pipeline.transformer import Transformer


def checked_params(step: type[Transformer], params: Any) -> dict[str, Any]:
    """Return the stored parameters that a step knows; those of later versions are left out.

    >>> from bighead.pipeline_lib.transforms import HashEncoder
    >>> checked_params(HashEncoder, {"buckets": 16, "seed": 3, "of a later version": 1})
    {'buckets': 16, 'seed': 3}

    Raises:
        TypeError: parameters that are no mapping, or a value of another type than its field's.
    """
    if not isinstance(params, dict):
        raise TypeError(f"parameters that are a {type(params).__name__}")
    if not dataclasses.is_dataclass(step):
        return params
    hints = _hints(step)
    known = {field.name for field in dataclasses.fields(step) if field.init and field.name in params}
    for name in known:
        if not fits(params[name], hints[name]):
            raise TypeError(f"the parameter {name}={str(params[name])[:60]!r}, expected {hints[name]}")
    return {name: value for name, value in params.items() if name in known}


@cache
def _hints(step: type[Transformer]) -> dict[str, Any]:
    """The types of the fields that a step is made with; other fields may name what is imported for checking only."""
    hints: dict[str, Any] = {}
    made_with = {field.name for field in dataclasses.fields(step) if field.init}  # type: ignore[arg-type]
    for owner in reversed(step.__mro__):
        declared = vars(owner).get("__annotations__", {})
        own = {name: hint for name, hint in declared.items() if name in made_with}
        hints |= typing.get_type_hints(
            type("Own", (), {"__annotations__": own, "__module__": owner.__module__})
        )
    return hints


def fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value may stand for a value of a type; whole numbers stand for floats, lists for tuples.

    >>> fits([1, 2], tuple[float, ...]), fits(True, int), fits(None, int | None), fits("a", Literal["b"])
    (True, False, True, False)
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if hint is None or hint is type(None):
        return value is None
    if hint in (int, float):
        return isinstance(value, int | hint) and not isinstance(value, bool)
    if hint in (str, bool):
        return isinstance(value, hint)
    kind = origin or hint
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return isinstance(value, dict) and (not parts or all(fits(each, parts[1]) for each in value.values()))
    if isinstance(kind, type) and issubclass(kind, Sequence | set | frozenset):
        return isinstance(value, list) and _fit_items(value, kind, parts)
    # What else a field may be, its own step looks at.
    return True


def _fit_items(values: list[Any], kind: type, parts: tuple[Any, ...]) -> bool:
    if not parts:
        return True
    if issubclass(kind, tuple) and parts[-1] is not Ellipsis:
        return len(values) == len(parts) and all(map(fits, values, parts))
    return all(fits(each, parts[0]) for each in values)
