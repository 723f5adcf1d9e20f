"""Values without identity as JSON: numbers, texts, containers, NumPy's scalars, types and functions.

JSON's own values stand for themselves; anything else is an object with one key, which says what it is.
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from bighead.pipeline_lib.frameworks.sklearn_state.arrays import dtype_of, dtype_words
from bighead.pipeline_lib.frameworks.sklearn_state.functions import function_at, function_name

_TYPES: dict[str, type] = {
    **{each.__name__: each for each in (bool, int, float, str, object)},
    **{
        f"numpy.{each.__name__}": each
        for each in (np.float64, np.float32, np.int64, np.int32, np.bool_, np.uint8)
    },
}
_NAMES = {each: name for name, each in _TYPES.items()}


class Unknown(Exception):
    """A value that is none of these."""


def plain(value: Any) -> Any:
    """Return a value that holds no others as JSON.

    >>> plain(float("inf")), plain(np.float32(0.5)), plain(np.log1p)
    ({'float': 'inf'}, {'scalar': ['<f4', 0.5]}, {'function': 'numpy:log1p'})

    Raises:
        Unknown: another value.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if kind is bytes:
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, np.generic):
        return _scalar(value)
    if isinstance(value, np.dtype):
        return {"dtype": "O" if value.kind == "O" else dtype_words(value)}
    if isinstance(value, type) and value in _NAMES:
        return {"type": _NAMES[value]}
    name = function_name(value) if callable(value) and not isinstance(value, type) else None
    if name is None:
        raise Unknown
    return {"function": name}


def _scalar(value: np.generic) -> Any:
    if value.dtype.kind in "biuU":
        return {"scalar": [value.dtype.str, value.item()]}
    if value.dtype.kind == "f" and value.dtype.itemsize <= 8:
        return {"scalar": [value.dtype.str, plain(float(value))]}
    raise Unknown


def value_of(kind: str, held: Any) -> Any:
    """Return the value that `plain` said.

    Raises:
        ValueError, TypeError, KeyError: what is garbled.
    """
    if kind == "float":
        return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}[held]
    if kind == "bytes":
        return base64.b64decode(held, validate=True)
    if kind == "scalar":
        word, item = held
        return dtype_of(word).type(value_of(*next(iter(item.items()))) if isinstance(item, dict) else item)
    if kind == "dtype":
        return np.dtype(object) if held == "O" else dtype_of(held)
    if kind == "type":
        return _TYPES[held]
    if kind == "function":
        return function_at(held)
    raise ValueError(f"there are no values of the kind {kind!r}")
