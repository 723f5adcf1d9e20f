"""Numbers in Polars, as the dialect computes them: integers that do not fit are null, and so is what 0 divides."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import polars as pl

_WIDE = pl.Int128


def fitted(wide: pl.Expr) -> pl.Expr:
    """Return integers of 64 bits; null for those that do not fit."""
    return wide.cast(pl.Int64, strict=False)


def divided(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Return the quotient of floats; null where the divisor is 0.

    The divisor is spread over all rows: of a single one Polars takes the reciprocal, and multiplies.
    """
    divisor = _spread(b, a)
    return a / pl.when(divisor != 0).then(divisor)


def _spread(value: pl.Expr, beside: pl.Expr) -> pl.Expr:
    """Return floats as a value a row, where they may be one value for all; null beside null, in the end."""
    return value - beside.is_null().cast(pl.Float64)


def _wide(work: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[pl.Expr, pl.Expr], pl.Expr]:
    return lambda a, b: fitted(work(a.cast(_WIDE), b.cast(_WIDE)))


def _wide_divided(work: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[pl.Expr, pl.Expr], pl.Expr]:
    def by(a: pl.Expr, b: pl.Expr) -> pl.Expr:
        return fitted(work(a.cast(_WIDE), pl.when((b != 0) & a.is_not_null()).then(b).cast(_WIDE)))

    return by


def _sign_int(x: pl.Expr) -> pl.Expr:
    signs = pl.when(x > 0).then(1).when(x < 0).then(-1).otherwise(0)
    return pl.when(x.is_not_null()).then(signs).cast(pl.Int64)


def _sign_float(x: pl.Expr) -> pl.Expr:
    signs = pl.when(x.is_nan()).then(x).when(x > 0).then(1.0).when(x < 0).then(-1.0).otherwise(0.0)
    return pl.when(x.is_not_null()).then(signs)


def _round_to(x: pl.Expr, places: int) -> pl.Expr:
    factor = 10.0**places
    grown = x * factor
    return pl.when(grown.is_finite()).then(divided(grown.round(0), pl.lit(factor))).otherwise(x)


def _log10(x: pl.Expr) -> pl.Expr:
    """The quotient of logarithms, and the whole number beside it where that is exact."""
    found = divided(x.log(), pl.lit(math.log(10.0)))
    whole = found.round(0)
    return pl.when((_spread(pl.lit(10.0), whole) ** whole) == x).then(whole).otherwise(found)


def _pow(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Powers as C has them, save for 0.5 and the whole exponents that Polars multiplies out for a single row."""
    made: Any = pl.when(b == 0.5).then(a.sqrt())
    product = a
    for whole in range(1, 10):
        made = made.when(b == whole).then(product)
        product = product * a
    expr: pl.Expr = made.otherwise(_spread(a, b) ** _spread(b, a))
    return expr


def _text_to_int(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains("^[+-]?[0-9]+$")).then(
        text.str.strip_prefix("+").cast(pl.Int64, strict=False)
    )


def _text_to_float(text: pl.Expr) -> pl.Expr:
    form = "^[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?$"
    number = text.str.strip_prefix("+").cast(pl.Float64, strict=False)
    return pl.when(text.str.contains(form) & number.is_finite()).then(number)


def _text_to_bool(text: pl.Expr) -> pl.Expr:
    return (
        pl.when(text.str.contains("^(?i:true)$"))
        .then(True)
        .when(text.str.contains("^(?i:false)$"))
        .then(False)
    )


NUMBERS: dict[str, Callable[..., pl.Expr]] = {
    "add_int": _wide(lambda a, b: a + b),
    "sub_int": _wide(lambda a, b: a - b),
    "mul_int": _wide(lambda a, b: a * b),
    "floordiv_int": _wide_divided(lambda a, b: a // b),
    "mod_int": _wide_divided(lambda a, b: a % b),
    "neg_int": lambda x: fitted(0 - x.cast(_WIDE)),
    "abs_int": lambda x: fitted(x.cast(_WIDE).abs()),
    "sign_int": _sign_int,
    "add_float": lambda a, b: a + b,
    "sub_float": lambda a, b: a - b,
    "mul_float": lambda a, b: a * b,
    "div": divided,
    "floordiv_float": lambda a, b: divided(a, b).floor(),
    "mod_float": lambda a, b: a - b * divided(a, b).floor(),
    "neg_float": lambda x: x * -1.0,
    "abs_float": lambda x: x.abs(),
    "sign_float": _sign_float,
    "round": lambda x: x.round(0),
    "round_to": _round_to,
    "floor": lambda x: x.floor(),
    "ceil": lambda x: x.ceil(),
    "sqrt": lambda x: x.sqrt(),
    "exp": lambda x: x.exp(),
    "ln": lambda x: x.log(),
    "log10": _log10,
    "pow": _pow,
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "atan2": lambda y, x: pl.arctan2(y, x),
    "is_nan": lambda x: x.is_nan(),
    "is_finite": lambda x: x.is_finite(),
    "bool_to_int": lambda x: x.cast(pl.Int64),
    "bool_to_float": lambda x: x.cast(pl.Float64),
    "bool_to_text": lambda x: pl.when(x).then(pl.lit("true")).when(~x).then(pl.lit("false")),
    "int_to_bool": lambda x: x != 0,
    "int_to_float": lambda x: x.cast(pl.Float64),
    "int_to_text": lambda x: x.cast(pl.String),
    "float_to_int": lambda x: x.cast(pl.Int64, strict=False),
    "float_to_text": lambda x: x.cast(pl.String),
    "decimal_to_float": lambda x: x.cast(pl.Float64),
    "text_to_bool": _text_to_bool,
    "text_to_int": _text_to_int,
    "text_to_float": _text_to_float,
}
