"""HashingVectorizer: a text becomes a sparse vector of its terms, placed by their hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl
from bighead_kernels import TextHashing

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.transformer import arrow_column
from bighead.pipeline_lib.transforms.text.text_analysis import TextAnalysis, one_of
from bighead.pipeline_lib.transforms.text.text_transformer import texts

_MOST = 2**31 - 1


@dataclass(eq=False, kw_only=True)
class HashingVectorizer(TextAnalysis):
    """Make of each text a sparse vector whose places are the MurmurHash3 of its terms; there is nothing to learn.

    The reference is scikit-learn's HashingVectorizer, whose further arguments these are: `analyzer`, `ngram_range`,
    `lowercase`, `strip_accents`, `stop_words` (see TextAnalysis). A place whose terms cancel out keeps its 0. Outputs
    are `sparse` columns: lists of {index, value}, indices ascending.

    Args:
        n_features: The length of a vector.
        alternate_sign: Whether half of the terms count negative, so that those that share a place cancel out on average
            (Weinberger et al. 2009).
        binary: Whether a place is 1 however often its terms occur.
        norm: `l1` or `l2`, by which a vector is divided; None leaves it.

    >>> step = HashingVectorizer(n_features=16, norm=None)
    >>> step.transform(pl.DataFrame({"t": ["late, late again", None]}))["t"].to_list()
    [[{'index': 8, 'value': 2.0}, {'index': 13, 'value': -1.0}], None]

    Raises:
        DefinitionError: an argument that cannot be.
        SchemaError: a column that is no text.
    """

    n_features: int = 2**20
    alternate_sign: bool = True
    binary: bool = False
    norm: Literal["l1", "l2"] | None = "l2"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("norm", self.norm, ("l1", "l2", None))
        if type(self.n_features) is not int or not 1 <= self.n_features <= _MOST:
            raise DefinitionError(f"n_features={self.n_features!r}.", cure=f"Expected 1 to {_MOST}.")

    @cached_property
    def _native(self) -> TextHashing:
        spec = {
            "analysis": self.analysis(),
            "features": self.n_features,
            "alternate_sign": self.alternate_sign,
            "binary": self.binary,
            "norm": self.norm,
        }
        return TextHashing.from_spec(json.dumps(spec))

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Hash the terms of each text."""
        made = [arrow_column(series.name, self._native.vectors(series)) for series in texts(frame)]
        return pl.DataFrame(made)
