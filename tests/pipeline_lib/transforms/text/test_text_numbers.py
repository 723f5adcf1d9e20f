"""Numbers and lists of texts: Python's definitions, scikit-learn's analyzers."""

from __future__ import annotations

import re
import sys
import unicodedata

import numpy as np
import polars as pl
import pytest
from drawn_texts import columns, frame, made
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer as SklearnCounts

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text import CharNgrams, TextStats, WordNgrams
from bighead.pipeline_lib.transforms.text.text_stats import _STATISTICS


def counted(text: str) -> list[float]:
    """The definition of TextStats."""
    words = re.findall(r"\w+", text)
    lengths = [len(word) for word in words]
    kinds = [
        str.isdecimal, str.isupper, lambda c: unicodedata.category(c)[0] == "P", str.isspace,
    ]  # fmt: skip
    shares = [sum(map(kind, text)) / len(text) if text else 0.0 for kind in kinds]
    mean = sum(lengths) / len(words) if words else 0.0
    return [len(text), len(words), len(set(words)), mean, max(lengths, default=0), *shares]


def statistics(texts: list[str | None]) -> np.ndarray:
    step = TextStats()
    answer = step.transform(frame(texts))
    assert answer.columns == [f"t_{name}" for name in _STATISTICS]
    assert set(answer.dtypes) == {pl.Float64}
    return answer.fill_null(-1.0).to_numpy()


@given(texts=columns)
def test_numbers_of_drawn_texts(texts):
    expected = [[-1.0] * len(_STATISTICS) if text is None else counted(text) for text in texts]
    assert np.array_equal(statistics(texts), np.array(expected))


def test_every_character_is_what_python_says_it_is():
    known = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cs", "Cn")]
    expected = np.array([counted(character) for character in known])
    wrong = np.nonzero((statistics(known) != expected).any(axis=1))[0]
    assert [known[row] for row in wrong] == []


@given(
    texts=columns,
    ngrams=st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 5)]),
    lowercase=st.booleans(),
    accents=st.sampled_from([None, "unicode", "ascii"]),
    stop_words=st.sampled_from([None, ["late", "x1"]]),
)
@example(["a b", "ab  cd\t ef\n\n", "  ", "é\x1cé"], (1, 3), True, None, None)
def test_lists_are_what_the_analyzers_of_scikit_learn_return(texts, ngrams, lowercase, accents, stop_words):
    given = {"ngram_range": ngrams, "lowercase": lowercase, "strip_accents": accents}
    cases = [
        (WordNgrams(stop_words=stop_words, **given), {"stop_words": stop_words}),
        (CharNgrams(**given), {"analyzer": "char"}),
        (CharNgrams(within_words=True, **given), {"analyzer": "char_wb"}),
    ]
    for step, more in cases:
        analyze = SklearnCounts(**given, **more).build_analyzer()
        expected = [None if text is None else analyze(text) for text in texts]
        answer = made(step, texts, texts)
        assert answer.dtype == pl.List(pl.String)
        assert answer.to_list() == expected


@pytest.mark.parametrize("make", [WordNgrams, CharNgrams])
def test_what_cannot_be_is_refused(make):
    for arguments in ({"ngram_range": (2, 1)}, {"strip_accents": "all"}):
        with pytest.raises(DefinitionError, match="Expected"):
            make(**arguments)
