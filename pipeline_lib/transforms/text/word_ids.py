"""WordIds: a text becomes the list of its words' numbers, as networks read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.pipeline.transformer import State
from bighead.pipeline_lib.transforms.text.count_vectorizer import CountVectorizer
from bighead.pipeline_lib.transforms.text.ngram_lists import WordNgrams
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer, texts

UNKNOWN = -1


@dataclass(eq=False, kw_only=True)
class WordIds(TextTransformer):
    r"""Make of each text the numbers of its words, in the text's order: a `list<int64>` column; an unknown word is -1.

    A word is what `\b\w\w+\b` matches; each column learns its own, numbered from 0 in order. The reference is
    scikit-learn's CountVectorizer().vocabulary_ and build_analyzer().

    Args:
        lowercase: Whether texts become lower case first.
        stop_words: Words that are left out before.
        min_df: A word is kept if it is in at least so many texts (whole number) or such a share of them (float).
        max_features: Of these words, so many of the most frequent; None keeps all.

    >>> step = WordIds()
    >>> step.fit(pl.DataFrame({"t": ["late again", "not late"]}), None)
    >>> step.transform(pl.DataFrame({"t": ["Late, not early!", None, ""]}))["t"].to_list()
    [[1, 2, -1], None, []]

    Raises:
        DefinitionError: an argument that cannot be.
        DataError: no words to learn; answers before fit.
        SchemaError: a column that is no text.
    """

    lowercase: bool = True
    stop_words: Sequence[str] | None = None
    min_df: int | float = 1
    max_features: int | None = None
    words: dict[str, pl.Series] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._counts()

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the words of each column; labels are not looked at."""
        counts = self._counts()
        counts.fit(frame, labels)
        self.words = {name: counts.terms(name)["term"] for name in frame.columns}

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Number the words of each text."""
        split = WordNgrams(lowercase=self.lowercase, stop_words=self.stop_words).transform(
            pl.DataFrame([*texts(frame)])
        )
        return split.select(pl.col(name).list.eval(self._numbered(name)) for name in split.columns)

    def _numbered(self, column: str) -> pl.Expr:
        if column not in self.words:
            raise DataError(f"WordIds has learnt no words of {column!r}.", cure="Call p.fit(frame) first.")
        known = self.words[column]
        numbers = pl.Series(range(len(known)), dtype=pl.Int64)
        return pl.element().replace_strict(known, numbers, default=UNKNOWN, return_dtype=pl.Int64)

    def state(self) -> State:
        """Return the words of all columns as one long table, in the order of their numbers."""
        if not self.words:
            return {}
        tables = [pl.select(column=pl.lit(name), word=known) for name, known in self.words.items()]
        return {"words": pl.concat(tables)}

    def restore(self, state: State) -> None:
        """Take up words."""
        words = state.get("words", pl.DataFrame(schema={"column": pl.String, "word": pl.String}))
        assert isinstance(words, pl.DataFrame)
        parts = words.partition_by("column", maintain_order=True)
        self.words = {part["column"][0]: part["word"] for part in parts}

    def _counts(self) -> CountVectorizer:
        return CountVectorizer(
            lowercase=self.lowercase,
            stop_words=self.stop_words,
            min_df=self.min_df,
            max_features=self.max_features,
        )
