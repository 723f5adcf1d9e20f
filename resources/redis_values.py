"""Values of Redis, which are text, and of JSON, by the types that a table declares; nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import SchemaError

TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "bytes": pl.Binary(),
}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_LARGEST = 1 << 63


def from_hash(held: Sequence[bytes | None], columns: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return the fields of a hash, asked for in the order of `columns`; null where it lacks one.

    >>> from_hash([b"7", None], {"tier": "integer", "name": "string"}, "here")
    {'tier': 7, 'name': None}

    Raises:
        SchemaError: a field is not of its type.
    """
    found: dict[str, Any] = {}
    for (name, dtype), value in zip(columns.items(), held, strict=True):
        try:
            found[name] = (
                None if value is None else value if dtype == "bytes" else _FROM_TEXT[dtype](value.decode())
            )
        except (ValueError, KeyError) as error:
            raise _misfit(where, name, value, dtype) from error
    return found


def from_json(held: bytes, columns: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return the fields of a JSON object; null where it lacks one, or says null.

    >>> from_json(b'{"tier": 7}', {"tier": "integer", "name": "string"}, "here")
    {'tier': 7, 'name': None}

    Raises:
        SchemaError: it is no JSON object, or a field is not of its type.
    """
    try:
        told = json.loads(held)
    except ValueError as error:
        raise SchemaError(f"{where} is no JSON: {error}.", cure="Expected an object.") from error
    if not isinstance(told, dict):
        raise SchemaError(f"{where} holds {str(told)[:100]!r}.", cure="Expected a JSON object.")
    found: dict[str, Any] = {}
    for name, dtype in columns.items():
        value = told.get(name)
        kinds = (int, float) if dtype == "float" else {"integer": int, "boolean": bool}.get(dtype, str)
        if value is not None and (
            not isinstance(value, kinds) or isinstance(value, bool) != (dtype == "boolean")
        ):
            raise _misfit(where, name, value, dtype)
        try:
            found[name] = _FROM_TEXT[dtype](value) if isinstance(value, str) else _number(value, dtype)
        except ValueError as error:
            raise _misfit(where, name, value, dtype) from error
    return found


def _misfit(where: str, name: str, value: object, dtype: str) -> SchemaError:
    seen = value.decode(errors="replace") if isinstance(value, bytes) else value
    return SchemaError(
        f"the field {name!r} of {where} is {str(seen)[:100]!r}, not of the type {dtype}.",
        cure="Declare it as a string, and CAST it in select; or correct the value.",
    )


def _number(value: Any, dtype: str) -> Any:
    if dtype == "integer" and value is not None:
        return _integer(str(value))
    return float(value) if dtype == "float" and value is not None else value


def _integer(text: str) -> int:
    # Python would take 1_000, too.
    found = int(text.replace("_", "?"))
    if not -_LARGEST <= found < _LARGEST:
        raise ValueError(text)
    return found


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "float": lambda text: float(text.replace("_", "?")),
    "boolean": lambda text: _TRUTHS[text.lower()],
    "date": date.fromisoformat,
    "timestamp": _instant,
}
