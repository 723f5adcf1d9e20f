"""TfidfVectorizer: a text becomes a sparse vector of its terms, the more telling the rarer they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bighead.pipeline_lib.transforms.text.text_analysis import one_of
from bighead.pipeline_lib.transforms.text.vocabulary_vectors import VocabularyVectors


@dataclass(eq=False, kw_only=True)
class TfidfVectorizer(VocabularyVectors):
    """Learn how rare the terms of a column are, and make of each text a sparse vector of its terms' TF-IDF.

    A term counts tf · idf, with idf = ln((n + s) / (d + s)) + 1 for a term in d of n texts. The reference is
    scikit-learn's TfidfVectorizer, whose further arguments these are: `analyzer`, `ngram_range`, `lowercase`,
    `strip_accents`, `stop_words` (see TextAnalysis), `min_df`, `max_df`, `max_features` (see VocabularyVectors).
    Outputs are `sparse` columns: lists of {index, value}, indices ascending.

    Args:
        binary: Whether tf is 1 however often a term occurs.
        norm: `l1` or `l2`, by which a vector is divided; None leaves it.
        use_idf: Whether idf is not 1 for all.
        smooth_idf: Whether s is 1, as if one more text had all terms; else 0.
        sublinear_tf: Whether tf is ln(tf) + 1.

    >>> import polars as pl
    >>> step = TfidfVectorizer(norm=None)
    >>> step.fit_transform(pl.DataFrame({"t": ["late again", "late"]}), None)["t"].to_list()[1]
    [{'index': 1, 'value': 1.0}]

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: at fit, no term is left.
        SchemaError: a column that is no text.
    """

    binary: bool = False
    norm: Literal["l1", "l2"] | None = "l2"
    use_idf: bool = True
    smooth_idf: bool = True
    sublinear_tf: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("norm", self.norm, ("l1", "l2", None))

    def weighting(self) -> dict[str, Any]:
        """Weigh by rarity."""
        return {
            "kind": "tfidf",
            "binary": self.binary,
            "norm": self.norm,
            "use_idf": self.use_idf,
            "smooth_idf": self.smooth_idf,
            "sublinear_tf": self.sublinear_tf,
        }
