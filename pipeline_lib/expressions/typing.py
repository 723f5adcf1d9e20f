"""From what was written to what is meant: every node gets its kind, every call its primitive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bighead.pipeline_lib.errors import did_you_mean
from bighead.pipeline_lib.expressions.casts import CASTS
from bighead.pipeline_lib.expressions.functions import FUNCTIONS, SPELLED, Function, Signature
from bighead.pipeline_lib.expressions.kinds import (
    BOOL,
    DATE,
    FLOAT,
    INSTANT,
    INT,
    KINDS,
    NULL,
    ORDERED,
    TEXT,
    TIMESTAMP,
    TYPE_NAMES,
    Kind,
)
from bighead.pipeline_lib.expressions.spelled import as_time, spelled
from bighead.pipeline_lib.expressions.syntax import (
    Call,
    Cast,
    Column,
    Literal,
    Node,
    WrongExpressionError,
    asks_for_the_time,
)
from bighead.pipeline_lib.expressions.typed import Typed, constant

# Kinds that become others unasked: their primitive. A literal text becomes the time that it stands beside.
_WIDER = {(INT, FLOAT): "int_to_float", (DATE, TIMESTAMP): "date_to_timestamp"}
_TIMES = (DATE, TIMESTAMP, INSTANT)

_BEYOND = {"sum", "count", "avg", "mean", "min", "max", "median", "stddev", "first", "last", "lag", "lead"}
_BEYOND |= {"row_number", "rank", "dense_rank", "array_agg", "string_agg", "var", "quantile"}
_CLOCKS = {"now", "today", "current_timestamp", "current_date", "current_time", "localtimestamp", "localtime"}


def check_names(node: Node) -> None:
    """Refuse functions and types that there are not, whatever the columns are.

    Raises:
        WrongExpressionError: which, with the nearest.
    """
    if isinstance(node, Cast):
        _type(node)
        check_names(node.argument)
    if isinstance(node, Call):
        if node.name != "case":
            _function(node)
        for each in node.args:
            check_names(each)


def typed(node: Node, kinds: Mapping[str, Kind]) -> Typed:
    """Return the typed form of a node over columns of some kinds.

    Raises:
        WrongExpressionError: a function that there is not, or one that does not take what it is given.
    """
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Column):
        if node.name not in kinds:
            problem = f"there is no column {node.name!r}"
            raise WrongExpressionError(problem, node.at, did_you_mean(node.name, list(kinds)), fits=False)
        return Typed("column", kinds[node.name], value=node.name)
    if isinstance(node, Cast):
        return _cast(node, typed(node.argument, kinds))
    if node.name == "case":
        return _case(node, kinds)
    return _call(node, _function(node), kinds)


def _literal(node: Literal) -> Typed:
    value = node.value
    if isinstance(value, bool) or value is None:
        return constant(value, NULL if value is None else BOOL)
    if isinstance(value, str):
        return constant(value, TEXT)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise WrongExpressionError(f"{value} does not fit 64 bits", node.at, "Write it as a float.")
        return constant(value, INT)
    if not math.isfinite(value):
        raise WrongExpressionError("this number is beyond floats of 64 bits", node.at)
    return constant(value, FLOAT)


def _function(node: Call) -> Function:
    found = FUNCTIONS.get(node.name)
    if found is None:
        if node.name in _CLOCKS:
            raise asks_for_the_time(node.name, node.at)
        if node.name in _BEYOND:
            cure = "Use what one row decides; greatest and least compare columns, aggregations compare rows."
            raise WrongExpressionError(f"{node.name!r} looks beyond its row", node.at, cure)
        cure = did_you_mean(node.name, [*FUNCTIONS, "nullif", "cast", "try_cast"])
        cure = cure if cure.startswith("Did") else "docs/expressions.md lists them."
        raise WrongExpressionError(f"there is no function {node.name!r}", node.at, cure)
    return found


def _type(node: Cast) -> Kind:
    if node.to not in TYPE_NAMES:
        cure = f"Expected one of {', '.join(TYPE_NAMES)}."
        raise WrongExpressionError(f"there is no type {node.to!r} to cast to", node.at, cure)
    return TYPE_NAMES[node.to]


def _cast(node: Cast, argument: Typed) -> Typed:
    kind = _type(node)
    if argument.kind == kind and not (argument.op == "column" and kind == TEXT):
        return argument
    if argument.kind == kind:
        return Typed("same", kind, (argument,))
    if argument.kind == NULL:
        return constant(None, kind)
    if argument.kind.dtype is not None and argument.kind.dtype.is_decimal() and kind == FLOAT:
        return Typed("decimal_to_float", FLOAT, (argument,))
    if (argument.kind, kind) not in CASTS:
        targets = [str(to) for made, to in CASTS if made == argument.kind]
        cure = f"It casts to {', '.join(targets)}." if targets else None
        raise WrongExpressionError(f"{argument.kind} does not cast to {kind}", node.at, cure, fits=False)
    return Typed(CASTS[argument.kind, kind][0], kind, (argument,))


def _case(node: Call, kinds: Mapping[str, Kind]) -> Typed:
    *pairs, default = node.args
    conditions = []
    for each in pairs[::2]:
        condition = typed(each, kinds)
        if condition.kind not in (BOOL, NULL):
            raise WrongExpressionError(f"WHEN has {condition.kind}", each.at, "Expected a truth.", fits=False)
        conditions.append(_become(condition, each, BOOL))
    values = [*pairs[1::2], default]
    made = [typed(each, kinds) for each in values]
    kind = _common(made, values)
    if kind is None:
        seen = ", ".join(str(each.kind) for each in made)
        raise WrongExpressionError(f"CASE gives {seen}", node.at, "Expected values of one kind.", fits=False)
    given = [_become(each, value, kind) for each, value in zip(made, values, strict=True)]
    args = [each for pair in zip(conditions, given[:-1], strict=True) for each in pair]
    return Typed("case", kind, (*args, given[-1]))


def _call(node: Call, function: Function, kinds: Mapping[str, Kind]) -> Typed:
    spelling = {
        place for each in function.signatures for place, name in enumerate(each.takes) if name in SPELLED
    }
    args: list[Typed | None] = [
        None if place in spelling and isinstance(each, Literal) else typed(each, kinds)
        for place, each in enumerate(node.args)
    ]
    best: tuple[int, Signature, dict[str, Kind]] | None = None
    for signature in function.signatures:
        bound = _bound(signature, node.args, args)
        if bound is not None and (best is None or bound[0] < best[0]):
            best = (bound[0], signature, bound[1])
    if best is None:
        raise _unfit(node, function, args)
    _, signature, variables = best
    gives = _kind(signature.gives, variables)
    made = []
    for name, each, arg in zip(_takes(signature, len(args)), node.args, args, strict=True):
        if name in SPELLED:
            made.append(spelled(each, name, signature.primitive, gives))
        else:
            made.append(_become(arg or _literal(each), each, _kind(name, variables)))  # type: ignore[arg-type]
    return made[0] if signature.primitive == "literal" else Typed(signature.primitive, gives, tuple(made))


def _unfit(node: Call, function: Function, args: Sequence[Typed | None]) -> WrongExpressionError:
    seen = ", ".join("text" if each is None else str(each.kind) for each in args) or "nothing"
    expected = "; ".join(each.text for each in function.signatures)
    problem = f"{node.name!r} does not take {seen}"
    cure = f"Expected {expected}."
    if any(each is not None and each.kind.dtype is not None for each in args):
        cure += " Decimals take part as CAST(x AS DOUBLE)."
    return WrongExpressionError(problem, node.at, cure, fits=False)


def _takes(signature: Signature, count: int) -> tuple[str, ...]:
    more = count - len(signature.takes)
    return signature.takes + (signature.takes[-1:] * more if signature.repeats else ())


def _bound(
    signature: Signature, nodes: Sequence[Node], args: Sequence[Typed | None]
) -> tuple[int, dict[str, Kind]] | None:
    """Return what it costs to take these arguments and what the signature's variables are; None: not at all."""
    takes = _takes(signature, len(args))
    if len(takes) != len(args):
        return None
    variables: dict[str, Kind] = {}
    for letter in ("T", "S"):
        places = [place for place, name in enumerate(takes) if name in (letter, f"list[{letter}]")]
        if places:
            kind = _common(
                [_element(takes[place], args[place] or _literal(nodes[place])) for place in places],  # type: ignore[arg-type]
                [nodes[place] for place in places],
            )
            if kind is None or (letter == "S" and kind not in (*ORDERED, NULL)):
                return None
            variables[letter] = INT if letter == "S" and kind == NULL else kind
    cost = 0
    for name, node, arg in zip(takes, nodes, args, strict=True):
        if name in SPELLED:
            cost += not isinstance(node, Literal)
            continue
        step = _cost(arg or _literal(node), node, _kind(name, variables))  # type: ignore[arg-type]
        if step is None:
            return None
        cost += step
    return cost, variables


