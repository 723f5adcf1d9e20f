"""UnicodeNormalizer and StripAccents: one way to write each character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bighead.pipeline_lib.transforms.text.function_of_a_text import FunctionOfAText
from bighead.pipeline_lib.transforms.text.text_analysis import one_of


@dataclass(eq=False)
class UnicodeNormalizer(FunctionOfAText):
    """Write texts in one of Unicode's normalization forms, so that é is the same however it was typed.

    The reference is Python's unicodedata.normalize (Unicode Standard Annex 15).

    Args:
        form: `NFC` composes, `NFD` decomposes; `NFKC` and `NFKD` also make one of what only looks different: ﬁ and fi.

    >>> import polars as pl
    >>> UnicodeNormalizer("NFKC").transform(pl.DataFrame({"t": ["ﬁne №1"]}))["t"].to_list()
    ['fine No1']

    Raises:
        DefinitionError: another form.
        SchemaError: a column that is no text.
    """

    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC"

    def __post_init__(self) -> None:
        one_of("form", self.form, ("NFC", "NFD", "NFKC", "NFKD"))

    def function(self) -> dict[str, Any]:
        """Normalize."""
        return {"name": "normalise", "form": self.form}


@dataclass(eq=False)
class StripAccents(FunctionOfAText):
    """Take accents off letters, after NFKD: `unicode` drops what combines, `ascii` all that is not ASCII.

    The reference is scikit-learn's strip_accents_unicode and strip_accents_ascii.

    Args:
        form: `unicode` or `ascii`.

    >>> import polars as pl
    >>> StripAccents().transform(pl.DataFrame({"t": ["Café Łódź"]}))["t"].to_list()
    ['Cafe Łodz']

    Raises:
        DefinitionError: another form.
        SchemaError: a column that is no text.
    """

    form: Literal["unicode", "ascii"] = "unicode"

    def __post_init__(self) -> None:
        one_of("form", self.form, ("unicode", "ascii"))

    def function(self) -> dict[str, Any]:
        """Strip."""
        return {"name": "strip_accents", "accents": self.form}
