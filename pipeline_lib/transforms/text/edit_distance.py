"""EditDistance: how many characters differ between two texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.text_pair import TextPair


@dataclass(eq=False)
class EditDistance(TextPair):
    """Count the characters to insert, delete or replace between two texts: `p[["name", "alias"]] >>= EditDistance()`.

    The reference is Levenshtein's distance over code points, by its table; it is calculated 64 rows at a time (Myers
    1999). Missing where one of the texts is.

    Args:
        name: Of the new column.
        similarity: Whether to answer 1 − distance / length of the longer text, which is 1 for equal texts.

    >>> import polars as pl
    >>> EditDistance().transform(pl.DataFrame({"a": ["kitten"], "b": ["sitting"]}))["edit_distance"].to_list()
    [3.0]

    Raises:
        DataError: other than two columns.
        SchemaError: a column that is no text.
    """

    name: str = "edit_distance"
    similarity: bool = False

    def comparison(self) -> dict[str, Any]:
        """Count edits."""
        return {"name": "edit_distance", "similarity": self.similarity}
