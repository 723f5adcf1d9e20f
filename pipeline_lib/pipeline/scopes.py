"""What a pipeline holds while it is fitted: the newest version of each name, and the columns that nobody has read.

A pipeline within a pipeline is a scope of its own: it holds the columns that it was put on, its steps see nothing else,
and what it holds at its end is held by the pipeline around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bighead.pipeline_lib.errors import SchemaError, did_you_mean, quoted
from bighead.pipeline_lib.pipeline.graph import Column
from bighead.pipeline_lib.pipeline.running import Values
from bighead.pipeline_lib.pipeline.selecting import Select, chosen

PREVIOUS: Literal["previous"] = "previous"
# Names, a choice, everything that is live (None), or what the step or pipeline before wrote.
Reads = tuple[str, ...] | Select | None | Literal["previous"]


@dataclass
class Scope:
    """The columns of one pipeline: by name the newest version, and in order those that are live."""

    key: str
    newest: dict[str, Column]
    live: list[Column] = field(default_factory=list)
    begun: bool = False


class Scopes:
    """Scopes within each other, the outermost first.

    Args:
        source: The columns that the caller gives.
        values: Of every column; the same dict that steps add theirs to.
        roles: What the source's columns are in the training set.
    """

    def __init__(self, source: Sequence[Column], values: Values, roles: Mapping[str, str]) -> None:
        self._stack = [Scope("", {column.name: column for column in source})]
        self._values, self._roles = values, roles
        self._previous: tuple[Column, ...] = ()

    def enter(self, where: str, path: Sequence[tuple[str, Reads]]) -> None:
        """Go to the scope that a path of keys and columns leads to, leaving others."""
        keys = [key for key, _ in path]
        while (
            len(self._stack) > 1 and [scope.key for scope in self._stack[1:]] != keys[: len(self._stack) - 1]
        ):
            self._leave()
        for key, reads in path[len(self._stack) - 1 :]:
            taken = self.resolve(where, reads)
            self._read(taken)
            self._stack.append(Scope(key, {column.name: column for column in taken}))

    def _leave(self) -> None:
        inner = self._stack.pop()
        self._stack[-1].live += inner.live
        self._stack[-1].newest |= {column.name: column for column in inner.live}
        self._stack[-1].begun = True
        self._previous = tuple(inner.live)

    def resolve(self, where: str, reads: Reads) -> tuple[Column, ...]:
        """Return the columns that a step reads; None is everything that is live, at first everything there is.

        Raises:
            SchemaError: a name that there is not, or a choice of nothing.
        """
        scope = self._stack[-1]
        if reads == PREVIOUS:
            return self._previous
        if reads is None:
            return tuple(scope.live) if scope.begun else tuple(scope.newest.values())
        if isinstance(reads, Select):
            dtypes = {name: self._values[column].dtype for name, column in scope.newest.items()}
            reads = chosen(where, reads, dtypes, self._roles)
        unknown = [name for name in reads if name not in scope.newest]
        if unknown:
            raise SchemaError(
                f"{where} reads {quoted(unknown)}; by then there are {quoted(scope.newest)}.",
                cure=did_you_mean(unknown[0], [*scope.newest]),
            )
        return tuple(scope.newest[name] for name in reads)

    def holds(self, reads: Reads) -> bool:
        """Whether every name that is read is there."""
        return not isinstance(reads, tuple) or all(name in self._stack[-1].newest for name in reads)

    def write(self, reads: Sequence[Column], written: Sequence[Column]) -> tuple[Column, ...]:
        """Take note of what a step read and wrote, and return what is live then."""
        self._read(reads)
        scope = self._stack[-1]
        scope.live += written
        scope.newest |= {column.name: column for column in written}
        scope.begun = True
        self._previous = tuple(written)
        return tuple(column for scope in self._stack for column in scope.live)

    def _read(self, columns: Sequence[Column]) -> None:
        gone = set(columns)
        self._stack[-1].live = [column for column in self._stack[-1].live if column not in gone]
