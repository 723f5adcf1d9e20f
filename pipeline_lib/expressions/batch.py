"""Typed expressions as Polars expressions, for tables.

Where Polars computes otherwise than the dialect says (integers wrap, a divisor that is a literal becomes a factor),
the primitives of `batch_numbers`, `batch_texts` and `batch_times` say it in operations that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import polars as pl

from bighead.pipeline_lib.expressions.batch_numbers import NUMBERS
from bighead.pipeline_lib.expressions.batch_texts import TEXTS
from bighead.pipeline_lib.expressions.batch_times import TIMES
from bighead.pipeline_lib.expressions.kinds import FLOAT, INT, NULL, TEXT, Kind, dtype_of
from bighead.pipeline_lib.expressions.typed import Typed

# Arguments that are values, and no expressions, by their places.
_VALUES = {
    "date_diff": (0,),
    "trunc": (0,),
    "trunc_date": (0,),
    "regexp_like": (1,),
    "replace": (1, 2),
    "split_part": (1,),
    "parse_time": (1,),
    "parse_instant": (1,),
    "parse_local": (1, 2),
    "to_instant": (1,),
    "to_local": (1,),
    "round_to": (1,),
}
# Integer arithmetic that spans and times share: they are microseconds.
_COUNTED = {"add_int", "sub_int", "mul_int", "neg_int", "abs_int", "add_time", "sub_time", "epoch"}
# Members beyond which a table is cheaper than comparing with each.
_FEW = 4


def lowered(node: Typed, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Return the Polars expression over the columns of a schema."""
    if node.op == "column":
        return _column(node, schema)
    if node.op == "constant":
        return literal(node.value, node.kind)
    places = _VALUES.get(node.op, ())
    args: list[Any] = [
        each.value if place in places else lowered(each, schema) for place, each in enumerate(node.args)
    ]
    if node.op in _COUNTED:
        kinds = [each.kind for each in node.args]
        args = [arg if kind == INT else arg.cast(pl.Int64) for arg, kind in zip(args, kinds, strict=True)]
    if node.op == "in" and len(args) > _FEW and _plain(node):
        listed = pl.Series([each.value for each in node.args[1:]], dtype=dtype_of(node.args[0].kind))
        found: pl.Expr = args[0].is_in(pl.lit(listed).implode())
        return found
    if node.op == "same":
        same: pl.Expr = args[0].cast(dtype_of(node.kind))
        return same
    made = PRIMITIVES[node.op](*args)
    counted = node.op in _COUNTED or node.op in _GIVES_COUNTS
    return made if not counted or node.kind in (INT, FLOAT) else made.cast(dtype_of(node.kind))


def literal(value: Any, kind: Kind) -> pl.Expr:
    """Return a constant of a kind; times are given as numbers."""
    dtype = dtype_of(kind)
    if value is None or kind == NULL:
        return pl.lit(None, dtype=dtype)
    return pl.lit(value).cast(dtype)


def _column(node: Typed, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    name, wanted = str(node.value), dtype_of(node.kind)
    if schema[name] == wanted:
        return pl.col(name)
    # Integers beyond 64 bits with a sign are null.
    return pl.col(name).cast(wanted, strict=False)


def _plain(node: Typed) -> bool:
    members = all(each.op == "constant" and each.value is not None for each in node.args[1:])
    return members and node.args[0].kind in (INT, TEXT)


def _case(*args: pl.Expr) -> pl.Expr:
    made: Any = pl
    for condition, value in zip(args[:-1:2], args[1::2], strict=True):
        made = made.when(condition).then(value)
    expr: pl.Expr = made.otherwise(args[-1])
    return expr


def _any(*args: pl.Expr) -> pl.Expr:
    return reduce(lambda left, right: left | right, args)


def _better(wins: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[..., pl.Expr]:
    def best(*args: pl.Expr) -> pl.Expr:
        return reduce(lambda a, b: pl.when(a.is_null() | wins(b, a)).then(b).otherwise(a), args)

    return best


def _list_element(values: pl.Expr, place: pl.Expr) -> pl.Expr:
    near = place.clip(-(1 << 31), 1 << 31)
    index = pl.when(near > 0).then(near - 1).when(near < 0).then(near)
    return pl.when(index.is_not_null()).then(values.list.get(index.fill_null(0), null_on_oob=True))


def _array_contains(values: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(values.is_not_null() & value.is_not_null()).then(values.list.contains(value))


_LOGIC: dict[str, Callable[..., pl.Expr]] = {
    "and": lambda *args: reduce(lambda left, right: left & right, args),
    "or": _any,
    "not": lambda x: ~x,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "in": lambda x, *args: _any(*(x == each for each in args)),
    "is_null": lambda x: x.is_null(),
    "coalesce": lambda *args: pl.coalesce(*args),
    "case": _case,
    "greatest": _better(lambda b, a: b > a),
    "least": _better(lambda b, a: b < a),
    "list_length": lambda x: x.list.len().cast(pl.Int64),
    "list_to_float": lambda x: x.cast(pl.List(pl.Float64())),
    "element": _list_element,
    "array_contains": _array_contains,
}
PRIMITIVES: dict[str, Callable[..., pl.Expr]] = {**_LOGIC, **NUMBERS, **TEXTS, **TIMES}
# Primitives that count microseconds or days, and give a time.
_GIVES_COUNTS = {"text_to_date", "text_to_timestamp", "text_to_instant", "parse_time", "parse_instant"}
_GIVES_COUNTS |= {"from_epoch", "from_epoch_float", "date_to_timestamp", "same_time"}
