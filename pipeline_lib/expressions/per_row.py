"""Expressions whose value in a row is a function of that row alone, and which fail for no row.

1. The expression is parsed, and its tree is read as JSON.
2. What looks beyond its row is refused: aggregates, windows, subqueries, whatever is not in the list of what is known
   to take rows one by one; and so is the clock, whose answer is another one tomorrow.
3. A divisor of zero becomes null, and a cast that a value does not fit gives null, so that one row's value cannot take
   the others' away.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.expressions.frames import parse

_LEAVES = {"Column", "Literal"}
# Functions that take rows one by one: whole families, and single members of the others.
_FAMILIES = {"StringExpr", "ListExpr", "TemporalExpr", "StructExpr", "Trigonometry", "Pow"}
_FUNCTIONS = {
    *("Abs", "Ceil", "Floor", "Sign", "Exp", "Log", "Log1p", "Atan2", "Truncate", "Clip", "FillNull"),
    *("Coalesce", "MaxHorizontal", "MinHorizontal", "Sql.Binary", "Sql.Round", "Sql.ToFloat", "Sql.IsIn"),
    *("Boolean.IsNull", "Boolean.IsNotNull", "Boolean.Not", "Boolean.IsIn", "Bitwise.CountOnes"),
    *("Boolean.IsNan", "Boolean.IsNotNan", "Boolean.IsFinite", "Boolean.IsInfinite"),
}
_REFUSED_MEMBERS = {"StringExpr.ConcatVertical"}
_DIVISIONS = {"Div", "IntDiv", "Rem"}
_ARITHMETIC = {"Divide", "TrueDivide", "FloorDivide", "Modulus"}
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_CLOCK = re.compile(
    r"\b(?:current_(?:date|time|timestamp)\b|local(?:time|timestamp)\b|(?:now|today)\s*\()", re.I
)
_NULL: dict[str, Any] = {"Literal": {"Scalar": {"Null": "Null"}}}
_ZERO: dict[str, Any] = {"Literal": {"Dyn": {"Int": 0}}}
_Tree = dict[str, Any]


def per_row(sql: str, where: str) -> pl.Expr:
    """Parse one SQL expression that takes rows one by one; `where` names it in errors.

    >>> pl.DataFrame({"a": [1, 1], "b": [0, 2]}).select(per_row("a / b", "an example")).to_series().to_list()
    [None, 0.5]

    Raises:
        DefinitionError: it does not parse, looks beyond its row, or asks for the time.
    """
    parsed = parse(sql, where)
    asked = _CLOCK.search(_QUOTED.sub("''", sql))
    if asked:
        raise DefinitionError(
            f"{where} has the expression {sql!r}, which asks for the time by {asked[0].strip('( ')!r}.",
            cure="Its value must follow from its inputs: take a feature that tells of time, as time_since_last.",
        )
    try:
        tree = json.loads(parsed.meta.serialize(format="json"))
    except (PolarsError, ValueError) as error:
        raise _beyond(sql, where, "a subquery") from error
    return pl.Expr.deserialize(io.StringIO(json.dumps(_safe(tree, sql, where))), format="json")


def _safe(tree: _Tree, sql: str, where: str) -> _Tree:
    """Return the tree with every division and cast made safe.

    Raises:
        DefinitionError: something in it looks beyond its row.
    """
    ((kind, made),) = tree.items() if isinstance(tree, dict) else ((str(tree), None),)

    def inside(*names: str) -> _Tree:
        return {name: _safe(made[name], sql, where) for name in names}

    if kind in _LEAVES:
        return tree
    if kind == "BinaryExpr":
        both = inside("left", "right")
        right = _not_zero(both["right"]) if made["op"] in _ARITHMETIC else both["right"]
        return {kind: {**made, "left": both["left"], "right": right}}
    if kind == "Ternary":
        return {kind: inside("predicate", "truthy", "falsy")}
    if kind == "Cast":
        return {kind: {**made, **inside("expr"), "options": "NonStrict"}}
    if kind == "Function":
        name = _name_of(made["function"])
        given = [_safe(each, sql, where) for each in made["input"]]
        if name in _FUNCTIONS or (name.split(".")[0] in _FAMILIES and name not in _REFUSED_MEMBERS):
            function = made["function"]
            if name == "Sql.Binary" and function["Sql"]["Binary"] in _DIVISIONS:
                given[1] = _not_zero(given[1])
            return {kind: {**made, "input": given}}
        kind = name
    elif kind == "Agg":
        kind = str(next(iter(made)))
    raise _beyond(sql, where, kind)


def _name_of(function: str | _Tree) -> str:
    """Return `Family.Member`, or the one name of a function without a family."""
    if isinstance(function, str):
        return function
    family, member = next(iter(function.items()))
    if family not in _FUNCTIONS and isinstance(member, str | dict):
        return f"{family}.{member if isinstance(member, str) else next(iter(member), '')}"
    return family


def _not_zero(tree: _Tree) -> _Tree:
    # As a float everything that divides can be compared with zero, durations and decimals too.
    number = {"Cast": {"expr": tree, "dtype": {"Literal": "Float64"}, "options": "NonStrict"}}
    zero = {"BinaryExpr": {"left": number, "op": "Eq", "right": _ZERO}}
    return {"Ternary": {"predicate": zero, "truthy": _NULL, "falsy": tree}}


def _beyond(sql: str, where: str, what: str) -> DefinitionError:
    return DefinitionError(
        f"{where} has the expression {sql!r}, of which {what} looks beyond its row.",
        cure="Use what one row decides: arithmetic, comparisons, CASE, COALESCE, functions of numbers, text and lists.",
    )
