"""What a row of a request must be: exactly these columns, of these types."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import RequestError, did_you_mean, quoted
from bighead.serving.gateway.wire import Row, instant, kind_of

_EXPECTED: dict[str, type] = {"float64": float, "int64": int, "bool": bool, "string": str}
_WORDS = {
    "float64": "a number",
    "int64": "an integer",
    "bool": "a boolean",
    "string": "text",
    "datetime": "ISO 8601 with a zone",
}
_INT64 = 2**63
_KEY_TYPES = (str, int, bool)


@dataclass(frozen=True)
class Column:
    """A column that a request gives; `dtype`: float64, int64, bool, string, datetime or key."""

    name: str
    dtype: str
    nullable: bool


class Signature:
    """The columns that a request gives, in order, and those it must not give: they are fetched, or derived."""

    def __init__(
        self, columns: Sequence[Column], fetched: Collection[str] = (), derived: Collection[str] = ()
    ) -> None:
        self.columns = tuple(columns)
        self.fetched, self.derived = frozenset(fetched), frozenset(derived)
        self._plan = tuple((c.name, _EXPECTED.get(c.dtype, _Never), c) for c in columns)
        self._names = frozenset(c.name for c in columns)

    def check(self, rows: list[Row]) -> None:
        """Check every row and bring its values to the columns' types, in place: 5 becomes 5.0 for a float64.

        A MessagePack NaN in a nullable float column becomes null.

        Raises:
            RequestError: 400, naming the first wrong column and row.
        """
        count = len(self._plan)
        for number, row in enumerate(rows):
            for name, expected, column in self._plan:
                try:
                    value = row[name]
                except KeyError:
                    raise self._missing(name, number, row) from None
                kind = type(value)
                if (
                    kind is not expected
                    or (kind is float and value - value != 0.0)
                    or (kind is int and not -_INT64 <= value < _INT64)
                ):
                    row[name] = _brought(value, column, number)
            if len(row) != count:
                raise self._extra(number, row)

    def _missing(self, name: str, number: int, row: Row) -> RequestError:
        strangers = [str(key)[:200] for key in row if key not in self._names]
        near = did_you_mean(name, strangers) if strangers else ""
        cure = near if near.startswith("Did") else "Every column is given; null where the value is missing."
        return RequestError(
            f"row {number} lacks the column {name!r}.",
            code="missing_column",
            column=name,
            row=number,
            cure=cure,
        )

    def _extra(self, number: int, row: Row) -> RequestError:
        name = next(key for key in row if key not in self._names)
        shown = name[:200] if isinstance(name, str) else kind_of(name)
        if name in self.fetched or name in self.derived:
            made = "fetched from the feature store" if name in self.fetched else "derived from others"
            return RequestError(
                f"row {number} gives the column {shown!r}, which is {made}.",
                code="not_overridable",
                column=shown,
                row=number,
                cure=f"Leave it out; send {quoted(c.name for c in self.columns)}.",
            )
        return RequestError(
            f"row {number} has a column {shown!r} that the model does not know.",
            code="unknown_column",
            column=shown,
            row=number,
            cure=did_you_mean(shown, [c.name for c in self.columns]),
        )


class _Never:
    """A type that no decoded value has: every value of the column is looked at closely."""


def _brought(value: Any, column: Column, row: int) -> Any:
    if value is None:
        if column.nullable:
            return None
        raise _wrong(column, row, "null", "null_not_allowed")
    if column.dtype == "float64" and isinstance(value, int | float) and not isinstance(value, bool):
        return _float(value, column, row)
    if column.dtype == "int64" and type(value) is int and -_INT64 <= value < _INT64:
        return value
    if column.dtype == "datetime":
        return _instant(value, column, row)
    if (
        column.dtype == "key"
        and type(value) in _KEY_TYPES
        and -_INT64 <= (type(value) is int and value) < _INT64
    ):
        return value
    too_big = type(value) is int and not -_INT64 <= value < _INT64
    raise _wrong(column, row, "an integer beyond 64 bits" if too_big else kind_of(value), "wrong_type")


def _instant(value: Any, column: Column, row: int) -> int:
    try:
        return instant(value, column.name)
    except RequestError as error:
        raise _wrong(column, row, "no instant", "wrong_instant") from error


def _float(value: int | float, column: Column, row: int) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number):
        return number
    if math.isnan(number):
        if column.nullable:
            return None
        raise _wrong(column, row, "NaN", "not_finite")
    raise _wrong(column, row, "infinite or beyond a float64", "not_finite")


def _wrong(column: Column, row: int, seen: str, code: str) -> RequestError:
    expected = _WORDS.get(column.dtype, "text, an integer or a boolean")
    return RequestError(
        f"row {row}: the column {column.name!r} is {seen}.",
        code=code,
        column=column.name,
        row=row,
        cure=f"Expected {expected}{' or null' if column.nullable else ''}.",
    )
