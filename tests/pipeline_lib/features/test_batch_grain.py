"""Days and hours: spans, keys and ranges, against counting them one by one; what a definition accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import (
    Aggregation,
    CalendarSource,
    EntitySource,
    EventSource,
    FeatureSet,
    TrainingSet,
    codec,
)
from bighead.pipeline_lib.features.batch_grain import DAILY, GRAINS, HOURLY, grain_of, grain_of_key, key_of
from bighead.pipeline_lib.features.json_schema import feature_set_schema
from bighead.pipeline_lib.features.row_definition import row_definition, training_rows_hash
from bighead.pipeline_lib.features.training_set import Label, LeftTable
from bighead.pipeline_lib.features.yaml_form import from_yaml, to_yaml

grains = st.sampled_from([DAILY, HOURLY])
instants = st.datetimes(
    datetime(900, 1, 1), datetime(2300, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))])
)
DAILY_SET = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource("clicks", "ts"),
    aggregations=[Aggregation("n", "sum", ["1d"])],
)
HOURLY_SET = replace(DAILY_SET, batch="1h")


@given(grains, instants)
def test_a_partition_holds_the_instants_from_its_start_to_its_end(grain, instant):
    part = grain.holding(instant)
    assert grain.start(part) <= instant < grain.end(part)
    assert grain.start(part).utcoffset() == timedelta(0)
    assert grain.holding(grain.start(part)) == part
    assert grain.holding(grain.end(part)) == grain.next(part)
    assert grain_of(part) is grain
    assert isinstance(part, datetime) == (grain is HOURLY)
    assert grain.ceil(instant) == (grain.start(part) if instant == grain.start(part) else grain.end(part))


@given(grains, instants)
def test_a_key_is_read_back_and_tells_its_grain(grain, instant):
    part = grain.holding(instant)
    key = key_of(part)
    assert grain.parse(key) == part
    assert grain_of_key(key) is grain
    other = DAILY if grain is HOURLY else HOURLY
    with pytest.raises(DefinitionError, match=f"is no {other.noun}"):
        other.parse(key)


@given(grains, st.lists(instants, min_size=2, max_size=6))
def test_keys_sort_as_time_does(grain, some):
    parts = [grain.holding(each) for each in some]
    assert sorted(parts) == [grain.parse(key) for key in sorted(grain.key(part) for part in parts)]


@given(grains, instants, st.integers(1, 9 * 86_400 * 1_000_000))
def test_ranges_are_those_that_counting_finds(grain, start, length):
    end = start + timedelta(microseconds=length)
    part, touched = grain.holding(start), []
    while grain.start(part) < end:
        touched.append(part)
        part = grain.next(part)
    assert grain.between(start, end) == touched
    assert grain.whole(start, end) == [p for p in touched if start <= grain.start(p) and grain.end(p) <= end]
    assert grain.run(touched[0], touched[-1]) == touched


@given(grains, instants, st.sets(st.integers(0, 40), min_size=1))
def test_runs_are_the_ranges_without_a_gap(grain, start, places):
    first = grain.holding(start)
    parts = [first + place * grain.length for place in sorted(places)]
    runs = grain.runs(parts)
    assert [each for run in runs for each in grain.run(*run)] == parts
    assert all(grain.next(one[1]) < other[0] for one, other in pairwise(runs))
    assert grain.runs([]) == []


@given(grains, st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=1))
def test_columns_say_what_holding_says(grain, some):
    times = pl.Series("t", some, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    parts = times.to_frame().select(grain.of(pl.col("t")))["t"]
    assert parts.to_list() == [grain.holding(each) for each in times]
    assert parts.is_in(grain.series(parts.to_list()).implode()).all()


def test_years_before_1000_keep_their_zeros_and_the_least_is_before_all():
    assert DAILY.key(date(33, 4, 3)) == "0033-04-03"
    assert HOURLY.key(datetime(33, 4, 3, 15, tzinfo=UTC)) == "0033-04-03-15:00"
    assert HOURLY.least == datetime(1, 1, 1, tzinfo=UTC)
    assert DAILY.least == date.min
    assert HOURLY.beginning("2024-01-05") == datetime(2024, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("key", ["2024-01-05", "2024-01-05-13:30", "2024-01-05-24:00", "2024-1-5-13:00", ""])
def test_a_key_that_is_no_hour_is_refused(key):
    with pytest.raises(DefinitionError, match=r"is no hour.*2024-01-05-13:00"):
        HOURLY.parse(key)


def test_no_hash_depends_on_the_grain():
    assert HOURLY_SET.hash == DAILY_SET.hash
    assert row_definition(HOURLY_SET).hash == row_definition(DAILY_SET).hash
    hashes = {training_rows_hash(questions_of(each)) for each in (DAILY_SET, HOURLY_SET)}
    assert len(hashes) == 1


def questions_of(feature_set: FeatureSet) -> TrainingSet:
    return TrainingSet(
        name="asked",
        left=LeftTable("asked", known={"user": "0s"}),
        timestamp="at",
        row_id="id",
        features=[feature_set],
        label=Label("bought", horizon="1d"),
    )


def test_the_grain_is_written_and_read_back_and_left_out_where_it_is_a_day():
    assert codec.from_json(codec.to_json(HOURLY_SET)) == HOURLY_SET
    assert from_yaml(to_yaml(HOURLY_SET)) == HOURLY_SET
    assert '"batch":"1h"' in codec.to_json(HOURLY_SET).replace(" ", "")
    assert "batch" not in codec.to_json(DAILY_SET)
    assert feature_set_schema()["properties"]["batch"]["enum"] == list(GRAINS) == ["1d", "1h"]


@pytest.mark.parametrize("batch", ["1w", "2h", "", "hourly"])
def test_other_grains_are_refused(batch):
    with pytest.raises(DefinitionError, match="'1d' or '1h'"):
        replace(DAILY_SET, batch=batch)


def test_what_has_days_only_is_refused_by_the_hour():
    with pytest.raises(DefinitionError, match="snapshots of days"):
        FeatureSet(
            name="facts", owner="t", keys=["k"], source=EntitySource("facts"), columns=["x"], batch="1h"
        )
    hours = EntitySource("facts", every="1h")
    for source in (hours, replace(hours, landing="5m")):
        kept = FeatureSet(name="facts", owner="t", keys=["k"], source=source, columns=["x"], batch="1h")
        assert kept.grain is HOURLY
    # A function of time alone has no partitions, whatever it says.
    FeatureSet(name="moment", owner="t", keys=[], source=CalendarSource("UTC"), batch="1h")
    intervals = EntitySource("facts", valid_from="since", valid_to="until", start_date="2024-01-01")
    kept = FeatureSet(name="facts", owner="t", keys=["k"], source=intervals, columns=["x"], batch="1h")
    assert kept.grain is HOURLY
