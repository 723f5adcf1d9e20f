"""What the parser makes of a text: nodes that know where they stand, and no types yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Literal:
    """A constant: None, bool, int, float or str, at a place of the text (from 0)."""

    value: bool | int | float | str | None
    at: int


@dataclass(frozen=True)
class Column:
    """A column by its name."""

    name: str
    at: int


@dataclass(frozen=True)
class Call:
    """A function or an operator, which is a function by another spelling."""

    name: str
    args: tuple[Node, ...]
    at: int


@dataclass(frozen=True)
class Cast:
    """`CAST(argument AS to)`, whatever its spelling."""

    argument: Node
    to: str
    at: int


Node: TypeAlias = Literal | Column | Call | Cast


class WrongExpressionError(Exception):
    """A place of a text that means nothing: `problem` says why, `at` where (from 0); the caller adds whose text it is.

    `fits` is False for what would mean something over columns of other types, or over other columns.
    """

    def __init__(self, problem: str, at: int, cure: str | None = None, *, fits: bool = True) -> None:
        self.problem, self.at, self.cure, self.fits = problem, at, cure, fits
        super().__init__(problem)


def asks_for_the_time(name: str, at: int) -> WrongExpressionError:
    """Return the error for an expression whose value would depend on when it is computed."""
    cure = (
        "A row must give the same whenever it is read; windows and time_since_last know the question's time."
    )
    return WrongExpressionError(f"{name!r} asks for the time", at, cure)


def columns(node: Node) -> tuple[str, ...]:
    """Return the columns that a node reads, each once, in order."""
    return tuple(dict.fromkeys(_columns(node)))


def _columns(node: Node) -> list[str]:
    if isinstance(node, Column):
        return [node.name]
    if isinstance(node, Literal):
        return []
    parts = node.args if isinstance(node, Call) else (node.argument,)
    return [name for part in parts for name in _columns(part)]
