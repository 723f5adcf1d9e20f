from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.assets.partitions import all_past_weeks, daily, past_days, past_weeks, weekday_of, weekly
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.window import DAY, Window

START, END = date(2013, 1, 1), date(2013, 11, 1)


def events(*windows: str) -> FeatureSet:
    return FeatureSet(
        name="e",
        owner="team:x",
        keys=["k"],
        source=EventSource(table="t", start_date="2013-01-01"),
        aggregations=[Aggregation("v", "sum", windows=windows)],
    )


def mapped(mapping: dg.PartitionMapping, down: dg.TimeWindowPartitionsDefinition, key: str) -> list[str]:
    up = daily(START, END)
    result = mapping.get_upstream_mapped_partitions_result_for_partitions(
        down.subset_with_partition_keys([key]), down, up
    )
    return list(result.partitions_subset.get_partition_keys())


def test_a_replay_ends_at_its_clock():
    weeks, days = weekly(START, 5, END), daily(START, END)
    assert days.get_partition_keys()[-1] == "2013-10-31"
    assert weeks.get_partition_keys()[-1] == "2013-10-25"
    assert weeks.get_partition_keys()[0] == "2012-12-28", "the first week holds the first day"
    assert weekly(START, 5, date(2013, 10, 31)).get_partition_keys()[-1] == "2013-10-18", "whole weeks only"


@given(st.dates(date(2012, 1, 1), date(2014, 1, 1)), st.integers(0, 6))
def test_the_first_week_holds_the_start_and_begins_on_the_weekday(start, weekday):
    first = date.fromisoformat(weekly(start, weekday, date(2015, 1, 1)).get_partition_keys()[0])
    assert first <= start < first + timedelta(days=7)
    assert first.isoweekday() % 7 == weekday


@pytest.mark.parametrize("window", ["3h", "1d", "7d", "30d", "sliding:36h"])
def test_a_day_and_a_week_map_to_every_day_that_their_windows_reach_and_to_none_after(window):
    feature_set = events(window)
    week, day = "2013-06-07", "2013-06-07"
    for key, length, mapping, down in (
        (week, 7, past_weeks(feature_set), weekly(START, 5, END)),
        (day, 1, past_days(feature_set), daily(START, END)),
    ):
        first_question = datetime.fromisoformat(key).replace(tzinfo=UTC)
        at = int(first_question.timestamp()) * 1_000_000
        reached = Window.parse(window).start(at)
        assert reached is not None
        days = mapped(mapping, down, key)
        assert days[0] <= datetime.fromtimestamp(reached / 1_000_000, UTC).date().isoformat()
        assert days[-1] == (first_question.date() + timedelta(days=length - 1)).isoformat()
        slack = DAY if length == 1 else 7 * DAY
        assert at - reached + slack >= (first_question.date() - date.fromisoformat(days[0])).days * DAY


@pytest.mark.parametrize(
    "feature_set",
    [
        events("unbounded"),
        FeatureSet(name="f", owner="team:x", keys=["k"], source=EntitySource("t"), columns=["v"]),
    ],
    ids=["unbounded", "entity"],
)
def test_all_the_past_counts_for_unbounded_windows_and_snapshots(feature_set):
    days = mapped(past_weeks(feature_set), weekly(START, 5, END), "2013-10-25")
    assert (days[0], days[-1], len(days)) == ("2013-01-01", "2013-10-31", 304)


def test_a_model_reads_every_week_up_to_its_own():
    weeks = weekly(START, 5, END)
    result = all_past_weeks().get_upstream_mapped_partitions_result_for_partitions(
        weeks.subset_with_partition_keys(["2013-02-01"]), weeks, weeks
    )
    keys = list(result.partitions_subset.get_partition_keys())
    assert keys == [key for key in weeks.get_partition_keys() if key <= "2013-02-01"]


def test_equal_partitions_are_one_object():
    assert daily(START, END) is daily(START, END)
    assert weekly(START, 5, None) is weekly(START, 5, None)


@pytest.mark.parametrize(("cron", "day"), [("0 0 * * 1", 1), ("30 4 * * FRI", 5), ("0 0 * * 7", 0)])
def test_weekday_of(cron, day):
    assert weekday_of(cron) == day


@pytest.mark.parametrize("cron", ["0 0 * * *", "0 0 1 * 1", "0 0 * * 1-5", "nonsense"])
def test_a_schedule_that_is_not_weekly_is_refused_with_the_cure(cron):
    with pytest.raises(DefinitionError, match=r"Schedules\.Mondays"):
        weekday_of(cron)
