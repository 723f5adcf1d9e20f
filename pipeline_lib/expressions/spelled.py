"""Arguments that an expression spells out, for they choose what is computed: units, zones, formats, patterns."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import polars as pl
from polars.exceptions import PolarsError

from bighead.pipeline_lib.errors import did_you_mean
from bighead.pipeline_lib.expressions.kinds import INSTANT, INT, TEXT, Kind
from bighead.pipeline_lib.expressions.syntax import Literal, Node, WrongExpressionError
from bighead.pipeline_lib.expressions.times import pattern_of, span_of, time_value, unit_of
from bighead.pipeline_lib.expressions.typed import Typed, constant

_PLACES = 15


def spelled(node: Node, what: str, primitive: str, gives: Kind) -> Typed:
    """Return the constant that a literal means as a primitive's unit, zone, format, pattern or text.

    Raises:
        WrongExpressionError: it is no literal, or not one of those that there are.
    """
    if not isinstance(node, Literal):
        raise WrongExpressionError(f"the {what} is computed", node.at, "Expected it spelled out: 'a text'.")
    if primitive == "round_to":
        return _places(node)
    if not isinstance(node.value, str):
        raise WrongExpressionError(f"the {what} is {node.value!r}", node.at, "Expected a text in quotes.")
    text, at = node.value, node.at
    if what == "unit":
        return constant(unit_of(text, at), TEXT)
    if what == "zone":
        return constant(_zone(text, at), TEXT)
    if what == "format":
        return constant(pattern_of(text, at, zoned=primitive == "parse_instant"), TEXT)
    if what in ("like", "ilike"):
        return constant(like_pattern(text, ignore_case=what == "ilike"), TEXT)
    if what == "pattern":
        return constant(_pattern(text, at), TEXT)
    if what == "iso":
        return constant(time_value(text, gives, at), gives)
    if what == "span":
        return constant(span_of(text, at), gives)
    if primitive == "split_part" and not text:
        raise WrongExpressionError("the separator is empty", at)
    return constant(text, TEXT)


def like_pattern(text: str, *, ignore_case: bool = False) -> str:
    """Return the pattern of a LIKE: `%` is any text, `_` any code point.

    >>> like_pattern("a%")
    '(?s)^a.*$'
    """
    parts = [{"%": ".*", "_": "."}.get(each, re.escape(each)) for each in text]
    return f"(?{'i' if ignore_case else ''}s)^{''.join(parts)}$"


def _places(node: Literal) -> Typed:
    if type(node.value) is not int or not 0 <= node.value <= _PLACES:
        raise WrongExpressionError(f"{node.value!r} decimal places", node.at, f"Expected 0 to {_PLACES}.")
    return constant(node.value, INT)


def _zone(text: str, at: int) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        cure = did_you_mean(text, sorted(available_timezones()))
        raise WrongExpressionError(f"{text!r} is no zone", at, cure if "Did" in cure else None) from None
    return text


@lru_cache(maxsize=1024)
def _pattern(text: str, at: int) -> str:
    try:
        pl.Series([""]).str.contains(text, strict=True)
    except PolarsError as error:
        said = " ".join(str(error).split())
        raise WrongExpressionError(f"{text!r} is no pattern ({said[:120]})", at) from None
    return text


def as_time(node: Node, kind: Kind) -> Typed | None:
    """Return a literal text as the date or time that it is compared or combined with; None for other nodes."""
    if isinstance(node, Literal) and isinstance(node.value, str):
        if kind == INSTANT and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.value):
            return constant(time_value(f"{node.value}T00:00Z", kind, node.at), kind)
        return constant(time_value(node.value, kind, node.at), kind)
    return None
