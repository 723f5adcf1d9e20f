"""Texts that are hard to get right, and what every step on texts must hold."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st
from native_steps import stored

from bighead.pipeline_lib.pipeline.transformer import Transformer

PIECES = [
    "", " ", "  ", "\t", "\n\r", "\x1c", "\x85", "\u3000", "\u200b", "a", "I", "x1", "_", "__init__", "late", "Late",
    "LATE", "don't", "e-mail", "3.14", "½", "²", "Ⅷ", "٣٤", "é", "e\u0301", "Café", "cafe\u0301", "naïve",
    "\u0301", "ß", "ẞ", "İstanbul", "ısı", "ΟΔΟΣ", "ΟΔΟΣ.", "ς", "ﬁn", "ŉ", "ǅ", "漢字", "かな", "한국어", "กำ",
    "हिन्दी", "😀", "👩\u200d👩\u200d👧", "🇩🇪", "!?…", "«»", "-", "\x00", "\ufeff", "\U0010ffff", "Ꭰꭰ", "&amp;", "<b>",
]  # fmt: skip
# What this Python's Unicode does not know yet may be a letter in a newer one.
characters = st.characters(exclude_categories=["Cs", "Cn"])
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(characters, max_size=30),
    st.text(st.sampled_from("ab .A1é_"), max_size=20),
)
columns = st.lists(st.none() | texts, min_size=1, max_size=8)


def frame(values: list[str | None]) -> pl.DataFrame:
    """One column of texts, t."""
    return pl.DataFrame({"t": values}, schema={"t": pl.String})


def made(step: Transformer, train: list[str | None], seen: list[str | None]) -> pl.Series:
    """Fit a step and return what it makes of texts, after everything that must hold whatever it makes.

    Row by row is the same as all rows at once, what was stored as what was learnt, a missing text is missing.
    """
    first = step.fit_transform(frame(train), None)
    assert step.transform(frame(train)).equals(first, null_equal=True)
    answer = step.transform(frame(seen))
    assert answer.height == len(seen)
    for row in range(answer.height):
        assert step.transform(frame(seen[row : row + 1])).equals(answer[row], null_equal=True)
    assert stored(step).transform(frame(seen)).equals(answer, null_equal=True)
    only = answer.to_series()
    assert only.is_null().to_list() == [text is None for text in seen]
    return only


def rows_of(series: pl.Series) -> list[list[tuple[int, float]]]:
    """The rows of a sparse column that are not missing, as pairs of index and value."""
    found = [[(each["index"], each["value"]) for each in row] for row in series.drop_nulls().to_list()]
    assert all(left < right for row in found for (left, _), (right, _) in pairwise(row))
    return found


def rows_of_matrix(matrix: Any) -> list[list[tuple[int, float]]]:
    """The rows of scikit-learn's sparse matrix, in the same form."""
    matrix.sort_indices()
    parts = [slice(*each) for each in pairwise(matrix.indptr)]
    return [list(zip(matrix.indices[p].tolist(), matrix.data[p].tolist(), strict=True)) for p in parts]


def close(one: list[list[tuple[int, float]]], other: list[list[tuple[int, float]]]) -> None:
    """The same indices, and values within 1e-12."""
    assert [[index for index, _ in row] for row in one] == [[index for index, _ in row] for row in other]
    values = [np.array([value for row in each for _, value in row]) for each in (one, other)]
    assert np.allclose(*values, rtol=1e-12, atol=1e-12)
