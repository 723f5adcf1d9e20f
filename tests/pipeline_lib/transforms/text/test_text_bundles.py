"""Steps on texts go into a bundle and come back as they were: vocabularies as Arrow, lists of words as parameters."""

from __future__ import annotations

import polars as pl
import pytest
from bundles import columns_of
from drawn_texts import PIECES

from bighead.pipeline_lib.artifact import load, save, storable_steps
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import text

TEXTS = [*PIECES, "<p>Late <b>again</b>", None, "the plane is late"]
DATA = pl.DataFrame({"title": TEXTS, "body": TEXTS[::-1]})


@pytest.fixture(autouse=True)
def known(monkeypatch):
    for each in text.TRANSFORMS:
        monkeypatch.setitem(storable_steps.STEPS, each.__name__, each)


def numbers() -> Pipeline:
    p = Pipeline("numbers")
    p["title"] >>= [
        text.StripHtml(),
        text.StopwordFilter(["the"]),
        text.RegexReplace("a+", "a"),
        text.TextStats(),
    ]
    p["body"] >>= [text.UnicodeNormalizer("NFKD"), text.CaseFold(), text.Truncate(9), text.TextStats()]
    return p


def pairs() -> Pipeline:
    p = Pipeline("pairs")
    p[["title", "body"]] >>= text.TokenSetSimilarity(analyzer="char_wb", ngram_range=(2, 3))
    return p


def vectors() -> Pipeline:
    p = Pipeline("vectors")
    p["title"] >>= text.TfidfVectorizer(ngram_range=(1, 2), stop_words=["the"], min_df=1)
    p["body"] >>= [text.Lowercase(), text.BM25Vectorizer(analyzer="char", max_features=20)]
    return p


def lists() -> Pipeline:
    p = Pipeline("lists")
    p["title"] >>= text.WordNgrams(ngram_range=(1, 2), stop_words=["is"])
    p["body"] >>= text.HashingVectorizer(n_features=64, ngram_range=(1, 3))
    return p


@pytest.mark.parametrize("make", [numbers, pairs, vectors, lists])
def test_a_loaded_bundle_answers_as_the_pipeline_did(make, tmp_path):
    pipeline = make().fit(DATA)
    expected = pipeline.transform(DATA)
    save(pipeline, tmp_path / "b", model="m", inputs=columns_of(pipeline), example_rows=DATA)
    loaded = load(tmp_path / "b").pipeline
    assert loaded.transform(DATA).equals(expected, null_equal=True)
