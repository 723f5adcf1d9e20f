"""RegexReplace: what a pattern matches is replaced."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bighead_kernels import TextFunction

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class RegexReplace(FunctionOfAText):
    r"""Replace everything that a pattern matches. It takes time in proportion to the text, whatever the pattern.

    Patterns are those of Rust's regex crate: they know neither look-around nor back-references. The reference is
    Polars' str.replace_all.

    Args:
        pattern: What is replaced.
        replacement: What stands in for it; `$1` or `${name}` is what a group matched, `$$` a dollar.

    >>> import polars as pl
    >>> RegexReplace(r"(\d+) ?h", "$1 hours").transform(pl.DataFrame({"t": ["2h or 3 h late"]}))["t"].to_list()
    ['2 hours or 3 hours late']

    Raises:
        DefinitionError: a pattern that is none; the message says where.
        SchemaError: a column that is no text.
    """

    pattern: str
    replacement: str = ""

    def __post_init__(self) -> None:
        try:
            TextFunction.from_spec(json.dumps(self.function()))
        except (ValueError, TypeError) as error:
            raise DefinitionError(
                f"pattern={self.pattern!r}, replacement={self.replacement!r}: {error}.",
                cure="Expected a pattern without look-around and back-references; a literal ( is written \\(.",
            ) from error

    def function(self) -> dict[str, Any]:
        """Replace."""
        return {"name": "regex_replace", "pattern": self.pattern, "replacement": self.replacement}
