"""What an expression gives in one row, in naive Python; times are days or microseconds since 1970."""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import re
from decimal import Decimal
from typing import Any

from time_oracle import TIMES

from bighead.pipeline_lib.expressions.typed import Typed

SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
C = ctypes.CDLL(ctypes.util.find_library("m"))
for each in ("exp", "log", "sqrt", "sin", "cos", "tan", "pow", "atan2"):
    getattr(C, each).restype = ctypes.c_double
    getattr(C, each).argtypes = [ctypes.c_double] * (2 if each in ("pow", "atan2") else 1)


def value_of(node: Typed, row: dict[str, Any]) -> Any:
    """Return the value of a typed expression in a row."""
    if node.op == "constant":
        return node.value
    if node.op == "column":
        return row[str(node.value)]
    args = [value_of(each, row) for each in node.args]
    if node.op in ANY:
        return ANY[node.op](*args)
    if any(each is None for each in args):
        return None
    if node.op == "list_to_float":
        return [None if each is None else float(each) for each in args[0]]
    return STRICT[node.op](*args)


def fit(value: int) -> int | None:
    return value if -(2**63) <= value < 2**63 else None


def order(value: Any) -> Any:
    """A key by which values are compared: NaN is the largest float."""
    if isinstance(value, float):
        return (1, 0.0) if math.isnan(value) else (0, value)
    return value


def div(a, b):
    if b == 0:
        return None
    return a / b


def floordiv(a, b):
    if b == 0:
        return None
    return floor(a / b)


def floor(x):
    return float(math.floor(x)) if math.isfinite(x) and x != 0 else x


def ceil(x):
    return math.copysign(float(math.ceil(x)), x) if math.isfinite(x) and x != 0 else x


def rounded(x):
    return math.copysign(float(round(x)), x) if math.isfinite(x) else x


def round_to(x, places):
    grown = x * 10.0**places
    return rounded(grown) / 10.0**places if math.isfinite(grown) else x


def log10(x):
    found = C.log(x) / C.log(10.0)
    whole = rounded(found)
    return whole if C.pow(10.0, whole) == x else found


def power(a, b):
    if b == 0.5:
        return C.sqrt(a)
    if b in range(1, 10):
        made = a
        for _ in range(int(b) - 1):
            made *= a
        return made
    return C.pow(a, b)


def sign(x):
    if x != x:
        return x
    one = type(x)(1)
    return one if x > 0 else -one if x < 0 else type(x)(0)


def best(wins):
    def found(*args):
        kept = None
        for each in args:
            if each is not None and (kept is None or wins(order(each), order(kept))):
                kept = each
        return kept

    return found


def substr(text, start, length):
    if length < 0:
        return None
    start, end = max(min(start, 2**40), -(2**40)), start + length
    return text[max(start, 1) - 1 : max(end, 1) - 1] if end > start else ""


def split_part(text, separator, place):
    parts = text.split(separator)
    if place == 0:
        return None
    index = place - 1 if place > 0 else len(parts) + place
    return parts[index] if 0 <= index < len(parts) else ""


def element(values, place):
    index = place - 1 if place > 0 else len(values) + place
    return values[index] if place != 0 and 0 <= index < len(values) else None


def matches(text, pattern):
    # `$` is the very end.
    return re.search(pattern.replace("$", r"\Z"), text) is not None


def float_text(x):
    if x != x or math.isinf(x):
        return {math.inf: "inf", -math.inf: "-inf"}.get(x, "NaN")
    if x == 0 or 1e-5 <= abs(x) < 1e16:
        plain = format(Decimal(repr(x)), "f")
        return plain if "." in plain else f"{plain}.0"
    digits, exponent = f"{Decimal(repr(x)).normalize():e}".split("e")
    return f"{digits}e{int(exponent):+d}"


def float_to_int(x):
    return fit(math.trunc(x)) if math.isfinite(x) else None


def text_to_float(text):
    form = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
    found = float(text) if re.fullmatch(form, text) else math.inf
    return found if math.isfinite(found) else None


def all_of(*args):
    return False if False in args else None if None in args else True


def any_of(*args):
    return True if True in args else None if None in args else False


def among(x, *args):
    return any_of(*(None if x is None or each is None else order(x) == order(each) for each in args))


def case(*args):
    for condition, value in zip(args[:-1:2], args[1::2], strict=True):
        if condition:
            return value
    return args[-1]


ANY: dict[str, Any] = {
    "and": all_of,
    "or": any_of,
    "in": among,
    "is_null": lambda x: x is None,
    "coalesce": lambda *args: next((each for each in args if each is not None), None),
    "case": case,
    "greatest": best(lambda a, b: a > b),
    "least": best(lambda a, b: a < b),
    "concat": lambda *args: "".join(each for each in args if each is not None),
}
STRICT: dict[str, Any] = TIMES | {
    "not": lambda x: not x,
    "eq": lambda a, b: order(a) == order(b),
    "ne": lambda a, b: order(a) != order(b),
    "lt": lambda a, b: order(a) < order(b),
    "le": lambda a, b: order(a) <= order(b),
    "gt": lambda a, b: order(a) > order(b),
    "ge": lambda a, b: order(a) >= order(b),
    "same": lambda x: x,
    "add_int": lambda a, b: fit(a + b),
    "sub_int": lambda a, b: fit(a - b),
    "mul_int": lambda a, b: fit(a * b),
    "floordiv_int": lambda a, b: fit(a // b) if b else None,
    "mod_int": lambda a, b: a % b if b else None,
    "neg_int": lambda x: fit(-x),
    "abs_int": lambda x: fit(abs(x)),
    "add_float": lambda a, b: a + b,
    "sub_float": lambda a, b: a - b,
    "mul_float": lambda a, b: a * b,
    "div": div,
    "floordiv_float": floordiv,
    "mod_float": lambda a, b: None if b == 0 else a - b * floordiv(a, b),
    "neg_float": lambda x: -x,
    "abs_float": abs,
    "sign_int": sign,
    "sign_float": sign,
    "round": rounded,
    "round_to": round_to,
    "floor": floor,
    "ceil": ceil,
    "sqrt": C.sqrt,
    "exp": C.exp,
    "ln": C.log,
    "log10": log10,
    "pow": power,
    "sin": C.sin,
    "cos": C.cos,
    "tan": C.tan,
    "atan2": C.atan2,
    "is_nan": math.isnan,
    "is_finite": math.isfinite,
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda x: x.strip(SPACE),
    "ltrim": lambda x: x.lstrip(SPACE),
    "rtrim": lambda x: x.rstrip(SPACE),
    "length": len,
    "substr": substr,
    "substr_from": lambda text, start: text[max(start, 1) - 1 :],
    "join": lambda a, b: a + b,
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, part: part in text,
    "split_part": split_part,
    "regexp_like": matches,
    "list_length": len,
    "element": element,
    "array_contains": lambda xs, x: any(each is not None and order(each) == order(x) for each in xs),
    "bool_to_int": int,
    "bool_to_float": float,
    "bool_to_text": lambda x: str(x).lower(),
    "int_to_bool": bool,
    "int_to_float": float,
    "int_to_text": str,
    "float_to_int": float_to_int,
    "float_to_text": float_text,
    "text_to_bool": lambda x: {"true": True, "false": False}.get(x.lower() if x.isascii() else ""),
    "text_to_int": lambda x: fit(int(x)) if re.fullmatch("[+-]?[0-9]+", x) else None,
    "text_to_float": text_to_float,
}
