"""Columns that come with a question and no feature set knows: what was typed, clicked or quoted a moment ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, LeakError, UnknownNameError
from bighead.pipeline_lib.features.naming import check_columns
from bighead.pipeline_lib.features.window import duration

INPUT_TYPES = ("float64", "int64", "bool", "string", "datetime")


@dataclass(frozen=True)
class Input:
    """A column of the left row, and of a request, with the type that both must have.

    Args:
        name: Its name.
        dtype: float64, int64, bool, string or datetime (UTC).
        known: When it is known, before the question: `0s`, `-30d`; where absent, the left table says it.
        nullable: Whether it may be missing; else null is refused in training rows and requests alike.
        doc: What it means.

    >>> Input("guests", "int64", known="0s", nullable=False).dtype
    'int64'

    Raises:
        DefinitionError: another dtype, or no name.
        LeakError: it is known only after the question.
    """

    name: str
    dtype: str
    known: str | None = None
    nullable: bool = True
    doc: str = ""

    def __post_init__(self) -> None:
        check_columns("an Input's name", [self.name])
        if self.dtype not in INPUT_TYPES:
            raise UnknownNameError(f"type of the input {self.name!r}", str(self.dtype), INPUT_TYPES)
        if not isinstance(self.nullable, bool):
            raise DefinitionError(
                f"nullable of the input {self.name!r} is {self.nullable!r}.", cure="Expected True or False."
            )
        if self.known is not None and duration(self.known) > 0:
            raise LeakError(
                f"the input {self.name!r} is known {self.known} after the question.",
                cure="Leave it out, or ask the question later.",
            )


def checked_inputs(where: str, given: object) -> tuple[str | Input, ...]:
    """Return inputs as a tuple of names and declarations; each column stands there once.

    Raises:
        DefinitionError: no list, something else in it, or a doubled name.
    """
    if isinstance(given, str | Input) or not isinstance(given, list | tuple):
        raise DefinitionError(f"{where} is {given!r}.", cure=f"Expected a list, as [{given!r}].")
    check_columns(where, [each.name if isinstance(each, Input) else each for each in given])
    return tuple(given)


def check_said_once(where: str, inputs: Mapping[str, Input], known: Mapping[str, str]) -> None:
    """Refuse an input that says otherwise than the left table when it is known.

    Raises:
        DefinitionError: names both.
    """
    for name, each in inputs.items():
        if each.known is not None and name in known and duration(known[name]) != duration(each.known):
            raise DefinitionError(
                f"{where} says that {name!r} is known {each.known}, and its left table says {known[name]}.",
                cure="Say it once.",
            )
