"""StripHtml: the text of HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class StripHtml(FunctionOfAText):
    """Keep the text of HTML: no tags, comments, scripts or styles, and character references as what they mean.

    A space stands for a tag that parts words, as <p> or <br>. A `<` that starts no tag is text, and a tag that is not
    closed goes on to the end. The answer is for models: it may hold `<` again, so it is no safe HTML. The reference is
    Python's html.parser and html.unescape.

    >>> import polars as pl
    >>> StripHtml().transform(pl.DataFrame({"t": ["<b>2 &lt; 3</b> &eacute;<!-- x -->"]}))["t"].to_list()
    ['2 < 3 é']

    Raises:
        SchemaError: a column that is no text.
    """

    def function(self) -> dict[str, Any]:
        """Strip."""
        return {"name": "strip_html"}
