"""StopwordFilter: words that say little are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.english_stop_words import ENGLISH_STOP_WORDS
from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText


@dataclass(eq=False)
class StopwordFilter(FunctionOfAText):
    """Leave words out of texts. What is left between white space is joined by single spaces.

    A piece between white space goes if it is one of the words but for case (str.casefold), for punctuation around it,
    and for the kind of its apostrophe. The reference is this definition, in plain Python.

    Args:
        words: What is left out; None takes our list of English ones, ENGLISH_STOP_WORDS.

    >>> import polars as pl
    >>> StopwordFilter().transform(pl.DataFrame({"t": ["The plane, it’s late and I am not!"]}))["t"].to_list()
    ['plane, late']

    Raises:
        DefinitionError: words that are no list of texts.
        SchemaError: a column that is no text.
    """

    words: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.words is None:
            return
        if isinstance(self.words, str) or not all(isinstance(word, str) for word in self.words):
            raise DefinitionError(f"words={self.words!r}.", cure='Expected a list of words, as ["the", "a"].')
        self.words = list(self.words)

    def function(self) -> dict[str, Any]:
        """Leave words out."""
        return {"name": "leave_out", "words": list(ENGLISH_STOP_WORDS if self.words is None else self.words)}
