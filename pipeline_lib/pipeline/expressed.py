"""Transforms that are expressions of our SQL dialect: on tables, on rows and in the serving plan by one kernel.

A subclass says in `expressions` which output is which expression of its inputs. What the inputs are (numbers, texts,
instants) is learnt at fit, so that an expression that means nothing over them is refused there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.expressions.kinds import (
    BOOL,
    DATE,
    FLOAT,
    INSTANT,
    INT,
    INTERVAL,
    KINDS,
    TEXT,
    TIMESTAMP,
    Kind,
    kind_of,
)
from bighead.pipeline_lib.expressions.reading import reads, typed_over
from bighead.pipeline_lib.expressions.typed import Typed
from bighead.pipeline_lib.pipeline.native import NativeTransformer
from bighead.pipeline_lib.pipeline.transformer import ANYTHING, PlanStep, State

_TYPES: dict[Kind, pl.DataType] = {
    BOOL: pl.Boolean(),
    INT: pl.Int64(),
    FLOAT: pl.Float64(),
    TEXT: pl.String(),
    INSTANT: pl.Datetime("us", "UTC"),
}


@dataclass(eq=False)
class ExpressedTransformer(NativeTransformer):
    """Base of transforms that are expressions; they answer numbers, truths, texts and instants (local times, too)."""

    takes = ANYTHING | {"datetime"}
    kinds: dict[str, str] = field(init=False, repr=False, default_factory=dict)

    def expressions(self, inputs: Sequence[str]) -> dict[str, str]:
        """Return the SQL of each output, by its name; `column(name)` writes a column's name in SQL."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it is made of")

    def names(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the expressions."""
        return tuple(self.expressions(inputs))

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn what the columns are, and refuse expressions that mean nothing over them."""
        self.kinds = {name: str(kind_of(dtype)) for name, dtype in frame.schema.items()}
        self._typed(frame.columns)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that an output is made of the columns that its expression reads."""
        said = self.expressions(inputs)
        return {name: reads(said[name]) for name in outputs}

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Run the expressions over the columns."""
        if not self.kinds:
            self.fit(frame, None)
        made = self._typed(frame.columns)
        answered = super().transform(frame)
        return answered.cast({name: _TYPES[node.kind] for name, node in made.items()})

    def lower(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[PlanStep]:
        """Return one expression an output."""
        to = dict(zip(self.kinds, inputs, strict=True))
        made = self._typed([*self.kinds])
        return [
            {"op": "expression", "output": name, "expression": _renamed(node, to).plain()}
            for name, node in zip(outputs, made.values(), strict=True)
        ]

    def state(self) -> State:
        """What the columns are."""
        rows = {"column": [*self.kinds], "kind": [*self.kinds.values()]}
        return {"kinds": pl.DataFrame(rows, schema={"column": pl.String, "kind": pl.String})}

    def restore(self, state: State) -> None:
        """Take up what the columns are."""
        table = state["kinds"]
        assert isinstance(table, pl.DataFrame)
        self.kinds = dict(zip(table["column"], table["kind"], strict=True))

    def _typed(self, inputs: Sequence[str]) -> dict[str, Typed]:
        where, kinds = type(self).__name__, {name: KINDS[word] for name, word in self.kinds.items()}
        said = self.expressions(inputs)
        return {name: _answerable(name, typed_over(sql, where, kinds, kinds)) for name, sql in said.items()}


def column(name: str) -> str:
    """Return a column's name as SQL writes it.

    >>> column('a "b" c')
    '"a ""b"" c"'
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as SQL writes it.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def _answerable(name: str, node: Typed) -> Typed:
    """What a step behind can read: days and local times as instants, spans as seconds."""
    if node.kind == DATE:
        node = Typed("date_to_timestamp", TIMESTAMP, (node,))
    if node.kind == TIMESTAMP:
        return Typed("same_time", INSTANT, (node,))
    if node.kind == INTERVAL:
        return Typed("epoch", FLOAT, (node,))
    if node.kind not in _TYPES:
        raise DataError(
            f"the column {name!r} would be {node.kind}.", cure="Expected one value a row: CAST it."
        )
    return node


def _renamed(node: Typed, names: Mapping[str, str]) -> Typed:
    if node.op == "column":
        return replace(node, value=names[str(node.value)])
    return replace(node, args=tuple(_renamed(each, names) for each in node.args))
