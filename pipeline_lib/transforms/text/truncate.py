"""Truncate: the first characters of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class Truncate(FunctionOfAText):
    """Keep the first characters of texts, counted in code points.

    The reference is Python's `text[:length]`.

    Args:
        length: How many, 0 or more.

    >>> import polars as pl
    >>> Truncate(4).transform(pl.DataFrame({"t": ["Köln Bonn", "K"]}))["t"].to_list()
    ['Köln', 'K']

    Raises:
        DefinitionError: a length below 0.
        SchemaError: a column that is no text.
    """

    length: int

    def __post_init__(self) -> None:
        if type(self.length) is not int or not 0 <= self.length < 2**63:
            raise DefinitionError(f"length={self.length!r}.", cure="Expected a whole number from 0.")

    def function(self) -> dict[str, Any]:
        """Cut."""
        return {"name": "truncate", "length": self.length}
