"""Vectors of texts are scikit-learn's: indices exactly, values within 1e-12."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn_texts import close, columns, frame, made, rows_of, rows_of_matrix
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction import text as sk

from bighead.pipeline_lib.errors import DataError
from bighead.pipeline_lib.transforms.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

HARD = [
    "Café CAFÉ, e\u0301té!",
    "",
    "  \t ",
    "?!…",
    None,
    "漢字 かな 漢字",
    "😀 a b",
    "STRASSE straße İstanbul ΟΔΟΣ",
]


@st.composite
def analyses(draw: Any) -> dict[str, Any]:
    """Arguments that say what terms are."""
    fewest = draw(st.integers(1, 3))
    analyzer = draw(st.sampled_from(["word", "char", "char_wb"]))
    words = st.none() | st.lists(st.sampled_from(["late", "x1", "ab"]), min_size=1)
    return {
        "analyzer": analyzer,
        "ngram_range": (fewest, draw(st.integers(fewest, 4))),
        "lowercase": draw(st.booleans()),
        "strip_accents": draw(st.sampled_from([None, "unicode", "ascii"])),
        "stop_words": draw(words) if analyzer == "word" else None,
    }


def present(texts):
    return [text for text in texts if text is not None]


@given(
    texts=columns,
    analysis=analyses(),
    n_features=st.sampled_from([1, 2, 7, 2**10, 2**31 - 1]),
    alternate_sign=st.booleans(),
    binary=st.booleans(),
    norm=st.sampled_from([None, "l1", "l2"]),
)
@example(HARD, {}, 2**20, True, False, "l2")
@example(["ab " * 100_000 + "é"], {}, 2**20, True, False, "l1")
def test_hashed_vectors(texts, analysis, n_features, alternate_sign, binary, norm):
    given = {
        "n_features": n_features, "alternate_sign": alternate_sign, "binary": binary, "norm": norm, **analysis
    }  # fmt: skip
    answer = rows_of(made(HashingVectorizer(**given), texts, texts))
    # scikit-learn cannot hash no texts at all.
    expected = sk.HashingVectorizer(**given).transform(present(texts)) if present(texts) else None
    close(answer, [] if expected is None else rows_of_matrix(expected))


def learnt(ours, theirs, train, seen):
    """Both learn and answer, or both refuse."""
    try:
        first = theirs.fit_transform(present(train))
    except ValueError:
        with pytest.raises(DataError):
            made(ours, train, seen)
        return
    answer = made(ours, train, seen)
    assert ours.terms("t")["term"].to_list() == theirs.get_feature_names_out().tolist()
    close(rows_of(answer), rows_of_matrix(theirs.transform(present(seen))) if present(seen) else [])
    close(rows_of(made(ours, train, train)), rows_of_matrix(first))


bounds = st.sampled_from([1, 2, 3, 0.0, 0.2, 0.5, 1.0])


@given(train=columns, seen=columns, analysis=analyses(), binary=st.booleans(), low=bounds, high=bounds)
@example(HARD, HARD[::-1], {}, False, 1, 1.0)
def test_counts(train, seen, analysis, binary, low, high):
    given = {"binary": binary, "min_df": low, "max_df": high, **analysis}
    learnt(CountVectorizer(**given), sk.CountVectorizer(**given), train, seen)


@given(
    train=columns,
    seen=columns,
    analysis=analyses(),
    weighting=st.fixed_dictionaries(
        {
            "binary": st.booleans(),
            "norm": st.sampled_from([None, "l1", "l2"]),
            "use_idf": st.booleans(),
            "smooth_idf": st.booleans(),
            "sublinear_tf": st.booleans(),
        }
    ),
)
@example(HARD, HARD[::-1], {}, {})
@example(["ab " * 100_000, "cd"], ["cd " * 50_000 + "ef"], {}, {"sublinear_tf": True})
def test_tfidf(train, seen, analysis, weighting):
    learnt(TfidfVectorizer(**weighting, **analysis), sk.TfidfVectorizer(**weighting, **analysis), train, seen)


def test_many_texts_on_all_cores_are_the_same():
    random = np.random.default_rng(5)
    words = np.array([f"w{n}" for n in range(400)])
    texts = [" ".join(words[random.zipf(1.5, n) % 400]) for n in random.integers(0, 30, 30_000)]
    learnt(TfidfVectorizer(), sk.TfidfVectorizer(), texts[:20], texts[:20])
    ours, theirs = TfidfVectorizer(min_df=5), sk.TfidfVectorizer(min_df=5)
    expected = rows_of_matrix(theirs.fit_transform(texts))
    close(rows_of(ours.fit_transform(frame(texts), None)["t"]), expected)
    close(rows_of(ours.transform(frame(texts))["t"]), expected)
    hashed = rows_of_matrix(sk.HashingVectorizer(n_features=2**18).transform(texts))
    close(rows_of(HashingVectorizer(n_features=2**18).transform(frame(texts))["t"]), hashed)
