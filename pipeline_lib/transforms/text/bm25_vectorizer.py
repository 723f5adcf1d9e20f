"""BM25Vectorizer: a text becomes a sparse vector of its terms' Okapi BM25."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.vocabulary_vectors import VocabularyVectors


@dataclass(eq=False, kw_only=True)
class BM25Vectorizer(VocabularyVectors):
    """Learn how rare the terms of a column are, and make of each text a sparse vector of its terms' BM25.

    A term that occurs f times counts idf · f · (k1 + 1) / (f + k1 · (1 − b + b · length / mean length)), with
    idf = ln(1 + (n − d + ½) / (d + ½)) for a term in d of n texts; a length is a number of terms, unknown ones too. The
    sum over a query's terms is its score. The reference is Robertson and Zaragoza (2009), with the idf that is never
    negative. `analyzer`, `ngram_range`, `lowercase`, `strip_accents`, `stop_words` are as in TextAnalysis, `min_df`,
    `max_df` and `max_features` as in VocabularyVectors.

    Args:
        k1: From where on more of a term hardly counts, 0 or more.
        b: How much a long text discounts its terms, 0 to 1.

    >>> import polars as pl
    >>> step = BM25Vectorizer()
    >>> made = step.fit_transform(pl.DataFrame({"t": ["late again", "late"]}), None)["t"].to_list()[0]
    >>> made[0]["value"] > made[1]["value"]  # "again" tells more than "late"
    True

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: at fit, no term is left.
        SchemaError: a column that is no text.
    """

    k1: float = 1.2
    b: float = 0.75

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0.0 <= self.k1 < math.inf):
            raise DefinitionError(f"k1={self.k1}.", cure="Expected 0 or more, as 1.2.")
        if not (0.0 <= self.b <= 1.0):
            raise DefinitionError(f"b={self.b}.", cure="Expected 0 to 1, as 0.75.")

    def weighting(self) -> dict[str, Any]:
        """Weigh by rarity, saturation and length."""
        return {"kind": "bm25", "k1": float(self.k1), "b": float(self.b)}
