"""Expressions of SQL by precedence climbing (Pratt): one function a rule, the place of each node kept.

BETWEEN, NULLIF, the long forms of CASE and the negated operators are spelled in simpler ones here, so that every
engine behind has few things to agree on.
"""

from __future__ import annotations

from functools import lru_cache

from bighead.pipeline_lib.expressions.lexer import Token, tokens
from bighead.pipeline_lib.expressions.syntax import (
    Call,
    Cast,
    Column,
    Literal,
    Node,
    WrongExpressionError,
    asks_for_the_time,
)

_POWER = {"OR": 1, "AND": 2}
_POWER |= dict.fromkeys(["=", "==", "<>", "!=", "<", "<=", ">", ">="], 4)
_POWER |= dict.fromkeys(["IS", "IN", "BETWEEN", "LIKE", "ILIKE", "NOT"], 5)
_POWER |= {"||": 6, "+": 7, "-": 7, "*": 8, "/": 8, "%": 8, "//": 8, "::": 10, "[": 10, "AT": 10}
_NOT, _SIGN = 3, 9
_NAMES = {"AND": "and", "OR": "or", "==": "=", "!=": "<>"}
_CLOSING = {"THEN", "WHEN", "ELSE", "END", "AS", "AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "FROM"}
_TYPED = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
_CLOCKS = ("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_DEEPEST = 100


@lru_cache(maxsize=4096)
def parse_node(sql: str) -> Node:
    """Parse one expression; WrongExpressionError says what stands where."""
    parser = _Parser(tokens(sql))
    node = parser.expression()
    if parser.now.upper == "OVER":
        raise WrongExpressionError("a window function looks beyond its row", parser.now.at)
    if parser.now.kind != "end":
        raise parser.unexpected("an operator or the end")
    return node


class _Parser:
    def __init__(self, read: list[Token]) -> None:
        self.read, self.place, self.depth = read, 0, 0

    @property
    def now(self) -> Token:
        return self.read[self.place]

    def take(self) -> Token:
        token = self.now
        self.place += token.kind != "end"
        return token

    def accept(self, *keywords: str) -> bool:
        found = self.now.upper in keywords
        self.place += found
        return found

    def expect(self, keyword: str) -> None:
        if not self.accept(keyword):
            raise self.unexpected(keyword)

    def unexpected(self, expected: str) -> WrongExpressionError:
        seen = "the end" if self.now.kind == "end" else repr(self.now.text)
        return WrongExpressionError(f"{seen} stands where {expected} was expected", self.now.at)

    def expression(self, power: int = 0) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise WrongExpressionError(f"more than {_DEEPEST} expressions stand in each other", self.now.at)
        left = self.prefix()
        while _POWER.get(self.now.upper, 0) > power:
            left = self.infix(left, self.take())
        self.depth -= 1
        return left

    def prefix(self) -> Node:
        token = self.take()
        if token.kind == "number":
            whole = token.text.isdigit()
            return Literal(int(token.text) if whole else float(token.text), token.at)
        if token.kind == "text":
            return Literal(token.text, token.at)
        if token.upper == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if token.upper == "-":
            return self.negated(token)
        if token.upper == "+":
            return self.expression(_SIGN)
        if token.upper == "NOT":
            return Call("not", (self.expression(_NOT),), token.at)
        if token.kind == "quoted":
            return Column(token.text, token.at)
        if token.kind == "word" and token.upper not in _CLOSING:
            return self.word(token)
        self.place -= token.kind != "end"
        raise self.unexpected("a value")

    def negated(self, token: Token) -> Node:
        inner = self.expression(_SIGN)
        if isinstance(inner, Literal) and type(inner.value) in (int, float):
            return Literal(-inner.value, token.at)  # type: ignore[operator]
        return Call("neg", (inner,), token.at)

    def word(self, token: Token) -> Node:
        if token.upper in ("TRUE", "FALSE", "NULL"):
            return Literal({"TRUE": True, "FALSE": False}.get(token.upper), token.at)
        if token.upper == "CASE":
            return self.case(token)
        if token.upper == "SELECT":
            raise WrongExpressionError("a subquery looks beyond its row", token.at)
        if token.upper == "INTERVAL" and self.now.kind in ("text", "number"):
            return self.interval(token)
        if not self.accept("("):
            if token.upper in _TYPED and self.now.kind == "text":
                text = self.take()
                return Call(f"literal_{token.text.lower()}", (Literal(text.text, text.at),), token.at)
            if token.upper in _CLOCKS:
                raise asks_for_the_time(token.text, token.at)
            return Column(token.text, token.at)
        if token.upper in ("CAST", "TRY_CAST"):
            argument = self.expression()
            self.expect("AS")
            cast = Cast(argument, self.type_name(), token.at)
            self.expect(")")
            return cast
        if token.upper == "EXTRACT":
            part = self.take()
            self.expect("FROM")
            made = Call(part.text.lower(), (self.expression(),), token.at)
            self.expect(")")
            return made
        return self.function(token)

    def function(self, token: Token) -> Node:
        name, at = token.text.lower(), token.at
        args: list[Node] = []
        while not self.accept(")"):
            if args and not self.accept(","):
                raise self.unexpected("',' or ')'")
            args.append(self.expression())
        if name == "nullif" and len(args) == 2:
            return Call("case", (Call("=", tuple(args), at), Literal(None, at), args[0]), at)
        return Call(name, tuple(args), at)

    def interval(self, token: Token) -> Node:
        said = self.take()
        text = said.text
        if self.now.kind == "word" and self.now.upper.rstrip("S") + "S" in _SPANS:
            text = f"{text} {self.take().text}"
        return Call("literal_interval", (Literal(text, said.at),), token.at)

    def type_name(self) -> str:
        if self.now.kind != "word":
            raise self.unexpected("a type")
        name = self.take().upper
        if name == "DOUBLE":
            self.accept("PRECISION")
        if name == "TIMESTAMP" and self.accept("WITH"):
            self.expect("TIME")
            self.expect("ZONE")
            return "TIMESTAMPTZ"
        return name

    def case(self, token: Token) -> Node:
        asked = None if self.now.upper == "WHEN" else self.expression()
        args: list[Node] = []
        while self.accept("WHEN"):
            condition = self.expression()
            args.append(condition if asked is None else Call("=", (asked, condition), condition.at))
            self.expect("THEN")
            args.append(self.expression())
        if not args:
            raise self.unexpected("WHEN")
        args.append(self.expression() if self.accept("ELSE") else Literal(None, token.at))
        self.expect("END")
        return Call("case", tuple(args), token.at)

    def infix(self, left: Node, token: Token) -> Node:
        sign, at = token.upper, token.at
        if sign == "::":
            return Cast(left, self.type_name(), at)
        if sign == "[":
            place = self.expression()
            self.expect("]")
            return Call("element", (left, place), at)
        if sign == "AT":
            self.expect("TIME")
            self.expect("ZONE")
            return Call("at_time_zone", (left, self.expression(_POWER["AT"])), at)
        if sign == "IS":
            return self.is_what(left, at)
        if sign == "NOT":
            if self.now.upper not in ("IN", "BETWEEN", "LIKE", "ILIKE"):
                raise self.unexpected("IN, BETWEEN, LIKE or ILIKE")
            return Call("not", (self.infix(left, self.take()),), at)
        if sign == "IN":
            return self.member(left, at)
        if sign == "BETWEEN":
            low = self.expression(_POWER["BETWEEN"])
            self.expect("AND")
            high = self.expression(_POWER["BETWEEN"])
            return Call("and", (Call(">=", (left, low), at), Call("<=", (left, high), at)), at)
        right = self.expression(_POWER[sign])
        return Call(_NAMES.get(sign, sign.lower()), (left, right), at)

    def is_what(self, left: Node, at: int) -> Node:
        negated = self.accept("NOT")
        if self.accept("NULL"):
            made: Node = Call("is_null", (left,), at)
        elif self.now.upper in ("TRUE", "FALSE"):
            truth = left if self.take().upper == "TRUE" else Call("not", (left,), at)
            made = Call("coalesce", (truth, Literal(False, at)), at)
        else:
            raise self.unexpected("NULL, TRUE or FALSE")
        return Call("not", (made,), at) if negated else made

    def member(self, left: Node, at: int) -> Node:
        self.expect("(")
        members = [self.expression()]
        while self.accept(","):
            members.append(self.expression())
        self.expect(")")
        return Call("in", (left, *members), at)


_SPANS = {"MICROSECONDS", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS"}
