"""Step 4 of 9, fit: texts as cleaner texts, numbers and vectors."""

from __future__ import annotations

from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.text.bm25_vectorizer import BM25Vectorizer
from bighead.pipeline_lib.transforms.text.count_vectorizer import CountVectorizer
from bighead.pipeline_lib.transforms.text.edit_distance import EditDistance
from bighead.pipeline_lib.transforms.text.hashing_vectorizer import HashingVectorizer
from bighead.pipeline_lib.transforms.text.jaro_winkler import JaroWinkler
from bighead.pipeline_lib.transforms.text.letter_case import CaseFold, Lowercase
from bighead.pipeline_lib.transforms.text.ngram_lists import CharNgrams, WordNgrams
from bighead.pipeline_lib.transforms.text.regex_replace import RegexReplace
from bighead.pipeline_lib.transforms.text.snowball_stemmer import SnowballStemmer
from bighead.pipeline_lib.transforms.text.stopword_filter import StopwordFilter
from bighead.pipeline_lib.transforms.text.strip_html import StripHtml
from bighead.pipeline_lib.transforms.text.text_stats import TextStats
from bighead.pipeline_lib.transforms.text.tfidf_vectorizer import TfidfVectorizer
from bighead.pipeline_lib.transforms.text.token_set_similarity import TokenSetSimilarity
from bighead.pipeline_lib.transforms.text.truncate import Truncate
from bighead.pipeline_lib.transforms.text.unicode_forms import StripAccents, UnicodeNormalizer
from bighead.pipeline_lib.transforms.text.white_space import CollapseWhitespace, Trim
from bighead.pipeline_lib.transforms.text.word_ids import WordIds

TRANSFORMS: tuple[type[Transformer], ...] = (
    Lowercase,
    CaseFold,
    UnicodeNormalizer,
    StripAccents,
    Trim,
    CollapseWhitespace,
    Truncate,
    RegexReplace,
    StripHtml,
    StopwordFilter,
    SnowballStemmer,
    TextStats,
    WordNgrams,
    CharNgrams,
    WordIds,
    CountVectorizer,
    TfidfVectorizer,
    BM25Vectorizer,
    HashingVectorizer,
    EditDistance,
    JaroWinkler,
    TokenSetSimilarity,
)

__all__ = [
    "TRANSFORMS",
    "BM25Vectorizer",
    "CaseFold",
    "CharNgrams",
    "CollapseWhitespace",
    "CountVectorizer",
    "EditDistance",
    "HashingVectorizer",
    "JaroWinkler",
    "Lowercase",
    "RegexReplace",
    "SnowballStemmer",
    "StopwordFilter",
    "StripAccents",
    "StripHtml",
    "TextStats",
    "TfidfVectorizer",
    "TokenSetSimilarity",
    "Trim",
    "Truncate",
    "UnicodeNormalizer",
    "WordIds",
    "WordNgrams",
]
