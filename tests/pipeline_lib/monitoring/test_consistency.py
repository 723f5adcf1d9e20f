"""Answers are made by the online fetcher over streams, then replayed over what the offline store would hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from msgspec import structs

from bighead.pipeline_lib.features import Aggregation, CalendarSource, EventSource, FeatureSet
from bighead.pipeline_lib.inference_log import InferenceRecord, RowRecord, decode, encode
from bighead.pipeline_lib.monitoring import check_consistency
from bighead.pipeline_lib.point_in_time import clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")
SCHEMA = {"user": pl.String(), "at": UTC_US, "heard": UTC_US, "id": pl.String(), "amount": pl.Float64()}
clicks = FeatureSet(
    name="clicks",
    owner="t",
    keys=["user"],
    source=EventSource(table="c", stream="c", event_time="at", available_at="heard", event_id="id"),
    aggregations=[
        Aggregation("amount", op, windows=["3h", "1d"]) for op in ("count", "sum", "average", "max", "last")
    ],
)
hours = FeatureSet(name="now", owner="t", keys=[], source=CalendarSource("UTC", fields=("hour",)))
REFS = (clicks.on(user="who", prefix="my"), hours.on())


def events(numbers, **changes) -> pl.DataFrame:
    rows = [("ann" if n % 2 else "bob", B + n * MINUTE, B + n * MINUTE, f"e{n}", 0.1 * n) for n in numbers]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


class World:
    """A home whose stream brings an event each ten minutes, and a question after each."""

    def __init__(self, folder, refs=REFS):
        self.refs = refs
        self.store = LmdbOnlineStore(folder / "online")
        self.streams = Streams(folder / "streams", self.store)
        self.fetcher = OnlineFetcher(self.store, self.streams)
        self.records = []

    def ask(self, minute: int) -> None:
        rows = [{"who": "ann"}, {"who": "bob"}, {"who": None}]
        at = microseconds(B + minute * MINUTE)
        fetched = self.fetcher.fetch(self.refs, rows, at)
        answered = [
            RowRecord(r, {}, f, s, {"p": 0.5})
            for r, f, s in zip(rows, fetched.features, fetched.statuses, strict=True)
        ]
        record = InferenceRecord(
            f"r{minute}",
            at,
            at,
            "m",
            1,
            answered,
            fetched.definitions,
            fetched.generations,
            fetched.positions,
            late=fetched.late,
        )
        self.records.append(decode(encode(record)))

    def replay(self, offline: pl.DataFrame, records=None):
        positions = {"c": {event["id"]: position for position, event in self.streams.read("c")}}
        rows = {"clicks": clean(offline, clicks)}
        return check_consistency(self.records if records is None else records, self.refs, rows, positions)


BEFORE, AFTER = range(-600, 0, 7), range(5, 400, 10)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    world.store.put_generation(clicks, B, clean(events(BEFORE), clicks), {})
    for minute in AFTER:
        world.streams.ingest("c", events([minute]).to_dicts())
        world.ask(minute + 3)
    yield world
    world.streams.close()
    world.store.close()


def test_what_was_served_is_what_the_offline_rows_give(world):
    report = world.replay(events([*BEFORE, *AFTER]))
    assert report.mismatches == ()
    assert report.consistent
    assert (report.requests, report.compared, report.other, report.stale) == (40, 40 * 3 * 11, 0, 0)


def test_an_event_that_came_after_the_answer_is_no_mismatch(world):
    """It happened before the question and could have been known, yet the stream brought it later: that is skew."""
    late = events([57])
    world.streams.ingest("c", late.to_dicts())
    offline = events([*BEFORE, *AFTER, 57])
    assert world.replay(offline).consistent
    world.ask(399)
    assert world.replay(offline).consistent
    assert world.records[-1].positions == {"c": 41}


def test_a_changed_offline_value_is_found_and_the_events_are_named(world):
    offline = events([*BEFORE, *AFTER])
    changed = offline.with_columns(
        amount=pl.when(pl.col("id") == "e385").then(pl.lit(99.0)).otherwise("amount")
    )
    report = world.replay(changed)
    assert not report.consistent
    by_feature = {(m.request_id, m.feature): m for m in report.mismatches}
    last = by_feature["r388", "my_clicks_amount_last_3h"]
    assert (last.served, last.replayed, last.events, last.keys) == (38.5, 99.0, ("e385",), {"who": "ann"})
    assert "e385" in by_feature["r388", "my_clicks_amount_sum_3h"].events
    assert {m.request_id for m in report.mismatches} == {"r388", "r398"}
    assert {m.row for m in report.mismatches} == {0}


def test_an_event_missing_offline_is_found(world):
    report = world.replay(events([*BEFORE, *(n for n in AFTER if n != 105)]))
    counts = [m for m in report.mismatches if m.feature == "my_clicks_amount_count_1d"]
    assert {m.request_id for m in counts} == {f"r{n + 3}" for n in AFTER if n >= 105}
    assert all(m.served == m.replayed + 1 for m in counts)


def test_a_tampered_exact_value_is_found_and_a_rounding_of_a_sum_is_not(world):
    def with_feature(name, change):
        record = world.records[-1]
        row = record.rows[0]
        features = {**row.features, name: change(row.features[name])}
        changed = RowRecord(row.keys, row.context, features, row.statuses, row.prediction)
        return [
            InferenceRecord(
                record.request_id,
                record.logged_at,
                record.at,
                "m",
                1,
                [changed],
                record.definitions,
                record.generations,
                record.positions,
            )
        ]

    offline = events([*BEFORE, *AFTER])

    def nudge(value):
        return value * (1 + 2**-52)

    assert world.replay(offline, with_feature("my_clicks_amount_sum_1d", nudge)).consistent
    assert world.replay(offline, with_feature("my_clicks_amount_average_1d", nudge)).consistent
    assert not world.replay(
        offline, with_feature("my_clicks_amount_sum_1d", lambda v: v * 1.000001)
    ).consistent
    assert not world.replay(offline, with_feature("my_clicks_amount_max_1d", nudge)).consistent
    assert not world.replay(offline, with_feature("my_clicks_amount_count_1d", lambda v: v + 1)).consistent
    assert not world.replay(offline, with_feature("now_hour", lambda v: v + 1)).consistent


def test_another_definition_and_a_stale_value_are_counted_not_compared(world):
    refs = (replace(clicks, version=2).on(user="who", prefix="my"),)
    report = check_consistency(world.records, refs, {"clicks": clean(events(BEFORE), clicks)}, {})
    assert (report.compared, report.other) == (0, 40 * 3 * 10)
    world.ask(2 * 24 * 60 + 1)
    report = world.replay(events([*BEFORE, *AFTER]), world.records[-1:])
    # A null key stays a null key, however old the generation is.
    assert (report.stale, report.consistent) == (20, True)


def test_a_value_called_stale_by_a_wrong_max_age_is_a_mismatch_and_one_of_a_late_store_is_not(world):
    def stale(record, late):
        rows = [
            structs.replace(
                row, features=dict.fromkeys(row.features), statuses=dict.fromkeys(row.features, "stale")
            )
            for row in record.rows
        ]
        return structs.replace(record, rows=rows, late=late)

    wrong = world.records[0]
    offline = events([*BEFORE, *AFTER])
    assert world.replay(offline, [stale(wrong, ["clicks"])]).stale > 0
    assert {m.feature for m in world.replay(offline, [stale(wrong, [])]).mismatches} > {
        "my_clicks_amount_sum_3h"
    }
    # Of logs that do not tell, nobody can say which it was.
    assert world.replay(offline, [stale(wrong, None)]).mismatches == ()
    world.ask(2 * 24 * 60 + 1)
    assert (world.records[-1].late, wrong.late) == (["clicks"], [])


@pytest.mark.parametrize("on_stale", ["null", "keep"])
def test_what_is_stale_by_its_age_is_compared(tmp_path, on_stale):
    aged = replace(clicks, max_age="30m", on_stale=on_stale)
    world = World(tmp_path, (aged.on(user="who", prefix="my"), hours.on()))
    world.store.put_generation(aged, B, clean(events(BEFORE), aged), {})
    world.ask(10)
    world.ask(40)
    states = [set(record.rows[0].statuses.values()) for record in world.records]
    assert "stale" not in states[0]
    assert "stale" in states[1]
    report = world.replay(events(BEFORE))
    assert (report.mismatches, report.stale, report.compared) == ((), 0, 2 * 3 * 11)
    # A changed value is found where it is kept: null stays null.
    changed = world.replay(events(BEFORE).with_columns(amount=pl.col("amount") + 1))
    assert {m.request_id for m in changed.mismatches} == ({"r10"} if on_stale == "null" else {"r10", "r40"})
    world.streams.close()
    world.store.close()
