"""JaroWinkler: how alike two short texts are, as names that may be misspelt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.text_pair import TextPair


@dataclass(eq=False)
class JaroWinkler(TextPair):
    """Answer how alike two texts are, 0 to 1, by the characters they share in about the same place and their start.

    The reference is the published definition (Winkler 1990, with its bonus for up to four characters at the start of
    texts that are alike already), in plain Python. Missing where one of the texts is.

    Args:
        name: Of the new column.
        prefix_weight: What each character at the start brings, 0 to 0.25; 0 is Jaro's similarity.
        boost_from: Texts must be more alike than this to get the bonus.

    >>> import polars as pl
    >>> made = JaroWinkler().transform(pl.DataFrame({"a": ["MARTHA"], "b": ["MARHTA"]}))
    >>> round(made["jaro_winkler"].item(), 4)
    0.9611

    Raises:
        DefinitionError: a weight or bound that cannot be.
        DataError: other than two columns.
        SchemaError: a column that is no text.
    """

    name: str = "jaro_winkler"
    prefix_weight: float = 0.1
    boost_from: float = 0.7

    def __post_init__(self) -> None:
        if not 0.0 <= self.prefix_weight <= 0.25:
            raise DefinitionError(f"prefix_weight={self.prefix_weight}.", cure="Expected 0 to 0.25.")
        if not 0.0 <= self.boost_from <= 1.0:
            raise DefinitionError(f"boost_from={self.boost_from}.", cure="Expected 0 to 1.")

    def comparison(self) -> dict[str, Any]:
        """Match characters."""
        return {
            "name": "jaro_winkler",
            "prefix_weight": float(self.prefix_weight),
            "boost_from": float(self.boost_from),
        }
