"""Rows that change: a table, or a stream, of inserts, updates and deletes in place of the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError

OPENING = ("insert", "update", "upsert", "c", "r", "u")
"""What an operation column may say of a row that holds from now on; `c`, `r` and `u` are Debezium's."""
CLOSING = ("delete", "d")
"""What it may say of a row that holds no longer."""
ENVELOPES = ("debezium",)
"""What the messages of a stream may come in."""


@dataclass(frozen=True)
class Mutations:
    """How a table of mutations tells what became of a row, which its source's id (an entity's keys) names.

    Each mutation opens a *version* of its row, closes the one in force, or both: an update closes and opens, a
    delete only closes. Mutations of one row follow one another by (time, sequence), then deletes and images before
    a change, then the bytes of the row; so a delete that comes before its insert leaves a tombstone.

    Args:
        time: Column of the time of the mutation, from which on it could be known; of the zone of the source.
        operation: Column that says `insert`, `update` or `delete`, or Debezium's `c`, `r`, `u`, `d`.
        is_before: In place of that, a truth: true on the image of a row before a change, false on that after it.
        sequence: Column that orders mutations of one time: integers, text or times, as a log's position.
        envelope: `debezium`, where a message of the stream is a change of a row, with `before` and `after`. Its time,
            operation (`op` unless named) and position go into the columns named here, beside those of the row; the
            table has them as columns already.

    Raises:
        DefinitionError: not exactly one of `operation` and `is_before`; one column in two parts; images in envelopes.
        UnknownNameError: an envelope that there is not.

    >>> Mutations(operation="op").time
    'mutation_time'
    >>> Mutations(envelope="debezium").action
    'op'
    """

    time: str = "mutation_time"
    operation: str | None = None
    is_before: str | None = None
    sequence: str | None = None
    envelope: str | None = None

    def __post_init__(self) -> None:
        if self.envelope is not None and self.envelope not in ENVELOPES:
            raise UnknownNameError("envelope of mutations", str(self.envelope), ENVELOPES)
        if self.envelope is not None and self.operation is None and self.is_before is None:
            object.__setattr__(self, "operation", "op")
        if self.envelope is not None and self.is_before is not None:
            raise DefinitionError(
                f"mutations have is_before={self.is_before!r} and envelope={self.envelope!r}.",
                cure="An envelope says its operation itself: name its column, operation='op'.",
            )
        if (self.operation is None) == (self.is_before is None):
            raise DefinitionError(
                f"mutations have operation={self.operation!r} and is_before={self.is_before!r}.",
                cure="Name one: the column of operations, or that which marks images before a change.",
            )
        for name, column in zip(("time", "operation", "is_before", "sequence"), self.parts, strict=True):
            if column is not None and (not isinstance(column, str) or not column):
                raise DefinitionError(f"{name} of mutations is {column!r}.", cure="Name a column.")
        if len(set(self.columns)) < len(self.columns):
            raise DefinitionError(
                f"mutations name one column twice: {list(self.columns)}.",
                cure="Each part has its own column.",
            )

    @property
    def parts(self) -> tuple[str | None, ...]:
        """time, operation, is_before and sequence."""
        return (self.time, self.operation, self.is_before, self.sequence)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are named."""
        return tuple(each for each in self.parts if each is not None)

    @property
    def action(self) -> str:
        """The column that says what became of the row."""
        found = self.operation or self.is_before
        assert found is not None
        return found
