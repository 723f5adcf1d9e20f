"""Every question is dealt to one part, every row to one, or to all slices of a hot key that can see it: all meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.point_in_time.dealing import (
    BUCKETS,
    SPANS,
    Deal,
    Spans,
    Weight,
    hot_buckets,
    packed,
)

HOUR = 3_600_000_000
WEIGHT = Weight(row=100.0, question=200.0, most=2_000.0)


def deal_of(rows, questions, weight=WEIGHT, reach=None, buckets=8) -> Deal:
    """Count both sides, (bucket, time) each, and plan, as Spark's driver does of what tasks counted."""
    held, asked = (np.bincount(side[:, 0], minlength=buckets) for side in (rows, questions))
    slices = {}
    for hot in hot_buckets(held, asked, weight):
        times = np.concatenate([side[side[:, 0] == hot, 1] for side in (rows, questions)])
        spans = Spans.between(int(times.min()), int(times.max()))
        for side, counts in ((rows, spans.rows), (questions, spans.questions)):
            counts += np.bincount(spans.places(side[side[:, 0] == hot, 1]), minlength=SPANS)
        slices[hot] = spans.slices(reach, weight)
    return packed(held, asked, weight, slices, reach)


def pairs(listed) -> np.ndarray:
    return np.array(listed, np.int64).reshape(-1, 2)


def random_side(random, size, buckets=8, hot=0.0, span=1_000 * HOUR) -> np.ndarray:
    bucket = np.where(random.random(size) < hot, 3, random.integers(0, buckets, size))
    return np.stack([bucket, random.integers(0, span, size)], axis=1)


times = st.one_of(st.integers(-5, 5), st.integers(-(10**15), 10**15))
sides = st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 2, 7]), times), max_size=60).map(pairs)
reaches = st.one_of(st.none(), st.sampled_from([0, 1, 3, HOUR, 10**14]))


@given(sides, sides, reaches, st.sampled_from([300.0, 2_000.0, 1e9]))
def test_a_question_meets_every_row_that_it_can_see_and_no_row_twice(rows, questions, reach, most):
    deal = deal_of(rows, questions, Weight(100.0, 200.0, most), reach)
    asked = deal.questions(questions[:, 0], questions[:, 1])
    places, parts = deal.rows(rows[:, 0], rows[:, 1])
    assert len(asked) == len(questions)
    assert ((asked >= 0) & (asked < deal.parts)).all()
    assert ((parts >= 0) & (parts < deal.parts)).all()
    dealt = list(zip(places.tolist(), parts.tolist(), strict=True))
    met = set(dealt)
    assert len(met) == len(dealt), "a part would count the row twice"
    for part, (bucket, t) in zip(asked.tolist(), questions.tolist(), strict=True):
        for place, (other, time) in enumerate(rows.tolist()):
            if other == bucket and time <= t and (reach is None or time >= t - reach):
                assert (place, part) in met


@given(sides, sides)
def test_rows_of_a_bucket_that_is_not_hot_go_to_one_part_with_all_its_questions(rows, questions):
    deal = deal_of(rows, questions)
    places, parts = deal.rows(rows[:, 0], rows[:, 1])
    asked = deal.questions(questions[:, 0], questions[:, 1])
    for bucket in set(range(8)) - set(deal.slices):
        here = {*parts[rows[places, 0] == bucket].tolist(), *asked[questions[:, 0] == bucket].tolist()}
        assert len(here) <= 1
    # Each of its rows is there, once.
    cold = ~np.isin(rows[:, 0], list(deal.slices))
    assert (
        sorted(places[~np.isin(rows[places, 0], list(deal.slices))].tolist()) == np.flatnonzero(cold).tolist()
    )


def test_a_hot_bucket_becomes_several_parts_whose_rows_are_copied_about_thrice_at_most():
    random = np.random.default_rng(1)
    rows, questions = random_side(random, 20_000, hot=0.9), random_side(random, 4_000, hot=0.9)
    weight = Weight(100.0, 200.0, 100_000.0)
    deal = deal_of(rows, questions, weight, reach=24 * HOUR)
    cut = deal.slices[3]
    assert list(deal.slices) == [3]
    assert len(cut) >= 10
    assert (cut[1:, 0] >= cut[:-1, 1]).all(), "slices follow one another"
    places, parts = deal.rows(rows[:, 0], rows[:, 1])
    hot = rows[places, 0] == 3
    assert len(set(parts[hot].tolist())) == len(cut)
    assert hot.sum() <= 3.1 * (rows[:, 0] == 3).sum()
    held = np.bincount(parts, minlength=deal.parts) * weight.row
    held += (
        np.bincount(deal.questions(questions[:, 0], questions[:, 1]), minlength=deal.parts) * weight.question
    )
    assert held.max() <= 1.5 * weight.most


def test_what_reaches_everything_is_cut_only_while_questions_outweigh_the_rows():
    random = np.random.default_rng(2)
    few, many = random_side(random, 300, 1), random_side(random, 30_000, 1)
    weight = Weight(100.0, 200.0, 50_000.0)
    assert len(deal_of(few, many, weight, None, 1).slices[0]) >= 50
    # Each slice would hold nearly all rows again.
    assert len(deal_of(many, few, weight, None, 1).slices[0]) <= 4


def test_parts_are_of_about_one_size():
    random = np.random.default_rng(3)
    rows, questions = random.integers(0, 50, BUCKETS), random.integers(0, 9, BUCKETS)
    weight = Weight(100.0, 200.0, 400_000.0)
    deal = packed(rows, questions, weight, {}, None)
    held = np.bincount(deal.part_of, weights=weight.of(rows, questions), minlength=deal.parts)
    assert deal.parts == int(held.sum() // weight.most) + 1
    assert held.max() - held.min() <= weight.of(rows, questions).max()


@pytest.mark.parametrize("hot_rows", [0, 10_000])
def test_no_questions_and_no_rows_are_dealt_too(hot_rows):
    none = pairs([])
    rows = pairs([(3, n) for n in range(hot_rows)])
    deal = deal_of(rows, none)
    assert deal.slices == {}, "what nobody asks for is not hot"
    assert len(deal.rows(rows[:, 0], rows[:, 1])[0]) == hot_rows
    assert deal_of(none, none).parts == 1
    assert len(deal_of(none, rows).questions(rows[:, 0], rows[:, 1])) == hot_rows


def test_equal_times_are_one_slice_however_many_they_are():
    rows, questions = pairs([(3, HOUR)] * 500), pairs([(3, HOUR)] * 500)
    deal = deal_of(rows, questions, reach=HOUR)
    assert len(deal.slices[3]) == 1
    assert len(deal.rows(rows[:, 0], rows[:, 1])[0]) == 500
