"""Trim and CollapseWhitespace: no more white space than parts words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class Trim(FunctionOfAText):
    r"""Take white space off both ends of texts.

    The reference is Python's str.strip.

    >>> import polars as pl
    >>> Trim().transform(pl.DataFrame({"t": [" late  again\n"]}))["t"].to_list()
    ['late  again']

    Raises:
        SchemaError: a column that is no text.
    """

    def function(self) -> dict[str, Any]:
        """Trim."""
        return {"name": "trim"}


@dataclass(eq=False)
class CollapseWhitespace(FunctionOfAText):
    r"""Make one space of every run of white space, none at the ends.

    The reference is Python's `" ".join(text.split())`.

    >>> import polars as pl
    >>> CollapseWhitespace().transform(pl.DataFrame({"t": [" late  again\n"]}))["t"].to_list()
    ['late again']

    Raises:
        SchemaError: a column that is no text.
    """

    def function(self) -> dict[str, Any]:
        """Collapse."""
        return {"name": "collapse_spaces"}
