"""Words, numbers, texts and signs of an expression, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bighead.pipeline_lib.expressions.syntax import WrongExpressionError

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+"|`[^`]+`)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>::|\|\||<>|!=|<=|>=|==|//|[-+*/%<>=(),[\]])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind (number, text, quoted, word, sign or end), what it says, its place (from 0)."""

    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        """A word or sign as a keyword; empty for what cannot be one."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


def tokens(sql: str) -> list[Token]:
    """Cut a text into tokens, the end included; WrongExpressionError for a character that belongs to nothing.

    >>> [token.text for token in tokens("x>='it''s'")]
    ['x', '>=', "it's", '']
    """
    found, at = [], 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None:
            what = "is a quote that is never closed" if sql[at] in "'\"`" else "belongs to no expression"
            raise WrongExpressionError(f"{sql[at]!r} {what}", at)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, _said(kind, match.group()), at))
        at = match.end()
    return [*found, Token("end", "", len(sql))]


def _said(kind: str, text: str) -> str:
    if kind == "text":
        return text[1:-1].replace("''", "'")
    if kind == "quoted":
        return text[1:-1].replace('""', '"') if text[0] == '"' else text[1:-1]
    return text
