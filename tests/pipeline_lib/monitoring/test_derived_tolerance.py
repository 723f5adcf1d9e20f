"""A derived value may be off by what its inputs may be off by, and by no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.monitoring.derived_tolerance import agrees_derived
from bighead.pipeline_lib.point_in_time import clean, values_at

T = datetime(2013, 1, 10, tzinfo=UTC)
SET = FeatureSet(
    name="fl",
    owner="t",
    keys=["k"],
    source=EventSource("t", "ts", event_id="id"),
    aggregations=[Aggregation("x", "sum", ["7d"]), Aggregation("x", "count", ["7d"])],
    derivations={
        "mean": "x_sum_7d / x_count_7d",
        "twice": "x_count_7d * 2",
        "word": "CASE WHEN x_sum_7d > 0 THEN 'a' ELSE 'b' END",
    },
)
HOURS = [T - timedelta(hours=hour) for hour in range(1, 101)]
ROWS = clean(
    pl.DataFrame({"k": ["a"] * 100, "ts": HOURS, "id": range(100), "x": [0.1 * n for n in range(100)]}), SET
)


def value_of(name: str):
    left = pl.DataFrame({"k": ["a"], "t": [T]})
    return values_at(left, SET.on().pick(name), ROWS, "t")[0].item()


def agrees(name: str, served: object) -> bool:
    feature = next(each for each in SET.features if each.name == f"fl_{name}")
    return agrees_derived(SET, feature, served, {"k": "a"}, T, ROWS)


@pytest.mark.parametrize(("name", "wrong"), [("mean", 1e-9), ("twice", 1)])
def test_what_is_made_of_sums_may_be_off_by_their_rounding_and_the_rest_may_not(name, wrong):
    right = value_of(name)
    assert agrees(name, right)
    assert not agrees(name, right + wrong * max(1, abs(right)))
    assert not agrees(name, None)


def test_rounding_of_a_sum_is_let_through_and_counts_are_exact():
    right = value_of("mean")
    assert agrees("mean", right * (1 + 1e-15))
    assert not agrees("twice", value_of("twice") + 0.5)


def test_what_is_no_number_must_be_what_one_of_the_inputs_gives():
    assert agrees("word", "a")
    assert not agrees("word", "b")
