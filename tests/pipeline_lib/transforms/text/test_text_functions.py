"""Text to text is Python's own: every character that this Python knows, and drawn texts."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Sequence

import polars as pl
import pytest
from drawn_texts import columns, frame, made
from hypothesis import given
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text import (
    CaseFold,
    CollapseWhitespace,
    Lowercase,
    RegexReplace,
    StopwordFilter,
    StripAccents,
    Trim,
    Truncate,
    UnicodeNormalizer,
)
from bighead.pipeline_lib.transforms.text.english_stop_words import ENGLISH_STOP_WORDS

ALL = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cs", "Cn")]


def key(piece: str) -> str:
    start, end = 0, len(piece)
    while start < end and unicodedata.category(piece[start])[0] == "P":
        start += 1
    while end > start and unicodedata.category(piece[end - 1])[0] == "P":
        end -= 1
    return piece[start:end].replace("’", "'").casefold()


def without(words: Sequence[str]) -> Callable[[str], str]:
    """The definition of StopwordFilter."""
    left_out = {key(word) for word in words}
    return lambda text: " ".join(piece for piece in text.split() if key(piece) not in left_out)


WORDS = ["Late", "don't", "é", "ẞ", "…x1"]
CASES = [
    (Lowercase(), str.lower),
    (CaseFold(), str.casefold),
    *[
        (UnicodeNormalizer(form), lambda text, form=form: unicodedata.normalize(form, text))
        for form in ("NFC", "NFD", "NFKC", "NFKD")
    ],
    (StripAccents("unicode"), strip_accents_unicode),
    (StripAccents("ascii"), strip_accents_ascii),
    (Trim(), str.strip),
    (CollapseWhitespace(), lambda text: " ".join(text.split())),
    *[(Truncate(length), lambda text, length=length: text[:length]) for length in (0, 1, 5)],
    (StopwordFilter(), without(ENGLISH_STOP_WORDS)),
    (StopwordFilter(WORDS), without(WORDS)),
]


@pytest.mark.parametrize(("step", "expected"), CASES, ids=lambda case: type(case).__name__)
def test_every_character_and_its_neighbours(step, expected):
    for before, after in (("", ""), ("Σ", "A"), ("a ", " Σ")):
        seen = [f"{before}{character}{after}" for character in ALL]
        answer = step.transform(frame(seen))["t"].to_list()
        wrong = [(text, got) for text, got in zip(seen, answer, strict=True) if got != expected(text)]
        assert not wrong


@pytest.mark.parametrize(("step", "expected"), CASES, ids=lambda case: type(case).__name__)
@given(texts=columns)
def test_drawn_texts(step, expected, texts):
    answer = made(step, texts, texts).to_list()
    assert answer == [None if text is None else expected(text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [(r"\s+", " "), (r"(?i)(l)(ate)", "${2}-$1"), (r"[^\w\s]", ""), ("", "|"), (r"\p{Script=Han}", "$$"), ("a", "$9")],
)  # fmt: skip
@given(texts=columns)
def test_patterns_are_those_of_polars(pattern, replacement, texts):
    expected = frame(texts)["t"].str.replace_all(pattern, replacement)
    assert made(RegexReplace(pattern, replacement), texts, texts).to_list() == expected.to_list()


def test_many_texts_in_pieces_keep_their_order():
    seen = [None if row % 7 == 0 else f"Text {row} É" for row in range(30_000)]
    answer = Lowercase().transform(frame(seen))["t"].to_list()
    assert answer == [None if text is None else text.lower() for text in seen]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RegexReplace("(a"), r"unclosed group.*literal \( is written"),
        (lambda: RegexReplace(r"(a)\1"), "backreferences are not supported"),
        (lambda: RegexReplace("(?=a)"), "look-around"),
        (lambda: RegexReplace("a{9999}{9999}"), "exceeds size limit"),
        (lambda: RegexReplace(None), "pattern=None"),
        (lambda: UnicodeNormalizer("nfc"), "'NFC', 'NFD'"),
        (lambda: StripAccents(True), "'unicode', 'ascii'"),
        (lambda: Truncate(-1), "from 0"),
        (lambda: Truncate(2.0), "from 0"),
        (lambda: Truncate(2**64), "from 0"),
        (lambda: StopwordFilter("the"), "list of words"),
        (lambda: StopwordFilter([1]), "list of words"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(make, message):
    with pytest.raises(DefinitionError, match=f"(?s){message}"):
        make()


def test_a_text_of_a_megabyte():
    seen = "Wörd " * 200_000
    assert Lowercase().transform(frame([seen])).item() == seen.lower()
    assert CollapseWhitespace().transform(pl.DataFrame({"t": [seen]})).item() == seen.strip()
