"""The law of the platform: a value fetched online is the value that training would have seen."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.operations import OPERATIONS, TOLERANCED, Operation
from bighead.pipeline_lib.point_in_time import answers_at, clean, values_at
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import AT, OnlineFetcher

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")
WINDOWS = ["5m", "30m", "3h", "sliding:90m", "1d", "unbounded"]
ENDING_EARLY = [
    "tumbling:1h",
    "tumbling:1d",
    "snapshot:1d+2h",
    "calendar:1d@America/New_York",
    "calendar:-1d",
]


def every(operation: Operation, windows: Sequence[str]) -> Aggregation:
    """An operation with what it needs; a rate has no unbounded window to divide by."""
    given: dict[str, Any] = {"k": 2, "quantiles": [0.25, 0.9], "half_life": "1h"}
    kept = [each for each in windows if (operation.name, each) != ("rate", "unbounded")]
    needed = {name: value for name, value in given.items() if name == operation.needs}
    return Aggregation("amount", operation.name, windows=kept, **needed)


def clicks(boundary: str, windows: Sequence[str] = WINDOWS, max_age: str | None = None) -> FeatureSet:
    return FeatureSet(
        name="clicks",
        owner="t",
        keys=["user"],
        source=EventSource(table="c", stream="c", event_time="at", available_at="heard", event_id="id"),
        aggregations=[every(operation, windows) for operation in OPERATIONS.values()],
        boundary=boundary,
        max_age=max_age,
    )


SCHEMA = {"user": pl.String(), "at": UTC_US, "heard": UTC_US, "id": pl.String(), "amount": pl.Float64()}
# Whole amounts, so that sums do not depend on the order in which they are merged.
events = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.integers(-2000, 900),
        st.one_of(st.just(0), st.integers(0, 300)),
        st.one_of(st.none(), st.integers(-9, 9)),
        st.booleans(),
    ),
    max_size=25,
)


def frame_of(given_events) -> pl.DataFrame:
    rows = [
        (user, B + minute * MINUTE, B + (minute + late) * MINUTE, f"e{number}", amount)
        for number, (user, minute, late, amount, _) in enumerate(given_events)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def assert_agree(feature_set: FeatureSet, served: dict[str, Any], offline: dict[str, Any]) -> None:
    """Exact operations agree to the bit; sums of other trees of merges within their rounding."""
    for feature in feature_set.features:
        one, other = served[feature.name], offline[feature.name]
        if OPERATIONS[feature.operation].exactness == TOLERANCED and other is not None:
            assert one == pytest.approx(other, rel=1e-9, abs=1e-9), feature.name
        else:
            assert one == other, feature.name


@settings(max_examples=40, deadline=None)
@given(
    events,
    st.lists(st.integers(0, 1000), min_size=1, max_size=3),
    st.sampled_from(["exclusive", "inclusive"]),
    st.sampled_from([WINDOWS, ENDING_EARLY]),
    st.sampled_from([None, "2h"]),
)
def test_online_is_offline(given_events, minutes, boundary, windows, max_age):
    feature_set, frame = clicks(boundary, windows, max_age), frame_of(given_events)
    # Some rows of before midnight are in the table already, the others come late by the stream; a third of the
    # stream repeats what the table has.
    in_table = [late for *_, late in given_events]
    before = frame.filter((pl.col("at") < B) & pl.Series(in_table, dtype=pl.Boolean))
    streamed = frame.filter(
        (pl.col("at") >= B) | ~pl.Series(in_table, dtype=pl.Boolean) | (pl.int_range(pl.len()) % 3 == 0)
    )
    with tempfile.TemporaryDirectory() as folder:
        store = LmdbOnlineStore(Path(folder) / "online")
        streams = Streams(Path(folder) / "streams", store)
        # A generation holds as much of the past as the longest window reaches, and no more.
        uploaded, reach = clean(before, feature_set), feature_set.max_window
        if reach is not None:
            uploaded = uploaded.filter(pl.col("event_time") >= B - timedelta(microseconds=reach))
        store.put_generation(feature_set, B, uploaded, {})
        half = streamed.height // 2
        for part in (streamed[:half], streamed[half:]):
            if part.height:
                streams.ingest("c", part.to_dicts())
        fetcher, ref = OnlineFetcher(store, streams), feature_set.on()
        rows = [{"user": "ann"}, {"user": "bob"}, {"user": None}, {"user": "nobody"}]
        for minute in minutes:
            at = B + minute * MINUTE
            left = pl.DataFrame(
                {"user": [r["user"] for r in rows], AT: [at] * 4}, schema={"user": pl.String(), AT: UTC_US}
            )
            expected = answers_at(left, ref, clean(frame, feature_set), AT)
            fetched = fetcher.fetch([ref], rows, microseconds(at))
            for served, offline in zip(fetched.features, expected.values.to_dicts(), strict=True):
                assert_agree(feature_set, served, offline)
            told = expected.statuses.to_dicts()
            assert fetched.statuses == [{n: s for n, s in each.items() if s != "present"} for each in told]
        streams.close()
        store.close()


@pytest.fixture
def opened(tmp_path):
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(tmp_path / "streams", store)
    yield OnlineFetcher(store, streams), store, streams
    streams.close()
    store.close()


def test_a_value_says_what_it_lacks_and_where_it_came_from(opened):
    fetcher, store, streams = opened
    feature_set = clicks("exclusive")
    store.put_generation(feature_set, B, clean(frame_of([("ann", -10, 0, 5, True)]), feature_set), {})
    streams.ingest("c", frame_of([("ann", 10, 0, 7, True)]).with_columns(id=pl.lit("new")).to_dicts())
    fetched = fetcher.fetch(
        [feature_set.on(prefix="my")],
        [{"user": "ann"}, {"user": None}, {"user": "new"}],
        microseconds(B + 20 * MINUTE),
    )
    first, null, new = fetched.statuses
    assert "my_clicks_amount_sum_1d" not in first
    assert (first["my_clicks_amount_count_5m"], fetched.features[0]["my_clicks_amount_sum_1d"]) == (
        "empty",
        12.0,
    )
    assert set(null.values()) == {"null_key"}
    assert fetched.features[1]["my_clicks_amount_count_1d"] is None
    assert set(new.values()) == {"empty"}
    assert fetched.features[2]["my_clicks_amount_count_1d"] == 0
    assert fetched.generations == {"clicks": microseconds(B)}
    assert fetched.positions == {"c": 1}
    assert fetched.definitions == {"clicks": feature_set.hash}


def test_a_generation_older_than_the_tail_buffer_gives_stale_nulls(opened):
    fetcher, store, _ = opened
    feature_set = clicks("exclusive")
    store.put_generation(feature_set, B, clean(frame_of([("ann", -10, 0, 5, True)]), feature_set), {})
    two_days = microseconds(B) + 2 * 86_400_000_000
    assert (
        fetcher.fetch([feature_set.on()], [{"user": "ann"}], two_days).features[0][
            "clicks_amount_sum_unbounded"
        ]
        == 5.0
    )
    later = fetcher.fetch([feature_set.on()], [{"user": "ann"}], two_days + 1)
    assert set(later.statuses[0].values()) == {"stale"}
    assert set(later.features[0].values()) == {None}


def test_what_reaches_beyond_the_start_of_its_source_is_immature(opened):
    fetcher, store, _ = opened
    source = EventSource(table="c", event_time="at", event_id="id", start_date="2013-11-01")
    feature_set = replace(clicks("exclusive", ["1d", "5m", "unbounded"]), source=source)
    store.put_generation(feature_set, B, clean(frame_of([("ann", -10, 0, 5, True)]), feature_set), {})
    ref = feature_set.on(prefix="my").pick("amount_count_1d", "amount_count_5m", "amount_count_unbounded")
    for minutes, immature in ((-60, ["my_clicks_amount_count_1d"]), (0, [])):
        at = microseconds(B + minutes * MINUTE)
        if minutes < 0:
            store.put_generation(feature_set, B - timedelta(days=1), clean(frame_of([]), feature_set), {})
        assert fetcher.fetch([ref], [{"user": "ann"}], at).immature == immature


@pytest.mark.parametrize("key", [5, True, 1.5])
def test_a_key_of_a_wrong_type_is_named(opened, key):
    fetcher, store, _ = opened
    store.put_generation(clicks("exclusive"), B, clean(frame_of([]), clicks("exclusive")), {})
    with pytest.raises(RequestError) as refused:
        fetcher.fetch([clicks("exclusive").on(user="who")], [{"who": "ann"}, {"who": key}], microseconds(B))
    assert (refused.value.status, refused.value.column, refused.value.row) == (400, "who", 1)


def test_an_instant_that_nothing_is_kept_for_is_a_422(opened):
    fetcher = opened[0]
    with pytest.raises(RequestError, match="holds nothing of 'clicks'") as refused:
        fetcher.fetch([clicks("exclusive").on()], [{"user": "ann"}], microseconds(B))
    assert (refused.value.status, refused.value.code) == (422, "not_kept")


def test_facts_come_from_the_newest_snapshot_and_the_calendar_from_the_clock(opened):
    fetcher, store, _ = opened
    planes = FeatureSet(
        name="planes", owner="t", keys=["tail"], source=EntitySource(table="p"), columns=["seats"]
    )
    days = [("n1", "2013-10-30", 100), ("n2", "2013-10-30", 50), ("n2", "2013-10-31", 60)]
    frame = pl.DataFrame(days, schema=["tail", "ds", "seats"], orient="row")
    rows = clean(frame, planes)
    store.put_generation(planes, B, rows, {})
    hours = FeatureSet(
        name="now", owner="t", keys=[], source=CalendarSource("America/New_York", fields=("hour",))
    )
    asked = [{"tail": "n1"}, {"tail": "n2"}, {"tail": None}]
    fetched = fetcher.fetch([planes.on(), hours.on()], asked, microseconds(B + 600 * MINUTE))
    left = pl.DataFrame(
        {"tail": ["n1", "n2", None], AT: [B + 600 * MINUTE] * 3}, schema={"tail": pl.String(), AT: UTC_US}
    )
    expected, _ = values_at(left, planes.on(), rows, AT)
    assert (
        [f["planes_seats"] for f in fetched.features]
        == expected["planes_seats"].to_list()
        == [None, 60, None]
    )
    assert [f["now_hour"] for f in fetched.features] == [6, 6, 6]
    assert [s["planes_seats"] for s in (fetched.statuses[0], fetched.statuses[2])] == ["empty", "null_key"]
