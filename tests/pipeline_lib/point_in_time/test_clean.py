"""Raw rows become cleaned rows, or an error that says which rows cannot be meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from bighead.pipeline_lib.errors import DataError, DefinitionError, EventTimeError, SchemaError
from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import clean

NOON = datetime(2013, 3, 1, 12, tzinfo=UTC)


def stays(source: EventSource, inputs=("x",)) -> FeatureSet:
    aggregations = [Aggregation(column, "last", ["1d"]) for column in inputs]
    return FeatureSet(name="stays", owner="t", keys=["k"], source=source, aggregations=aggregations)


def local(*times: datetime) -> pl.DataFrame:
    return pl.DataFrame({"k": ["a"] * len(times), "ts": times, "x": range(len(times))})


def times(frame: pl.DataFrame) -> list[str]:
    return [f"{each:%d %H:%M}" for each in frame["event_time"]]


def test_rows_come_out_with_keys_times_id_and_inputs_only():
    raw = pl.DataFrame(
        {"k": ["a"], "ts": [NOON], "seen": [NOON + timedelta(hours=1)], "id": [7], "x": [1.5], "other": ["?"]}
    )
    cleaned = clean(raw, stays(EventSource("s", "ts", event_id="id", available_at="seen")))
    assert cleaned.columns == ["k", "event_time", "available_at", "event_id", "x"]
    assert cleaned.row(0) == ("a", NOON, NOON + timedelta(hours=1), 7, 1.5)
    assert cleaned.schema["event_time"] == pl.Datetime("us", "UTC")


def test_what_was_known_before_it_happened_is_known_when_it_happens():
    raw = pl.DataFrame({"k": ["a"], "ts": [NOON], "seen": [NOON - timedelta(hours=1)], "x": [1]})
    assert clean(raw, stays(EventSource("s", "ts", available_at="seen")))["available_at"].item() == NOON


def test_a_delay_stands_in_for_the_column():
    raw = pl.DataFrame({"k": ["a"], "ts": [NOON], "x": [1]})
    assert clean(raw, stays(EventSource("s", "ts", delay="90m")))["available_at"].item() == NOON + timedelta(
        minutes=90
    )


def test_finer_than_a_microsecond_is_floored_before_1970_too():
    raw = pl.DataFrame(
        {"k": ["a", "a"], "x": [1, 2], "ts": pl.Series([-1, 1_999]).cast(pl.Datetime("ns", "UTC"))}
    )
    assert clean(raw, stays(EventSource("s", "ts")))["event_time"].dt.epoch("us").to_list() == [-1, 1]


def test_select_and_where_read_the_tables_own_columns():
    source = EventSource("s", "ts", select={"x": "x * 2", "long": "x > 2"}, where="x < 4 AND k IS NOT NULL")
    raw = pl.DataFrame({"k": ["a", "a", None, "a"], "ts": [NOON] * 4, "x": [1, 3, 1, 4]})
    assert clean(raw, stays(source, ["x", "long"])).select("x", "long").rows() == [(2, False), (6, True)]


def test_the_span_is_half_open():
    raw = local(*(NOON + timedelta(days=n) for n in range(3)))
    assert clean(raw, stays(EventSource("s", "ts")), NOON, NOON + timedelta(days=2))["x"].to_list() == [0, 1]


def test_naive_times_are_read_on_the_clocks_of_their_zone():
    source = EventSource("s", "ts", timezone="America/New_York")
    assert times(clean(local(datetime(2013, 3, 10, 1), datetime(2013, 3, 10, 3)), stays(source))) == [
        "10 06:00",
        "10 07:00",
    ]


TWICE, NEVER = datetime(2013, 11, 3, 1, 30), datetime(2013, 3, 10, 2, 30)


@pytest.mark.parametrize("moment", [TWICE, NEVER])
def test_local_times_shown_twice_or_never_are_errors(moment):
    with pytest.raises(
        EventTimeError, match=r"1 times 'ts' .* ambiguous or nonexistent in America/New_York: 2013"
    ) as caught:
        clean(local(moment, datetime(2013, 5, 1)), stays(EventSource("s", "ts", timezone="America/New_York")))
    assert "fold='earliest'" in str(caught.value)


@pytest.mark.parametrize(
    ("fold", "twice", "never"), [("earliest", "03 05:30", "10 07:30"), ("latest", "03 06:30", "10 06:30")]
)
def test_fold_says_which_instant_as_python_does(fold, twice, never):
    source = EventSource("s", "ts", timezone="America/New_York", fold=fold)
    cleaned = clean(local(TWICE, NEVER, datetime(2013, 5, 1, 12)), stays(source))
    assert times(cleaned) == [twice, never, "01 16:00"]


def test_one_of_each_event_that_came_twice_is_kept():
    raw = pl.DataFrame({"k": ["a"] * 3, "ts": [NOON] * 3, "id": [1, 2, 1], "x": [1, 2, 1]})
    assert clean(raw, stays(EventSource("s", "ts", event_id="id")))["event_id"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("source", "raw", "error", "words"),
    [
        (
            EventSource("s", "ts"),
            {"k": ["a"], "ts": [datetime(2013, 1, 1)], "x": [1]},
            EventTimeError,
            "naive",
        ),
        (EventSource("s", "ts"), {"k": ["a"], "ts": [date(2013, 1, 1)], "x": [1]}, EventTimeError, "naive"),
        (
            EventSource("s", "ts"),
            {"k": ["a", "b"], "ts": [NOON, None], "x": [1, 2]},
            EventTimeError,
            "null in 1 of 2 rows",
        ),
        (EventSource("s", "ts"), {"k": ["a"], "ts": ["2013-01-01"], "x": [1]}, SchemaError, "CAST"),
        (EventSource("s", "tss"), {"k": ["a"], "ts": [NOON], "x": [1]}, SchemaError, "Did you mean 'ts'"),
        (
            EventSource("s", "ts", where="xx > 1"),
            {"k": ["a"], "ts": [NOON], "x": [1]},
            SchemaError,
            "'xx > 1'",
        ),
        (
            EventSource("s", "ts", where="x >"),
            {"k": ["a"], "ts": [NOON], "x": [1]},
            DefinitionError,
            "no SQL expression",
        ),
        (
            EventSource("s", "ts", select={"x": "k * 2"}),
            {"k": ["a"], "ts": [NOON], "x": [1]},
            SchemaError,
            "select and where",
        ),
        (
            EventSource("s", "ts", available_at="seen"),
            {"k": ["a", "b"], "ts": [NOON, NOON], "x": [1, 2], "seen": [None, NOON]},
            EventTimeError,
            "'seen' .* is null in 1 of 2",
        ),
        (
            EventSource("s", "ts", event_id="id"),
            {"k": ["a"], "ts": [NOON], "x": [1], "id": [None]},
            DataError,
            "null in 1 rows",
        ),
        (
            EventSource("s", "ts", event_id="id"),
            {"k": ["a", "a"], "ts": [NOON, NOON], "x": [1, 2], "id": [5, 5]},
            DataError,
            "event id 5 .* names different events",
        ),
    ],
)
def test_rows_that_cannot_be_meant(source, raw, error, words):
    with pytest.raises(error, match=words):
        clean(pl.DataFrame(raw), stays(source))


PLANES = FeatureSet(
    name="planes", owner="t", keys=["k"], source=EntitySource("planes", landing="2h"), columns=["x"]
)


@pytest.mark.parametrize("day", ["2013-03-01", date(2013, 3, 1), datetime(2013, 3, 1, 5)])
def test_a_snapshot_has_the_time_of_its_days_end(day):
    cleaned = clean(pl.DataFrame({"ds": [day], "k": ["a"], "x": [1]}), PLANES)
    assert cleaned.row(0) == ("a", datetime(2013, 3, 2, tzinfo=UTC), datetime(2013, 3, 2, 2, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("raw", "error", "words"),
    [
        ({"ds": [None], "k": ["a"], "x": [1]}, EventTimeError, "null in 1 rows"),
        ({"ds": ["1 March"], "k": ["a"], "x": [1]}, SchemaError, "2013-01-01"),
        (
            {"ds": ["2013-03-01"] * 2, "k": ["a", "a"], "x": [1, 2]},
            DataError,
            r"\('a',\) stands 2 times in one snapshot",
        ),
        ({"ds": ["2013-03-01"], "k": ["a"], "y": [1]}, SchemaError, "lacks the column 'x'"),
    ],
)
def test_snapshots_that_cannot_be_meant(raw, error, words):
    with pytest.raises(error, match=words):
        clean(pl.DataFrame(raw), PLANES)
