"""VocabularyVectors: base of steps that make sparse vectors by a vocabulary that they learn."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from bighead_kernels import TextVectors

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.pipeline.transformer import State, arrow_column
from bighead.pipeline_lib.transforms.text.text_analysis import TextAnalysis
from bighead.pipeline_lib.transforms.text.text_transformer import texts

_CURE = "Lower min_df, raise max_df, or take shorter terms: analyzer='char'."


@dataclass(eq=False, kw_only=True)
class VocabularyVectors(TextAnalysis):
    """Base of steps that learn the terms of each column; a subclass says in `weighting` what a term counts.

    A missing text is none: it is not counted, and its vector is missing. A text without known terms has no entries.

    Args:
        min_df: A term is kept if it is in at least so many texts (whole number) or such a share of them (float).
        max_df: As `min_df`, at most.
        max_features: Of these terms, so many of the most frequent; of those as frequent, the first in order.
    """

    min_df: int | float = 1
    max_df: int | float = 1.0
    max_features: int | None = None
    learnt: dict[str, TextVectors] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, seen in (("min_df", self.min_df), ("max_df", self.max_df)):
            if not _is_bound(seen):
                cure = "Expected a number of texts (a whole number from 1) or a share of them (0.0 to 1.0)."
                raise DefinitionError(f"{name}={seen!r}.", cure=cure)
        if self.max_features is not None and (type(self.max_features) is not int or self.max_features < 1):
            raise DefinitionError(f"max_features={self.max_features!r}.", cure="Expected 1 or more, or None.")

    def weighting(self) -> dict[str, Any]:
        """Return what the kernel is told about what a term counts."""
        raise NotImplementedError(f"{type(self).__name__} does not say what a term counts")

    def fit(self, frame: pl.DataFrame, labels: pl.Series | None) -> None:
        """Learn the terms of each column; labels are not looked at."""
        self.fit_transform(frame, labels)

    def fit_transform(self, frame: pl.DataFrame, labels: pl.Series | None) -> pl.DataFrame:
        """Learn the terms of each column, and return its vectors, which are those of `transform`."""
        learnt, made, spec = {}, [], self._spec()
        for series in texts(frame):
            try:
                learnt[series.name], vectors = TextVectors.learn(spec, series)
            except ValueError as error:
                raise DataError(f"no vectors of {series.name!r}: {error}.", cure=_CURE) from error
            made.append(arrow_column(series.name, vectors))
        self.learnt = learnt
        return pl.DataFrame(made)

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Count the known terms of each text."""
        made = [arrow_column(each.name, self.learnt[each.name].vectors(each)) for each in texts(frame)]
        return pl.DataFrame(made)

    def terms(self, column: str) -> pl.DataFrame:
        """Return a column's terms in order: a term's row is its index; with the texts it was in, and its weight."""
        learnt = self.learnt[column]
        parts = {"term": learnt.terms(), "documents": learnt.documents(), "weight": learnt.weights()}
        return pl.DataFrame([arrow_column(name, part) for name, part in parts.items()])

    def state(self) -> State:
        """Return the terms of all columns as one long table, and what was learnt of each as a whole."""
        if not self.learnt:
            return {}
        tables = [self.terms(name).select(pl.lit(name).alias("column"), pl.all()) for name in self.learnt]
        whole = [(name, *learnt.texts()) for name, learnt in self.learnt.items()]
        schema = {"column": pl.String, "texts": pl.UInt64, "mean_length": pl.Float64}
        return {"terms": pl.concat(tables), "columns": pl.DataFrame(whole, schema=schema, orient="row")}

    def restore(self, state: State) -> None:
        """Take up terms."""
        terms, columns = state.get("terms", pl.DataFrame()), state.get("columns", pl.DataFrame())
        assert isinstance(terms, pl.DataFrame)
        assert isinstance(columns, pl.DataFrame)
        self.learnt = {
            name: self._restored(terms.filter(pl.col("column") == name), texts_seen, mean_length)
            for name, texts_seen, mean_length in columns.iter_rows()
        }

    def _restored(self, terms: pl.DataFrame, texts_seen: int, mean_length: float) -> TextVectors:
        documents, weights = terms["documents"].to_list(), terms["weight"].to_list()
        return TextVectors.restore(self._spec(), terms["term"], documents, weights, (texts_seen, mean_length))

    def _spec(self) -> str:
        limits = {"min_df": self.min_df, "max_df": self.max_df, "max_features": self.max_features}
        return json.dumps({"analysis": self.analysis(), "weighting": self.weighting(), "limits": limits})


def _is_bound(seen: object) -> bool:
    if type(seen) is int:
        return seen >= 1
    return isinstance(seen, float) and 0.0 <= seen <= 1.0
