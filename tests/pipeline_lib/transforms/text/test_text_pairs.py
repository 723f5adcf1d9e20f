"""Numbers of two texts: each by its definition, written naively here."""

from __future__ import annotations

import math

import polars as pl
import pytest
from drawn_texts import texts
from hypothesis import example, given
from hypothesis import strategies as st
from native_steps import stored
from sklearn.feature_extraction.text import CountVectorizer as SklearnCounts

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.pipeline.transformer import Transformer
from bighead.pipeline_lib.transforms.text import EditDistance, JaroWinkler, TokenSetSimilarity

near = st.text(st.sampled_from("abé"), max_size=90)
pairs = st.lists(st.tuples(st.none() | texts | near, st.none() | texts | near), min_size=1, max_size=6)


def compared(step: Transformer, rows: list[tuple[str | None, str | None]]) -> list[float | None]:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    answer = step.transform(frame)
    for row in range(frame.height):
        assert step.transform(frame[row]).equals(answer[row], null_equal=True)
    assert stored(step).transform(frame).equals(answer, null_equal=True)
    assert answer.dtypes == [pl.Float64]
    return answer.to_series().to_list()


def expected(define, rows):
    return [None if None in (one, other) else define(one, other) for one, other in rows]


def distance(one: str, other: str) -> int:
    above = list(range(len(other) + 1))
    for row, seen in enumerate(one, 1):
        cells = [row]
        for column, wanted in enumerate(other, 1):
            cells.append(min(above[column] + 1, cells[-1] + 1, above[column - 1] + (seen != wanted)))
        above = cells
    return above[-1]


@given(rows=pairs)
@example([("a" * 64, "a" * 63 + "b"), ("ab" * 64, "ba" * 64), ("", "é" * 65), ("x" * 129, "y" * 128)])
def test_the_edit_distance_is_that_of_the_table(rows):
    assert compared(EditDistance(), rows) == expected(distance, rows)
    alike = expected(lambda a, b: 1 - distance(a, b) / max(len(a), len(b)) if a or b else 1.0, rows)
    assert compared(EditDistance(similarity=True), rows) == pytest.approx(alike)


def jaro(one: str, other: str) -> float:
    if not one or not other:
        return float(one == other)
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken, matched = [False] * len(other), []
    for at, seen in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if not taken[place] and other[place] == seen:
                taken[place] = True
                matched.append(seen)
                break
    if not matched:
        return 0.0
    back = [seen for seen, is_taken in zip(other, taken, strict=True) if is_taken]
    moved = sum(a != b for a, b in zip(matched, back, strict=True)) // 2
    return (len(matched) / len(one) + len(matched) / len(other) + (len(matched) - moved) / len(matched)) / 3


@given(rows=pairs, weight=st.sampled_from([0.0, 0.1, 0.25]), boost_from=st.sampled_from([0.0, 0.7, 1.0]))
@example([("MARTHA", "MARHTA"), ("DWAYNE", "DUANE"), ("DIXON", "DICKSONX"), ("ab", "ba")], 0.1, 0.7)
def test_jaro_winkler_is_its_definition(rows, weight, boost_from):
    def define(one: str, other: str) -> float:
        similarity = jaro(one, other)
        alike = 0
        while alike < min(4, len(one), len(other)) and one[alike] == other[alike]:
            alike += 1
        return similarity + alike * weight * (1 - similarity) if similarity > boost_from else similarity

    step = JaroWinkler(prefix_weight=weight, boost_from=boost_from)
    assert compared(step, rows) == pytest.approx(expected(define, rows), abs=1e-12)


MEASURES = {
    "jaccard": lambda a, b: len(a & b) / len(a | b),
    "dice": lambda a, b: 2 * len(a & b) / (len(a) + len(b)),
    "overlap": lambda a, b: len(a & b) / min(len(a), len(b)) if a and b else 0.0,
    "cosine": lambda a, b: len(a & b) / math.sqrt(len(a) * len(b)) if a and b else 0.0,
}


@pytest.mark.parametrize("measure", MEASURES)
@given(rows=pairs, analyzer=st.sampled_from(["word", "char", "char_wb"]))
def test_sets_are_pythons(measure, rows, analyzer):
    analyze = SklearnCounts(analyzer=analyzer, ngram_range=(1, 2)).build_analyzer()

    def define(one: str, other: str) -> float:
        a, b = set(analyze(one)), set(analyze(other))
        return MEASURES[measure](a, b) if a or b else 1.0

    step = TokenSetSimilarity(measure=measure, analyzer=analyzer, ngram_range=(1, 2))
    assert compared(step, rows) == pytest.approx(expected(define, rows), abs=1e-12)


def test_long_texts_take_no_square_of_their_length():
    one, other = "ab" * 50_000, "ba" * 50_000
    assert compared(EditDistance(), [(one, other)]) == [2.0]
    assert compared(JaroWinkler(), [(one, other)]) == pytest.approx([(1 + 1 + 0.5) / 3])


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (JaroWinkler, {"prefix_weight": 0.3}),
        (JaroWinkler, {"boost_from": float("nan")}),
        (TokenSetSimilarity, {"measure": "euclid"}),
        (TokenSetSimilarity, {"ngram_range": (3, 2)}),
        (TokenSetSimilarity, {"analyzer": "line"}),
    ],
)
def test_what_cannot_be_is_refused(make, given):
    with pytest.raises(DefinitionError, match="Expected"):
        make(**given)
