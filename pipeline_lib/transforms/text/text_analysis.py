"""TextAnalysis: what terms are made of texts, as scikit-learn's vectorizers make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text.text_transformer import TextTransformer


@dataclass(eq=False, kw_only=True)
class TextAnalysis(TextTransformer):
    r"""Base of steps that count the terms of texts. A text becomes lower case, loses accents, and is cut into terms.

    Args:
        analyzer: `word` takes runs of two word characters and more (`\b\w\w+\b`), `char` characters (two white spaces
            and more are one space), `char_wb` characters of one word each, with a space before and after it.
        ngram_range: The fewest and the most words or characters of a term.
        lowercase: Whether texts become lower case first, as `str.lower` does it.
        strip_accents: `unicode` drops what combines with a letter, `ascii` all that is not ASCII, both after NFKD.
        stop_words: Words that are left out, for `analyzer="word"`.
    """

    analyzer: Literal["word", "char", "char_wb"] = "word"
    ngram_range: Sequence[int] = (1, 1)
    lowercase: bool = True
    strip_accents: Literal["unicode", "ascii"] | None = None
    stop_words: Sequence[str] | None = None

    def __post_init__(self) -> None:
        one_of("analyzer", self.analyzer, ("word", "char", "char_wb"))
        one_of("strip_accents", self.strip_accents, ("unicode", "ascii", None))
        self.ngram_range = ngram_range(self.ngram_range)
        if isinstance(self.stop_words, str):
            raise DefinitionError(
                f"stop_words={self.stop_words!r}.", cure='Expected a list of words, as ["the", "a"].'
            )
        if self.stop_words is not None:
            self.stop_words = list(self.stop_words)
            if self.analyzer != "word":
                raise DefinitionError(
                    f"stop_words with analyzer={self.analyzer!r}.",
                    cure='Words are left out of analyzer="word".',
                )

    def analysis(self) -> dict[str, Any]:
        """Return what the kernel is told of it."""
        fewest, most = self.ngram_range
        return {
            "analyzer": self.analyzer,
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "stop_words": list(self.stop_words or ()),
            "ngram_min": fewest,
            "ngram_max": most,
        }


def one_of(name: str, seen: object, known: Sequence[object]) -> None:
    """Refuse a parameter that is none of the known values.

    >>> one_of("norm", "l2", ("l1", "l2", None))

    Raises:
        DefinitionError: naming the parameter, what was seen and what there is.
    """
    if seen not in known:
        raise DefinitionError(f"{name}={seen!r}.", cure=f"Expected {', '.join(map(repr, known))}.")


def ngram_range(seen: Sequence[int]) -> list[int]:
    """Return the fewest and the most parts of a term.

    >>> ngram_range((1, 2))
    [1, 2]

    Raises:
        DefinitionError: no two whole numbers from 1, or the first is greater.
    """
    made = list(seen) if isinstance(seen, list | tuple) else []
    if len(made) == 2 and all(type(each) is int and each >= 1 for each in made) and made[0] <= made[1]:
        return made
    raise DefinitionError(
        f"ngram_range={seen!r}.", cure="Expected two whole numbers from 1, the smaller one first, as (1, 2)."
    )
