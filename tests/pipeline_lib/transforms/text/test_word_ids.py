"""WordIds numbers words as CountVectorizer's vocabulary does, beside scikit-learn."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bighead.pipeline_lib.artifact import InputColumn, load, save
from bighead.pipeline_lib.errors import DataError, DefinitionError, SchemaError
from bighead.pipeline_lib.pipeline import Pipeline
from bighead.pipeline_lib.transforms import WordIds

ODD = [
    "",
    "   ",
    "a b",
    "Straße STRASSE ß",
    "naïve café",
    "日本語 テキスト",
    "x" * 5000,
    "don't 42 4 2_b",
    "\0 zero\0one",
]


def drawn(count: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    words = [f"w{at}" for at in range(40)] + ["Late", "late", "LATE"]
    return [" ".join(random.choice(words, random.integers(0, 15))) for _ in range(count)] + ODD


@pytest.mark.parametrize("given", [{}, {"lowercase": False}, {"min_df": 3}, {"stop_words": ["w1", "late"]}])
@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_those_of_scikit_learn(given, seed):
    learnt, asked = drawn(60, seed), drawn(60, seed + 100)
    reference = CountVectorizer(**given).fit(learnt)
    split = reference.build_analyzer()
    expected = [[int(reference.vocabulary_.get(word, -1)) for word in split(text)] for text in asked]
    step = WordIds(**given)
    step.fit(pl.DataFrame({"t": learnt}), None)
    answered = step.transform(pl.DataFrame({"t": asked}))["t"]
    assert answered.dtype == pl.List(pl.Int64)
    assert answered.to_list() == expected


@pytest.mark.parametrize("seed", range(4))
def test_the_most_frequent_words_are_kept_and_of_equals_the_first(seed):
    # scikit-learn keeps any of those that are as frequent.
    learnt = drawn(60, seed)
    split = CountVectorizer().build_analyzer()
    counts = Counter(word for text in learnt for word in split(text))
    kept = sorted(sorted(counts, key=lambda word: (-counts[word], word))[:7])
    step = WordIds(max_features=7)
    step.fit(pl.DataFrame({"t": learnt}), None)
    expected = [[kept.index(word) if word in kept else -1 for word in split(text)] for text in learnt]
    assert step.transform(pl.DataFrame({"t": learnt}))["t"].to_list() == expected


def test_rows_are_answered_alone_as_in_a_table_and_missing_stays_missing():
    frame = pl.DataFrame({"t": [*drawn(20, 0), None], "u": [*drawn(20, 1), None]})
    step = WordIds()
    step.fit(frame, None)
    whole = step.transform(frame)
    assert whole[-1, "t"] is None
    for row in range(frame.height):
        assert step.transform(frame[row]).equals(whole[row])
    assert step.transform(frame[:0]).schema == whole.schema


def test_a_bundle_answers_the_same(tmp_path):
    frame = pl.DataFrame({"t": [*drawn(30, 0), None], "u": [*drawn(30, 1), None]})
    p = Pipeline("words")
    p[["t", "u"]] >>= WordIds(max_features=9)
    p.fit(frame)
    inputs = [InputColumn(name, "string") for name in frame.columns]
    save(p, tmp_path / "bundle", model="words", inputs=inputs, example_rows=frame.head(5))
    loaded = load(tmp_path / "bundle")
    loaded.reproduce()
    assert loaded.pipeline.transform(frame).equals(p.transform(frame))


def test_what_cannot_be_is_refused():
    with pytest.raises(DefinitionError, match="max_features"):
        WordIds(max_features=0)
    with pytest.raises(DataError, match="learnt no words of 't'"):
        WordIds().transform(pl.DataFrame({"t": ["late"]}))
    with pytest.raises(DataError, match="no vectors of 't'"):
        WordIds().fit(pl.DataFrame({"t": ["", None]}), None)
    with pytest.raises(SchemaError):
        WordIds().fit(pl.DataFrame({"t": [1.0]}), None)
