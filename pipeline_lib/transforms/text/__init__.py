"""Step 4 of 9, fit: texts as cleaner texts, numbers and vectors."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.text.bm25_vectorizer import BM25Vectorizer
from bighead.pipeline_lib.transforms.text.count_vectorizer import CountVectorizer
from bighead.pipeline_lib.transforms.text.hashing_vectorizer import HashingVectorizer
from bighead.pipeline_lib.transforms.text.tfidf_vectorizer import TfidfVectorizer

TRANSFORMS: tuple[type[Transformer], ...] = (
    CountVectorizer,
    TfidfVectorizer,
    BM25Vectorizer,
    HashingVectorizer,
)

__all__ = [
    "TRANSFORMS",
    "BM25Vectorizer",
    "CountVectorizer",
    "HashingVectorizer",
    "TfidfVectorizer",
]
