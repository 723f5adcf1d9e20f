"""TextStats: numbers about texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from bighead_kernels import text_statistics

from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer, texts

_STATISTICS = (
    "chars", "words", "unique_words", "mean_word_length", "longest_word", "digits", "upper", "punctuation", "spaces",
)  # fmt: skip


@dataclass(eq=False)
class TextStats(TextTransformer):
    r"""Make nine numbers of each text, as float64 columns; all are missing where the text is, and 0 where it is empty.

    `column_chars`, `column_words`, `column_unique_words`, `column_mean_word_length`, `column_longest_word`, and as
    shares of the characters `column_digits`, `column_upper`, `column_punctuation`, `column_spaces`. Characters are code
    points, a word is a run of `\w`, punctuation is Unicode's category P. The reference is these words in Python:
    str.isdecimal, str.isupper, str.isspace, re and unicodedata.

    >>> step = TextStats()
    >>> made = step.transform(pl.DataFrame({"t": ["Gate 42!"]}))
    >>> made["t_words"].item(), made["t_mean_word_length"].item(), made["t_digits"].item()
    (2.0, 3.0, 0.25)

    Raises:
        SchemaError: a column that is no text.
    """

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Count."""
        made: list[pl.Series] = []
        for series in texts(frame):
            counted = pl.DataFrame(text_statistics(series))
            made.extend(each.rename(f"{series.name}_{each.name}") for each in counted)
        return pl.DataFrame(made)

    def sources(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return that each number is made of its own column."""
        return {f"{name}_{each}": (name,) for name in inputs for each in _STATISTICS}
