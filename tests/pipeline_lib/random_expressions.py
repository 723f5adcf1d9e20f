"""Random expressions as SQL, drawn from the table of functions, and rows to evaluate them in."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from random_rows import INTS, TEXTS

from bighead.pipeline_lib.expressions.casts import CASTS
from bighead.pipeline_lib.expressions.functions import FUNCTIONS, SPELLED
from bighead.pipeline_lib.expressions.kinds import ORDERED

COLUMNS = {
    "bool": ["b", "c"],
    "int": ["i", "j", "h"],
    "float": ["f", "g"],
    "text": ["s", "r"],
    "date": ["d"],
    "timestamp": ["t", "n"],
    "instant": ["u", "w"],
    "interval": ["v"],
    "list[int]": ["xs"],
    "list[float]": ["ys"],
    "list[text]": ["ss"],
}
ZONES = ["America/New_York", "Europe/Paris", "Asia/Kathmandu", "UTC", "Australia/Lord_Howe"]
FORMATS = ["%Y-%m-%d", "%F %T", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S.%f", "%m%%%d%Y"]
SPELLINGS = {
    "unit": [
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "days",
    ],
    "zone": ZONES,
    "format": FORMATS,
    "like": ["a%", "%b%", "_", "", "A_ c", "%\n%", "."],
    "ilike": ["AB%", "%B"],
    "pattern": ["a", "^[0-9]+$", "(?:a|b)c?", "a.b", "[^a]", "日"],
    "constant": ["", "a", ",", " ", "b,", "日"],
    "span": ["1 day", "-3 hours 2 minutes", "1.5 seconds", "2 weeks"],
}
ISO_TEXTS = {
    "date": ["2013-03-31", "1969-12-31", "0001-01-01"],
    "timestamp": ["2013-03-31 02:30", "1969-12-31T23:59:59.999999"],
    "instant": ["2013-03-31T02:30Z", "1969-12-31 23:59:59.5-05:00"],
}
BY_KIND: dict[str, list[tuple[str, Any]]] = {}
for _name, _function in FUNCTIONS.items():
    for _signature in _function.signatures:
        for _kind in (str(each) for each in ORDERED):
            if _signature.gives in (_kind, "T", "S"):
                BY_KIND.setdefault(_kind, []).append((_name, _signature))


@st.composite
def expressions(draw: Any, kind: str, depth: int = 3) -> str:
    """Draw an expression of a kind."""
    if kind.startswith("list["):
        return str(draw(st.sampled_from(COLUMNS.get(kind, ["xs"]))))
    if depth == 0:
        return str(draw(leaves(kind)))
    made = draw(st.sampled_from(["leaf", "case", "cast", *["call"] * 6]))
    if made == "leaf":
        return str(draw(leaves(kind)))
    if made == "case":
        condition, one, other = (draw(expressions(each, depth - 1)) for each in ("bool", kind, kind))
        return f"CASE WHEN {condition} THEN {one} ELSE {other} END"
    if made == "cast":
        sources = [str(source) for source, to in CASTS if str(to) == kind]
        if sources:
            return f"CAST({draw(expressions(draw(st.sampled_from(sources)), depth - 1))} AS {NAMES[kind]})"
    name, signature = draw(st.sampled_from(BY_KIND[kind]))
    return str(draw(calls(name, signature, kind, depth - 1)))


NAMES = {
    "bool": "BOOL",
    "int": "INT",
    "float": "DOUBLE",
    "text": "TEXT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
NAMES |= {"instant": "TIMESTAMPTZ"}


def leaves(kind: str) -> st.SearchStrategy[str]:
    columns = st.sampled_from(COLUMNS[kind])
    constants = {
        "bool": st.sampled_from(["TRUE", "FALSE"]),
        "int": st.sampled_from(INTS).map(str) | st.integers(-3, 12).map(str),
        "float": st.sampled_from(["0.0", "-1.5", "3.7", "1e300", "2.0", "0.5", "9.0", "1e-5"]),
        "text": st.sampled_from(TEXTS).map(lambda text: f"'{text}'"),
        "date": st.just("DATE '2013-03-10'"),
        "timestamp": st.just("TIMESTAMP '2013-03-10 02:30:00'"),
        "instant": st.just("TIMESTAMPTZ '2013-03-10 02:30:00Z'"),
        "interval": st.sampled_from(["INTERVAL '1 day'", "INTERVAL '-1.5 hours'"]),
    }[kind]
    return st.one_of(columns, columns, constants) if kind in COLUMNS else columns


@st.composite
def calls(draw: Any, name: str, signature: Any, kind: str, depth: int) -> str:
    bound = kind if signature.gives in ("T", "S") else draw(st.sampled_from(sorted(NAMES)))
    takes = list(signature.takes)
    if signature.repeats:
        takes += takes[-1:] * draw(st.integers(0, 5))
    args = []
    for each in takes:
        if each in SPELLED:
            args.append(draw(spellings(each, signature.primitive, signature.gives)))
            continue
        if each.startswith("list["):
            inner = each[5:-1]
            inner = bound if inner in ("T", "S") else inner
            inner = inner if f"list[{inner}]" in COLUMNS else "int"
            bound = inner if each != "list[T]" or signature.gives == "T" else bound
            each = f"list[{inner}]"
            if signature.gives == "T" and inner != kind:
                return str(draw(leaves(kind)))
        args.append(draw(expressions(bound if each in ("T", "S") else each, depth)))
    return written(name, args)


def spellings(what: str, primitive: str, gives: str) -> st.SearchStrategy[str]:
    if primitive == "round_to":
        return st.integers(0, 15).map(str)
    listed = ISO_TEXTS[gives] if what == "iso" else SPELLINGS[what]
    if primitive == "parse_instant":
        listed = [f"{each}%z" for each in listed]
    if primitive == "split_part":
        listed = [each for each in listed if each]
    return st.sampled_from(listed).map(lambda text: f"'{text}'")


def written(name: str, args: list[str]) -> str:
    """Spell a call as SQL does."""
    if name.startswith("literal_"):
        return f"{name.removeprefix('literal_').upper()} {args[0]}"
    if name in ("and", "or"):
        return "(" + f" {name.upper()} ".join(args) + ")" if len(args) > 1 else args[0]
    if name == "in":
        return f"({args[0]}) IN ({', '.join(args[1:])})"
    if name in ("not", "neg"):
        return f"({'NOT' if name == 'not' else '-'} ({args[0]}))"
    if name == "is_null":
        return f"(({args[0]}) IS NULL)"
    if name == "element":
        return f"({args[0]})[{args[1]}]"
    if name == "at_time_zone":
        return f"(({args[0]}) AT TIME ZONE {args[1]})"
    if not name.isidentifier() or name in ("like", "ilike"):
        return (
            f"(({args[0]}) {name.upper()} ({args[1]}))"
            if name not in ("like", "ilike")
            else f"(({args[0]}) {name} {args[1]})"
        )
    return f"{name}({', '.join(args)})"
