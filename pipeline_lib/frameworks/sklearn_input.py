"""Columns of a frame as an estimator of scikit-learn reads them: a matrix, a sparse one, texts, or the frame itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import DataError, SchemaError, quoted
from bighead.pipeline_lib.pipeline.transformer import matrix


@dataclass(frozen=True)
class Reading:
    """How an estimator reads columns.

    Args:
        form: `numbers`, `objects` (texts among them), `texts` (one column of documents), `vector` (one column of
            numbers), `sparse` or `frame` (columns by name).
        missing: Whether it takes missing numbers.
        infinite: Whether it takes infinite ones.
        widths: How many items a sparse column has, by name; items beyond were never seen in training and are left out.
    """

    form: str
    missing: bool
    infinite: bool
    widths: Mapping[str, int]

    @classmethod
    def of(cls, estimator: Any, frame: pl.DataFrame) -> Reading:
        """Return how an estimator reads columns of these types.

        Raises:
            SchemaError: texts for one that reads numbers, or more columns than the one it reads.
        """
        tags = estimator.__sklearn_tags__()
        name, given = type(estimator).__name__, tags.input_tags
        texts = [column for column, dtype in frame.schema.items() if dtype == pl.String]
        form = _form(estimator, given, frame)
        if form in ("texts", "vector") and frame.width != 1:
            raise SchemaError(
                f"a {name} reads one column, and was given {quoted(frame.columns)}.",
                cure="Put one on each: p[column].",
            )
        if texts and form not in ("texts", "objects", "frame"):
            raise SchemaError(
                f"a {name} reads numbers, and {quoted(texts)} are texts.",
                cure="Encode strings first, as p[columns] >>= OneHotLabelEncoder().",
            )
        widths = {s.name: _width(s) for s in frame if isinstance(s.dtype, pl.List)}
        return cls(form, given.allow_nan or tags.no_validation, tags.no_validation, widths)

    def rows(self, frame: pl.DataFrame) -> Any:
        """Return what the estimator is given for these rows."""
        if self.form == "frame":
            return frame
        if self.form == "texts":
            # A document that is not there says nothing.
            return frame.to_series().fill_null("").to_list()
        if self.form == "objects":
            return _objects(frame)
        if self.form == "vector":
            return matrix(frame, np.float64)[:, 0]
        return self._sparse(frame) if self.form == "sparse" else matrix(frame, np.float64)

    def answerable(self, frame: pl.DataFrame) -> np.ndarray[Any, Any]:
        """Return which rows the estimator takes: not those with a missing or infinite number, unless it does."""
        numbers = [s.cast(pl.Float64) for s in frame if s.dtype.is_numeric() or s.dtype == pl.Boolean]
        taken = np.ones(frame.height, dtype=bool)
        if self.form == "frame":
            return taken
        for series in numbers:
            values = series.fill_null(float("nan")).to_numpy()
            taken &= self.missing | ~np.isnan(values)
            taken &= self.infinite | ~np.isinf(values)
        return taken

    def _sparse(self, frame: pl.DataFrame) -> Any:
        from scipy.sparse import csr_matrix, hstack

        blocks = [
            sparse_rows(series, self.widths[series.name])
            if series.name in self.widths
            else csr_matrix(matrix(series.to_frame(), np.float64))
            for series in frame
        ]
        return hstack(blocks, format="csr") if len(blocks) > 1 else blocks[0]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "form": self.form,
            "missing": self.missing,
            "infinite": self.infinite,
            "widths": dict(self.widths),
        }


def _form(estimator: Any, given: Any, frame: pl.DataFrame) -> str:
    if _by_name(estimator):
        return "frame"
    if any(isinstance(dtype, pl.List) for dtype in frame.dtypes):
        return "sparse"
    if given.one_d_array and not given.two_d_array:
        return "vector"
    texts = any(dtype == pl.String for dtype in frame.dtypes)
    if (given.string and not given.two_d_array) or _reads_documents(estimator):
        return "texts"
    return (
        "objects"
        if texts and (given.string or given.categorical or _takes_anything(estimator))
        else "numbers"
    )


def _takes_anything(estimator: Any) -> bool:
    """Whether it may be given texts though its tags do not say so: what holds others, and imputers of any value."""
    holds_others = any(hasattr(estimator, each) for each in ("steps", "transformer_list", "estimator"))
    return holds_others or getattr(estimator, "strategy", None) in ("most_frequent", "constant")


def _by_name(estimator: Any) -> bool:
    """Whether it, or a part of it, chooses columns by their names."""
    from sklearn.compose import ColumnTransformer

    parts = [estimator, *estimator.get_params(deep=True).values()]
    return any(isinstance(each, ColumnTransformer) for each in parts)


def _reads_documents(estimator: Any) -> bool:
    """Whether it, or the first step of a pipeline, counts words."""
    first = estimator.steps[0][1] if getattr(estimator, "steps", None) else estimator
    return type(first).__name__ in ("CountVectorizer", "HashingVectorizer", "TfidfVectorizer")


def _objects(frame: pl.DataFrame) -> np.ndarray[Any, Any]:
    made = np.empty((frame.height, frame.width), dtype=object)
    for place, series in enumerate(frame):
        made[:, place] = (
            series.to_list() if series.dtype == pl.String else matrix(series.to_frame(), np.float64)[:, 0]
        )
    return made


def _width(series: pl.Series) -> int:
    largest = series.explode().struct.field("index").max() if len(series) else None
    return int(largest) + 1 if isinstance(largest, int) else 0


def sparse_rows(series: pl.Series, width: int) -> Any:
    """Return a sparse column as a CSR matrix; a missing row has no items.

    >>> column = pl.Series("t", [[{"index": 1, "value": 2.0}], None])
    >>> sparse_rows(column, 3).toarray().tolist()
    [[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
    """
    from scipy.sparse import csr_matrix

    lengths = series.list.len().fill_null(0).to_numpy()
    items = series.filter(series.list.len().fill_null(0) > 0).explode().struct
    row = np.repeat(np.arange(len(series)), lengths)
    if not len(row):
        return csr_matrix((len(series), width))
    index = items.field("index").to_numpy().astype(np.int64)
    value = items.field("value").cast(pl.Float64).fill_null(0.0).to_numpy()
    seen = index < width
    return csr_matrix((value[seen], (row[seen], index[seen])), shape=(len(series), width))


def sparse_column(name: str, made: Any) -> pl.Series:
    """Return a CSR matrix as a sparse column, indices ascending."""
    import pyarrow as pa

    rows = made.tocsr()
    rows.sum_duplicates()
    rows.sort_indices()
    items = pa.StructArray.from_arrays(
        [pa.array(rows.indices.astype(np.uint32)), pa.array(rows.data.astype(np.float64))],
        names=["index", "value"],
    )
    return pl.Series(name, pa.LargeListArray.from_arrays(pa.array(rows.indptr.astype(np.int64)), items))


def check_columns(expected: Sequence[str], frame: pl.DataFrame) -> None:
    """Refuse columns of another number than at fit.

    Raises:
        DataError: naming both.
    """
    if len(expected) != frame.width:
        raise DataError(f"the step was fitted on {quoted(expected)}, and is given {quoted(frame.columns)}.")
