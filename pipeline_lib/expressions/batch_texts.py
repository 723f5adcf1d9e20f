"""Text in Polars, as the dialect computes it: places count code points from 1."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_FAR = 1 << 40


def _substr(text: pl.Expr, start: pl.Expr, length: pl.Expr) -> pl.Expr:
    """The code points at places of [start, start + length) that there are."""
    first = start.clip(-_FAR, _FAR)
    beyond = first + length.clip(-_FAR, 4 * _FAR)
    begin = first.clip(1)
    count = (beyond - begin).clip(0)
    fits = text.is_not_null() & (length >= 0) & start.is_not_null()
    return pl.when(fits).then(text.str.slice((begin - 1).fill_null(0), count.fill_null(0)))


def _substr_from(text: pl.Expr, start: pl.Expr) -> pl.Expr:
    begin = start.clip(1, _FAR)
    return pl.when(begin.is_not_null()).then(text.str.slice((begin - 1).fill_null(0)))


def _split_part(text: pl.Expr, separator: str, place: pl.Expr) -> pl.Expr:
    near = place.clip(-(1 << 31), 1 << 31)
    index = pl.when(near > 0).then(near - 1).otherwise(near).fill_null(0)
    part = text.str.split(separator).list.get(index, null_on_oob=True).fill_null("")
    return pl.when(text.is_not_null() & (place != 0)).then(part)


def _replace(text: pl.Expr, old: str, new: str) -> pl.Expr:
    return text.str.replace_all(old, new, literal=True) if old else text


TEXTS: dict[str, Callable[..., pl.Expr]] = {
    "lower": lambda x: x.str.to_lowercase(),
    "upper": lambda x: x.str.to_uppercase(),
    "trim": lambda x: x.str.strip_chars(),
    "ltrim": lambda x: x.str.strip_chars_start(),
    "rtrim": lambda x: x.str.strip_chars_end(),
    "length": lambda x: x.str.len_chars().cast(pl.Int64),
    "substr": _substr,
    "substr_from": _substr_from,
    "join": lambda a, b: a + b,
    "concat": lambda *args: pl.concat_str(*args, ignore_nulls=True),
    "replace": _replace,
    "starts_with": lambda x, y: x.str.starts_with(y),
    "ends_with": lambda x, y: x.str.ends_with(y),
    "contains": lambda x, y: x.str.contains(y, literal=True),
    "split_part": _split_part,
    "regexp_like": lambda x, pattern: x.str.contains(pattern),
}
