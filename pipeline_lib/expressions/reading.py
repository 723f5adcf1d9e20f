"""From an expression's text to its typed form, and from its mistakes to errors that point at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bighead.pipeline_lib.errors import DefinitionError, SchemaError
from bighead.pipeline_lib.expressions.kinds import Kind
from bighead.pipeline_lib.expressions.parser import parse_node
from bighead.pipeline_lib.expressions.syntax import Node, WrongExpressionError, columns
from bighead.pipeline_lib.expressions.typed import Typed
from bighead.pipeline_lib.expressions.typing import check_names, typed

_SHOWN = 70


def reads(sql: str, where: str = "An expression") -> tuple[str, ...]:
    """Return the columns that an expression reads, each once.

    >>> reads("price * n_nights > price")
    ('price', 'n_nights')

    Raises:
        DefinitionError: it does not parse, or calls a function that there is not.
    """
    return columns(parsed(sql, where))


def parsed(sql: str, where: str) -> Node:
    """Return the syntax of an expression whose functions and types exist; `where` names what has it in errors.

    Raises:
        DefinitionError: it does not parse, or calls a function that there is not.
    """
    try:
        node = parse_node(sql)
        check_names(node)
    except WrongExpressionError as wrong:
        raise misfit(sql, where, wrong) from wrong
    return node


def typed_over(
    sql: str, where: str, kinds: Mapping[str, Kind], names: Sequence[str] | Mapping[str, object]
) -> Typed:
    """Return the typed form of an expression over columns of some kinds; `names` are all there are.

    Raises:
        DefinitionError: it does not parse, or calls a function that there is not.
        SchemaError: it reads a column that is not there, or one of a kind that a function does not take.
    """
    node = parsed(sql, where)
    needed = columns(node)
    if not set(needed) <= set(kinds):
        raise SchemaError.columns(f"{where} reads {sql!r}; the table", seen=list(names), expected=needed)
    try:
        return typed(node, kinds)
    except WrongExpressionError as wrong:
        raise misfit(sql, where, wrong) from wrong


def misfit(sql: str, where: str, wrong: WrongExpressionError) -> DefinitionError | SchemaError:
    """Return the error for an expression that means nothing, or nothing over these columns."""
    place = f"{wrong.problem}:\n{pointed(sql, wrong.at)}\n"
    if wrong.fits:
        cure = wrong.cure or "Expected one expression over the table's columns, as 'arr_delay > 15'."
        return DefinitionError(
            f"{where} has the expression {sql!r}, which is no SQL expression: {place}", cure=cure
        )
    cure = " ".join(filter(None, [wrong.cure, "Check its select and where."]))
    return SchemaError(f"{where} cannot be read: {place}", cure=cure)


def pointed(sql: str, at: int) -> str:
    """Return the line of an expression that has a place, and a caret below it.

    >>> print(pointed("x + * y", 4))
        x + * y
            ^
    """
    start = sql.rfind("\n", 0, at) + 1
    line = sql[start:].split("\n", 1)[0]
    place = at - start
    cut = max(0, place - _SHOWN // 2) if len(line) > _SHOWN else 0
    before = "".join("\t" if each == "\t" else " " for each in line[cut:place])
    return f"    {line[cut : cut + _SHOWN]}\n    {before}^"
