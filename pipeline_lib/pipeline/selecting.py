"""Columns chosen by type, role or pattern instead of by name: `p[numeric()] >>= StandardScaler()`.

A choice is made when the pipeline is fitted, among the columns that it holds by then; what was chosen is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from bighead.pipeline_lib.errors import DefinitionError, SchemaError, UnknownNameError, quoted
from bighead.pipeline_lib.pipeline.schema import type_of

FAMILIES = ("float64", "int64", "bool", "string", "datetime", "bytes", "list", "tensor", "sparse")


@dataclass(frozen=True)
class Select:
    """A choice of columns; `a | b` is what either chooses, `a & b` what both do, `a - b` what only the first does.

    Args:
        types: Kinds of types, as "float64" or "tensor"; none is any.
        pattern: A regular expression that is found in the name.
        role: What a column is in the training set: "key", "context", "derived", or "feature:<set>", where "feature"
            is any set's.
        names: Of the columns themselves.

    >>> dtypes = {"n": pl.Int64(), "x": pl.Float64(), "c": pl.String()}
    >>> (numeric() - matching("^x")).among(dtypes, {})
    ('n',)
    """

    types: tuple[str, ...] = ()
    pattern: str | None = None
    role: str | None = None
    names: tuple[str, ...] | None = None
    either: tuple[Select, ...] = ()
    both: tuple[Select, ...] = ()
    without: tuple[Select, ...] = ()

    def __or__(self, other: Select) -> Select:
        return Select(either=(self, other))

    def __and__(self, other: Select) -> Select:
        return Select(both=(self, other))

    def __sub__(self, other: Select) -> Select:
        return replace(self, without=(*self.without, other))

    def among(self, dtypes: Mapping[str, pl.DataType], roles: Mapping[str, str]) -> tuple[str, ...]:
        """Return the names that are chosen, in the order of the columns."""
        return tuple(name for name, dtype in dtypes.items() if self._chooses(name, dtype, roles.get(name)))

    def _chooses(self, name: str, dtype: pl.DataType, role: str | None) -> bool:
        def told(other: Select) -> bool:
            return other._chooses(name, dtype, role)

        return (
            (not self.types or type_of(dtype) in self.types)
            and (self.pattern is None or re.search(self.pattern, name) is not None)
            and (self.role is None or self.role in (role, (role or "").partition(":")[0]))
            and (self.names is None or name in self.names)
            and (not self.either or any(map(told, self.either)))
            and all(map(told, self.both))
            and not any(map(told, self.without))
        )

    def __str__(self) -> str:
        parts = [
            " or ".join(self.types),
            f"named like {self.pattern!r}" if self.pattern else "",
            f"of the role {self.role!r}" if self.role else "",
            f"among {quoted(self.names)}" if self.names else "",
            " or ".join(map(str, self.either)),
            " and ".join(map(str, self.both)),
            *(f"but not {each}" for each in self.without),
        ]
        return " ".join(part for part in parts if part) or "everything"

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        lists = {
            key: [each.to_plain() for each in getattr(self, key)] for key in ("either", "both", "without")
        }
        names = None if self.names is None else list(self.names)
        return {
            "types": list(self.types),
            "pattern": self.pattern,
            "role": self.role,
            "names": names,
            **lists,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Select:
        """Read what `to_plain` gave."""
        lists = {
            key: tuple(cls.from_plain(each) for each in plain[key]) for key in ("either", "both", "without")
        }
        names = None if plain["names"] is None else tuple(plain["names"])
        return cls(tuple(plain["types"]), plain["pattern"], plain["role"], names, **lists)


def chosen(
    where: str, select: Select, dtypes: Mapping[str, pl.DataType], roles: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the names that are chosen.

    Raises:
        SchemaError: there are none.
    """
    found = select.among(dtypes, roles)
    if not found:
        seen = ", ".join(f"{name!r} {dtype}" for name, dtype in list(dtypes.items())[:10])
        raise SchemaError(
            f"{where} reads columns that are {select}; there are none among {seen or 'no columns'}.",
            cure="Choose others, or name the columns." if not select.role else "Give roles to fit, too.",
        )
    return found


def by_type(*types: str) -> Select:
    """Choose columns of kinds of types.

    Raises:
        UnknownNameError: a kind that there is not.
    """
    for word in types:
        if word not in FAMILIES:
            raise UnknownNameError("kind of type", word, FAMILIES)
    return Select(types)


def numeric() -> Select:
    """Choose floats and integers."""
    return Select(("float64", "int64"))


def strings() -> Select:
    """Choose texts."""
    return Select(("string",))


def times() -> Select:
    """Choose dates and times."""
    return Select(("datetime",))


def booleans() -> Select:
    """Choose truths."""
    return Select(("bool",))


def matching(pattern: str) -> Select:
    """Choose columns in whose names a regular expression is found.

    Raises:
        DefinitionError: it is none.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise DefinitionError(f"{pattern!r} is no regular expression: {error}.") from error
    return Select(pattern=pattern)


def named(*names: str) -> Select:
    """Choose columns by their names, as far as they are there: to leave some out of another choice."""
    return Select(names=names)


def everything() -> Select:
    """Choose every column."""
    return Select()


def role(word: str) -> Select:
    """Choose columns by what they are in the training set: key, context, derived, feature or feature:<set>.

    Raises:
        DefinitionError: another word.
    """
    if word.partition(":")[0] not in ("key", "context", "derived", "feature"):
        raise DefinitionError(
            f"role({word!r}).", cure="Expected key, context, derived, feature or feature:<set>."
        )
    return Select(role=word)
