"""CountVectorizer: a text becomes a sparse vector of how often each known term occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.vocabulary_vectors import VocabularyVectors


@dataclass(eq=False, kw_only=True)
class CountVectorizer(VocabularyVectors):
    """Learn the terms of a column, and make of each text a sparse vector of how often each of them occurs.

    The reference is scikit-learn's CountVectorizer, whose further arguments these are: `analyzer`, `ngram_range`,
    `lowercase`, `strip_accents`, `stop_words` (see TextAnalysis), `min_df`, `max_df`, `max_features` (see
    VocabularyVectors). Outputs are `sparse` columns: lists of {index, value}, indices ascending.

    Args:
        binary: Whether a term counts 1 however often it occurs.

    >>> import polars as pl
    >>> step = CountVectorizer()
    >>> step.fit_transform(pl.DataFrame({"t": ["late, late again", None, "a"]}), None)["t"].to_list()
    [[{'index': 0, 'value': 1.0}, {'index': 1, 'value': 2.0}], None, []]
    >>> step.terms("t")["term"].to_list()
    ['again', 'late']

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: at fit, no term is left.
        SchemaError: a column that is no text.
    """

    binary: bool = False

    def weighting(self) -> dict[str, Any]:
        """Count."""
        return {"kind": "counts", "binary": self.binary}
