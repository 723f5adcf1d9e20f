from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import SchemaError
from bighead.pipeline_lib.monitoring import measure_performance
from bighead.pipeline_lib.monitoring.performance import roc_auc

pairs = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30)


@given(pairs)
def test_the_area_is_the_chance_of_ranking_a_pair_rightly(given_pairs):
    positive = [score for truth, score in given_pairs if truth]
    negative = [score for truth, score in given_pairs if not truth]
    area = roc_auc(np.array([float(t) for t, _ in given_pairs]), np.array([float(s) for _, s in given_pairs]))
    if not positive or not negative:
        assert area is None
    else:
        wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
        assert area == pytest.approx(wins / (len(positive) * len(negative)))


def test_predictions_meet_their_labels_and_those_that_wait_are_counted():
    predictions = pl.DataFrame({"flight": ["a", "b", "c", "a"], "p": [0.9, 0.2, 0.5, 0.8]})
    labels = pl.DataFrame({"flight": ["a", "b", "x"], "late": [True, False, True]})
    report = measure_performance(predictions, labels, on=["flight"], prediction="p", label="late")
    assert (report.labelled, report.waiting, report.roc_auc) == (3, 1, 1.0)
    assert report.brier == pytest.approx((0.01 + 0.04 + 0.04) / 3)
    assert report.log_loss == pytest.approx(-(np.log(0.9) + np.log(0.8) + np.log(0.8)) / 3)
    assert report.positive_share == pytest.approx(2 / 3)


def test_without_labels_nothing_is_claimed():
    predictions = pl.DataFrame({"k": [1], "p": [0.5]})
    labels = pl.DataFrame({"k": [2], "late": [1]})
    report = measure_performance(predictions, labels, on=["k"], prediction="p", label="late")
    assert (report.labelled, report.waiting, report.roc_auc, report.log_loss) == (0, 1, None, None)


def test_what_cannot_be_compared_is_refused():
    good = pl.DataFrame({"k": [1], "p": [0.5]})
    with pytest.raises(SchemaError, match="lacks the column 'late'"):
        measure_performance(good, pl.DataFrame({"k": [1]}), on=["k"], prediction="p", label="late")
    with pytest.raises(SchemaError, match="not all 0 or 1"):
        measure_performance(
            good, pl.DataFrame({"k": [1], "late": [2]}), on=["k"], prediction="p", label="late"
        )
