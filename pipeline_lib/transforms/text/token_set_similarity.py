"""TokenSetSimilarity: what two texts have in common, whatever the order of their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bighead.pipeline_lib.transforms.text.text_analysis import TextAnalysis, one_of
from bighead.pipeline_lib.transforms.text.text_pair import TextPair


@dataclass(eq=False)
class TokenSetSimilarity(TextPair):
    """Answer which part of their terms two texts have in common, 0 to 1: the order and number of terms do not count.

    With c common terms of a and b different ones: `jaccard` is c / (a + b − c), `dice` 2c / (a + b), `overlap`
    c / min(a, b), `cosine` c / √(a · b); 1 where neither text has terms, 0 where one has none. The reference is this in
    Python's sets, of the terms of scikit-learn's CountVectorizer. Missing where one of the texts is.

    Args:
        name: Of the new column.
        measure: `jaccard`, `dice`, `overlap` or `cosine`.
        analyzer: `word`, `char` or `char_wb`, as in TextAnalysis.
        ngram_range: The fewest and the most words or characters of a term.
        lowercase: Whether texts become lower case first.
        strip_accents: `unicode` drops what combines with a letter, `ascii` all that is not ASCII, both after NFKD.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"a": ["New York JFK"], "b": ["JFK, New York City"]})
    >>> TokenSetSimilarity().transform(frame)["token_set_similarity"].to_list()
    [0.75]

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: other than two columns.
        SchemaError: a column that is no text.
    """

    name: str = "token_set_similarity"
    measure: Literal["jaccard", "dice", "overlap", "cosine"] = "jaccard"
    analyzer: Literal["word", "char", "char_wb"] = "word"
    ngram_range: Sequence[int] = (1, 1)
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None

    def __post_init__(self) -> None:
        one_of("measure", self.measure, ("jaccard", "dice", "overlap", "cosine"))
        self.ngram_range = self._analysis().ngram_range

    def _analysis(self) -> TextAnalysis:
        return TextAnalysis(
            analyzer=self.analyzer,
            ngram_range=self.ngram_range,
            lowercase=self.lowercase,
            strip_accents=self.strip_accents,
        )

    def comparison(self) -> dict[str, Any]:
        """Compare sets."""
        return {"name": "token_sets", "analysis": self._analysis().analysis(), "measure": self.measure}
