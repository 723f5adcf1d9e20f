"""Skew is what offline rows say now against what was served, whether or not the store had the rows yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EventSource, FeatureSet
from bighead.pipeline_lib.inference_log import InferenceRecord, RowRecord
from bighead.pipeline_lib.model_config import OnlineServingConfig
from bighead.pipeline_lib.monitoring import measure_skew
from bighead.pipeline_lib.point_in_time import clean

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLICKS = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource(table="c", event_time="at", event_id="id"),
    aggregations=[
        Aggregation("amount", "count", ["1d"]),
        Aggregation("amount", "sum", ["1d"]),
        Aggregation("word", "last", ["1d"]),
    ],
)
HOUR = FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("UTC", fields=("hour",)))
REFS = (CLICKS.on(user="who", prefix="my"), HOUR.on())
ROWS = clean(
    pl.DataFrame(
        {
            "user": ["ann"] * 10,
            "at": [B + n * MINUTE for n in range(10)],
            "id": range(10),
            "amount": [0.1 * n for n in range(10)],
            "word": [f"w{n}" for n in range(10)],
        }
    ),
    CLICKS,
)


def asked(number: int, features: dict, hashes: dict | None = None) -> InferenceRecord:
    at = int((B + 10 * MINUTE).timestamp() * 1e6)
    hashes = hashes or {each.name: each.hash for each in (CLICKS, HOUR)}
    row = RowRecord({"who": "ann"}, {}, features, {}, {"p": 0.5})
    return InferenceRecord(f"r{number}", at, at, "m", 1, [row], hashes)


RIGHT = {
    "my_clicks_amount_count_1d": 10,
    "my_clicks_amount_sum_1d": sum(0.1 * n for n in range(10)),
    "my_clicks_word_last_1d": "w9",
    "now_hour": 0,
}


def skew(*served: dict):
    report = measure_skew([asked(n, each) for n, each in enumerate(served)], REFS, {"clicks": ROWS})
    return report, {each.feature: each for each in report.features}


def test_what_was_right_has_no_skew_and_sums_may_be_off_by_their_rounding():
    rounded = RIGHT | {"my_clicks_amount_sum_1d": RIGHT["my_clicks_amount_sum_1d"] * (1 + 1e-15)}
    report, by = skew(RIGHT, rounded)
    assert report.share == 0
    assert set(by) == set(RIGHT)
    assert {(each.compared, each.differing, each.size) for each in report.features} == {(2, 0, None)}


def test_what_the_store_had_not_yet_is_counted_by_feature_with_its_size():
    late = RIGHT | {
        "my_clicks_amount_count_1d": 8, "my_clicks_amount_sum_1d": None, "my_clicks_word_last_1d": "w7"
    }  # fmt: skip
    report, by = skew(RIGHT, late, RIGHT, RIGHT)
    assert by["my_clicks_amount_count_1d"].share == 0.25
    assert by["my_clicks_amount_count_1d"].size == pytest.approx(0.2)
    assert (by["my_clicks_amount_sum_1d"].differing, by["my_clicks_amount_sum_1d"].size) == (1, None)
    assert by["my_clicks_word_last_1d"].size is None
    assert by["now_hour"].differing == 0
    assert report.share == 3 / 16
    assert {each.feature for each in report.beyond(0.1)} == set(RIGHT) - {"now_hour"}
    assert report.beyond(0.25) == ()
    assert report.features[-1].feature == "now_hour"


def test_answers_of_another_definition_and_empty_logs_are_left_out():
    report = measure_skew([asked(0, {}, {"clicks": "another"})], REFS, {"clicks": ROWS})
    assert (report.features, report.share) == ((), 0.0)
    assert measure_skew([], REFS, {}).features == ()


@pytest.mark.parametrize("share", [-0.1, 1.5, "0.1", True, float("nan")])
def test_a_threshold_is_a_share(share):
    with pytest.raises(DefinitionError, match="max_skew"):
        OnlineServingConfig(max_skew=share)