def _element(name: str, arg: Typed) -> Typed:
    if name.startswith("list[") and arg.kind.inner is not None:
        return Typed("element", arg.kind.inner)
    return arg


def _kind(name: str, variables: Mapping[str, Kind]) -> Kind:
    if name.startswith("list["):
        return Kind("list", _kind(name[5:-1], variables))
    return variables[name] if name in variables else KINDS[name]


def _cost(arg: Typed, node: Node, kind: Kind) -> int | None:
    if arg.kind in (kind, NULL):
        return 0
    if arg.kind.inner == NULL and kind.inner is not None:
        return 0
    if (arg.kind, kind) in _WIDER or (arg.kind.inner == INT and kind.inner == FLOAT):
        return 1
    return 2 if _is_text(node) and kind in _TIMES else None


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _common(made: Sequence[Typed], nodes: Sequence[Node]) -> Kind | None:
    """Return the kind that all can become; None where there is none."""
    kinds = {each.kind for each in made} - {NULL}
    if len(kinds) < 2:
        return next(iter(kinds), NULL)
    for kind in (FLOAT, TIMESTAMP, DATE, INSTANT):
        if kind in kinds and all(_cost(*each, kind) is not None for each in zip(made, nodes, strict=True)):
            return kind
    return None


def _become(arg: Typed, node: Node, kind: Kind) -> Typed:
    if arg.kind == kind:
        return arg
    if arg.kind == NULL:
        return constant(None, kind)
    if arg.kind == TEXT and kind in _TIMES:
        time = as_time(node, kind)
        assert time is not None
        return time
    if arg.kind.inner == NULL:
        return Typed("same", kind, (arg,))
    if arg.kind.inner is not None:
        return Typed("list_to_float", kind, (arg,))
    return Typed(_WIDER[arg.kind, kind], kind, (arg,))
