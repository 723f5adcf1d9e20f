"""Stems are those of Snowball's reference stemmers: snowball.tsv was made by the package snowballstemmer 2.2.0.

A line is a language, a word and its stem; half of the words are the language's, half are letters with its endings.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn_texts import frame

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.transforms.text import SnowballStemmer
from bighead.pipeline_lib.transforms.text.snowball_stemmer import LANGUAGES

KNOWN = [
    line.split("\t") for line in Path(__file__).with_name("snowball.tsv").read_text("utf-8").splitlines()
]
# The examples of the page that defines Porter2.
PUBLISHED = {
    "consign": "consign", "consigned": "consign", "consigning": "consign", "consignment": "consign",
    "consist": "consist", "consistency": "consist", "consistently": "consist", "consolation": "consol",
    "consolatory": "consolatori", "consoled": "consol", "knack": "knack", "knackeries": "knackeri", "knaves": "knave",
    "knavish": "knavish", "kneaded": "knead", "kneel": "kneel", "knightly": "knight", "knots": "knot",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_stems_are_those_of_the_reference(language):
    words = [(word, stem) for known, word, stem in KNOWN if known == language]
    assert len(words) > 30
    step = SnowballStemmer(language)
    assert step.transform(frame([word for word, _ in words]))["t"].to_list() == [stem for _, stem in words]
    shouted = " / ".join(word.upper() for word, _ in words if word.upper().lower() == word)
    expected = " / ".join(stem for word, stem in words if word.upper().lower() == word)
    assert step.transform(frame([shouted]))["t"].to_list() == [expected]


def test_published_examples():
    answer = SnowballStemmer().transform(frame([*PUBLISHED, None, ""]))["t"].to_list()
    assert answer == [*PUBLISHED.values(), None, ""]


def test_another_language_is_refused():
    with pytest.raises(DefinitionError, match="'english'"):
        SnowballStemmer("klingon")
