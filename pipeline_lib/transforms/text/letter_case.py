"""Lowercase and CaseFold: texts that differ in case become equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class Lowercase(FunctionOfAText):
    """Make texts lower case, by Unicode's full mapping: İ becomes two characters, Σ at the end of a word ς.

    The reference is Python's str.lower.

    >>> import polars as pl
    >>> Lowercase().transform(pl.DataFrame({"t": ["LATE in Köln", None]}))["t"].to_list()
    ['late in köln', None]

    Raises:
        SchemaError: a column that is no text.
    """

    def function(self) -> dict[str, Any]:
        """Lower case."""
        return {"name": "lowercase"}


@dataclass(eq=False)
class CaseFold(FunctionOfAText):
    """Fold case, so that texts that differ in case only become equal: ß becomes ss, and so does ẞ.

    The reference is Python's str.casefold (Unicode's full case folding).

    >>> import polars as pl
    >>> CaseFold().transform(pl.DataFrame({"t": ["STRASSE", "Straße"]}))["t"].to_list()
    ['strasse', 'strasse']

    Raises:
        SchemaError: a column that is no text.
    """

    def function(self) -> dict[str, Any]:
        """Fold."""
        return {"name": "case_fold"}
