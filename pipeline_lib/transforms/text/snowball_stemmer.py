"""SnowballStemmer: words that differ in their endings become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText
from bighead.pipeline_lib.transforms.text.text_analysis import one_of

LANGUAGES = (
    "danish", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese", "romanian",
    "russian", "spanish", "swedish", "turkish",
)  # fmt: skip


@dataclass(eq=False)
class SnowballStemmer(FunctionOfAText):
    r"""Put in the place of each word the stem of its lower case; what is between words stays.

    A word is a run of `\w`, in English with the apostrophes in it; one of more than 256 bytes only
    becomes lower case. The reference is Snowball 2.2's stemmer of the
    language (English: Porter2).

    Args:
        language: One of LANGUAGES.

    >>> import polars as pl
    >>> SnowballStemmer().transform(pl.DataFrame({"t": ["Delayed flights, dying skies"]}))["t"].to_list()
    ['delay flight, die sky']

    Raises:
        DefinitionError: another language.
        SchemaError: a column that is no text.
    """

    language: str = "english"

    def __post_init__(self) -> None:
        one_of("language", self.language, LANGUAGES)

    def function(self) -> dict[str, Any]:
        """Stem."""
        return {"name": "stem", "language": self.language}
