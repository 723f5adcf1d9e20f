"""How a neural network reads columns: numbers as a matrix, a tensor as it is, lists of int64 as padded tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import polars as pl

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.pipeline.schema import type_of
from bighead.pipeline_lib.pipeline.transformer import NUMBERS, matrix

PADDING, UNKNOWN, FIRST = 0, 1, 2
TAKES = NUMBERS | {"tensor", "list"}
CURE = "Give it numbers (p[columns] >>= OneHotLabelEncoder() for strings), one tensor, or one list of int64 tokens."
_Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class NeuralInput:
    """What one row is to the network.

    Args:
        kind: `numbers`, `tensor` or `tokens`.
        shape: Of one row: the columns, the tensor's shape, or how many tokens are read (more are cut, fewer padded).
        vocabulary: How many tokens are known: 0 up to below it. Others are read as one unknown token.
    """

    kind: str
    shape: tuple[int, ...]
    vocabulary: int = 0

    @classmethod
    def of(cls, frame: pl.DataFrame, length: int, vocabulary: int | None) -> NeuralInput:
        """Return how to read these columns; without a vocabulary it goes up to the largest token there is.

        Raises:
            SchemaError: columns of several kinds, or several tensors or lists.
        """
        kinds = {type_of(dtype) for dtype in frame.dtypes}
        if kinds and kinds <= NUMBERS:
            return cls("numbers", (frame.width,))
        if frame.width == 1 and kinds == {"tensor"}:
            dtype = frame.dtypes[0]
            assert isinstance(dtype, pl.Array)
            return cls("tensor", tuple(dtype.shape))
        if frame.width == 1 and _whole(frame.dtypes[0]):
            largest = frame.to_series().list.max().max() if vocabulary is None else vocabulary - 1
            assert largest is None or isinstance(largest, int)
            return cls("tokens", (length,), 1 + max(-1, -1 if largest is None else largest))
        seen = ", ".join(f"{name!r} {dtype}" for name, dtype in list(frame.schema.items())[:10])
        raise SchemaError(f"a network cannot read {seen or 'no columns'} together.", cure=CURE)

    @property
    def tokens(self) -> int:
        """How many different numbers a row of tokens holds: the vocabulary, padding, and the unknown."""
        return self.vocabulary + FIRST

    def answerable(self, frame: pl.DataFrame) -> _Array:
        """Return which rows can be answered: those without missing or infinite values."""
        if self.kind == "numbers":
            finite: _Array = np.isfinite(matrix(frame, np.float32)).all(axis=1)
            return finite
        present = frame.to_series().is_not_null().to_numpy()
        if self.kind == "tokens":
            return present
        rows = self.rows(frame.filter(pl.Series(present)))
        answerable = present.copy()
        answerable[present] = np.isfinite(rows.reshape(-1, prod(self.shape))).all(axis=1)
        return answerable

    def rows(self, frame: pl.DataFrame) -> _Array:
        """Return rows that can be answered as an array: float32, or int64 of tokens."""
        if self.kind == "numbers":
            return matrix(frame, np.float32)
        if self.kind == "tensor":
            flat = frame.to_series().reshape((-1,)).fill_null(float("nan"))
            given = flat.cast(pl.Float32).to_numpy().reshape(frame.height, *self.shape)
            # Frameworks take no memory that they may not write, which Polars' own is.
            return np.require(given, requirements="W")
        return self._padded(frame.to_series())

    def _padded(self, series: pl.Series) -> _Array:
        length = self.shape[0]
        padded = np.full((len(series), length), PADDING, dtype=np.int64)
        for row, tokens in enumerate(series.list.head(length)):
            if tokens is None:
                continue
            known = tokens.fill_null(-1).to_numpy()
            inside = (known >= 0) & (known < self.vocabulary)
            padded[row, : len(known)] = np.where(inside, known + FIRST, UNKNOWN)
        return padded

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "shape": [*self.shape], "vocabulary": self.vocabulary}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> NeuralInput:
        """Return what `plain` took apart.

        Raises:
            ValueError: another kind.
        """
        if plain["kind"] not in ("numbers", "tensor", "tokens"):
            raise ValueError(f"the kind {plain['kind']!r}")
        return cls(plain["kind"], tuple(int(each) for each in plain["shape"]), int(plain["vocabulary"]))


def _whole(dtype: pl.DataType) -> bool:
    inner = dtype.inner if isinstance(dtype, pl.List) else None
    return isinstance(inner, pl.DataType) and inner.is_integer()
