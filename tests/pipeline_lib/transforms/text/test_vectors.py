"""Vectors of texts where scikit-learn is no reference: ties, BM25, refusals, hashes, a pipeline."""

from __future__ import annotations

import math
from collections import Counter

import polars as pl
import pytest
from drawn_texts import close, columns, frame, made, rows_of, texts
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer as SklearnCounts
from sklearn.utils import murmurhash3_32

from bighead.pipeline_lib.errors import DataError, DefinitionError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms.text import (
    BM25Vectorizer,
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)

VECTORS = [CountVectorizer, TfidfVectorizer, BM25Vectorizer, HashingVectorizer]
analyzed = SklearnCounts().build_analyzer()


@given(term=texts)
def test_a_place_is_the_murmur_hash(term):
    step = HashingVectorizer(
        n_features=2**31 - 1, analyzer="char", ngram_range=(99, 99), norm=None, lowercase=False
    )
    term = "x".join(term.split()).ljust(99, "x")[:99]
    hashed = murmurhash3_32(term, 0)
    expected = [[(abs(hashed) % (2**31 - 1), 1.0 if hashed >= 0 else -1.0)]]
    assert rows_of(made(step, [term], [term])) == expected


@given(train=columns, most=st.integers(1, 5), binary=st.booleans())
def test_of_terms_as_frequent_the_first_in_order_are_kept(train, most, binary):
    terms = [analyzed(text) for text in train if text is not None]
    counts = Counter(term for each in terms for term in (set(each) if binary else each))
    if counts:
        step = CountVectorizer(max_features=most, binary=binary)
        made(step, train, train)
        expected = sorted(sorted(counts, key=lambda term: (-counts[term], term))[:most])
        assert step.terms("t")["term"].to_list() == expected


@given(train=columns, seen=columns, k1=st.sampled_from([0.0, 1.2, 2.0]), b=st.sampled_from([0.0, 0.75, 1.0]))
def test_bm25_is_its_formula(train, seen, k1, b):
    known = [analyzed(text) for text in train if text is not None]
    documents = Counter(term for terms in known for term in set(terms))
    if not documents:
        with pytest.raises(DataError, match="no term at all"):
            made(BM25Vectorizer(), train, seen)
        return
    mean = sum(map(len, known)) / len(known)
    vocabulary = sorted(documents)
    expected = []
    for terms in [analyzed(text) for text in seen if text is not None]:
        row = []
        for place, term in enumerate(vocabulary):
            idf = math.log(1 + (len(known) - documents[term] + 0.5) / (documents[term] + 0.5))
            f, length = terms.count(term), len(terms) / mean
            if f:
                row.append((place, idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length))))
        expected.append(row)
    close(rows_of(made(BM25Vectorizer(k1=k1, b=b), train, seen)), expected)


@pytest.mark.parametrize("make", VECTORS)
@pytest.mark.parametrize(
    ("given", "cure"),
    [
        ({"ngram_range": (2, 1)}, "smaller one first"),
        ({"ngram_range": (0, 1)}, "from 1"),
        ({"ngram_range": 2}, "two whole numbers"),
        ({"ngram_range": (1, 2.0)}, "two whole numbers"),
        ({"analyzer": "words"}, "'char_wb'"),
        ({"strip_accents": True}, "'unicode', 'ascii', None"),
        ({"stop_words": "english"}, "list of words"),
        ({"stop_words": ["a"], "analyzer": "char"}, "analyzer="),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, given, cure):
    with pytest.raises(DefinitionError, match=cure):
        make(**given)


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (CountVectorizer, {"min_df": 0}),
        (CountVectorizer, {"max_df": 1.5}),
        (CountVectorizer, {"max_df": float("nan")}),
        (CountVectorizer, {"min_df": True}),
        (CountVectorizer, {"max_features": 0}),
        (TfidfVectorizer, {"norm": "max"}),
        (HashingVectorizer, {"n_features": 0}),
        (HashingVectorizer, {"n_features": 2**31}),
        (HashingVectorizer, {"norm": 2}),
        (BM25Vectorizer, {"k1": -1.0}),
        (BM25Vectorizer, {"k1": float("nan")}),
        (BM25Vectorizer, {"b": 1.1}),
    ],
)
def test_a_number_that_cannot_be_is_refused(make, given):
    with pytest.raises(DefinitionError, match="Expected"):
        make(**given)


@pytest.mark.parametrize("make", [CountVectorizer, TfidfVectorizer, BM25Vectorizer])
def test_texts_without_terms_cannot_be_learnt_from(make):
    for values in ([None, None], ["", " ?!"]):
        with pytest.raises(DataError, match="no term at all"):
            make().fit(frame(values), None)
    with pytest.raises(DataError, match="none of 2 terms"):
        make(min_df=2).fit(frame(["ab", "cd"]), None)
    with pytest.raises(DataError, match="fewer than min_df"):
        make(min_df=2, max_df=1).fit(frame(["ab", "cd"]), None)


def test_several_columns_learn_their_own_terms_in_a_pipeline():
    data = pl.DataFrame({"title": ["Late again", None], "body": ["on time", "late"]})
    pipeline = Pipeline("texts")
    pipeline[["title", "body"]] >>= CountVectorizer()
    answer = pipeline.fit(data).transform(data)
    assert answer.to_dicts() == [
        {"title": [{"index": 0, "value": 1.0}, {"index": 1, "value": 1.0}],
         "body": [{"index": 1, "value": 1.0}, {"index": 2, "value": 1.0}]},
        {"title": None, "body": [{"index": 0, "value": 1.0}]},
    ]  # fmt: skip
    assert answer.schema["title"] == pl.List(pl.Struct({"index": pl.UInt32, "value": pl.Float64}))
    assert pipeline.lineage() == {"title": ("title",), "body": ("body",)}
