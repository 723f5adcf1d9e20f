"""WordNgrams and CharNgrams: the n-grams of texts as lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import polars as pl
from bighead_kernels import TextTerms

from bighead.pipeline_lib.pipeline.transformer import arrow_column
from bighead.pipeline_lib.transforms.text.text_analysis import TextAnalysis
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer, texts


@dataclass(eq=False, kw_only=True)
class NgramLists(TextTransformer):
    """Base of the two; a subclass says in `analysis` what its n-grams are of."""

    ngram_range: Sequence[int] = (1, 1)
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None

    def __post_init__(self) -> None:
        checked = self.analysis()
        self.ngram_range = [checked["ngram_min"], checked["ngram_max"]]

    def _of(self, analyzer: Literal["word", "char", "char_wb"], **more: Any) -> dict[str, Any]:
        analysis = TextAnalysis(
            analyzer=analyzer,
            ngram_range=self.ngram_range,
            lowercase=self.lowercase,
            strip_accents=self.strip_accents,
            **more,
        )
        return analysis.analysis()

    def analysis(self) -> dict[str, Any]:
        """Return what the kernel is told of it."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its n-grams are of")

    @cached_property
    def _native(self) -> TextTerms:
        return TextTerms.from_spec(json.dumps(self.analysis()))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """List the n-grams of each text."""
        return pl.DataFrame([arrow_column(each.name, self._native.lists(each)) for each in texts(frame)])


@dataclass(eq=False, kw_only=True)
class WordNgrams(NgramLists):
    r"""Make of each text the list of its words, or of runs of n words with a space between: a `list<string>` column.

    Shorter runs come first, those of a length as in the text; a word is what `\b\w\w+\b` matches. The reference is
    scikit-learn's CountVectorizer().build_analyzer().

    Args:
        ngram_range: The fewest and the most words of one.
        lowercase: Whether texts become lower case first.
        strip_accents: `unicode` drops what combines with a letter, `ascii` all that is not ASCII, both after NFKD.
        stop_words: Words that are left out before.

    >>> WordNgrams(ngram_range=(1, 2)).transform(pl.DataFrame({"t": ["Late again!"]}))["t"].to_list()
    [['late', 'again', 'late again']]

    Raises:
        DefinitionError: an argument that cannot be.
        SchemaError: a column that is no text.
    """

    stop_words: Sequence[str] | None = None

    def analysis(self) -> dict[str, Any]:
        """Return that they are of words."""
        return self._of("word", stop_words=self.stop_words)


@dataclass(eq=False, kw_only=True)
class CharNgrams(NgramLists):
    """Make of each text the list of its runs of n characters: a `list<string>` column.

    Two white spaces and more count as one space. The reference is scikit-learn's CountVectorizer(analyzer="char" or
    "char_wb").build_analyzer().

    Args:
        ngram_range: The fewest and the most characters of one.
        lowercase: Whether texts become lower case first.
        strip_accents: `unicode` drops what combines with a letter, `ascii` all that is not ASCII, both after NFKD.
        within_words: Whether they are of one word each, with a space before and after it.

    >>> CharNgrams(ngram_range=(3, 3), within_words=True).transform(pl.DataFrame({"t": ["late"]}))["t"].to_list()
    [[' la', 'lat', 'ate', 'te ']]

    Raises:
        DefinitionError: an argument that cannot be.
        SchemaError: a column that is no text.
    """

    within_words: bool = False

    def analysis(self) -> dict[str, Any]:
        """Return that they are of characters."""
        return self._of("char_wb" if self.within_words else "char")
