"""Lists and maps online: through stream, store, fetcher and log, they are what the offline rows give, by class."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.inference_log import InferenceRecord, RowRecord, decode, encode, to_frame
from bighead.pipeline_lib.monitoring import check_consistency
from bighead.pipeline_lib.monitoring.tolerance import agrees
from bighead.pipeline_lib.point_in_time import clean, trace
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher

B = datetime(2013, 11, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UTC_US = pl.Datetime("us", "UTC")
SCHEMA = {
    "user": pl.String(),
    "at": UTC_US,
    "id": pl.String(),
    "amount": pl.Float64(),
    "status": pl.String(),
    "shop": pl.String(),
    "day": pl.Date(),
    "tags": pl.List(pl.String()),
    "scores": pl.List(pl.Struct({"key": pl.String(), "value": pl.Float64()})),
}
orders = FeatureSet(
    name="orders",
    owner="t",
    keys=["user"],
    source=EventSource(table="o", stream="o", event_time="at", event_id="id", select={"twice": "amount * 2"}),
    aggregations=[
        Aggregation("amount", "sum", ["1d"], where="status = 'ok' AND twice < 50", name="good"),
        Aggregation("amount", "average", ["1d"], buckets="shop"),
        Aggregation("shop", "last_3", ["1d"]),
        Aggregation("day", "last", ["1d"]),
        Aggregation("day", "distinct", ["1d"]),
        Aggregation("tags", "histogram", ["1d"]),
        Aggregation("scores", "stddev", ["1d"]),
        Aggregation("amount", "percentile", ["1d"], quantiles=[0.1, 0.9]),
        Aggregation("amount", "kurtosis", ["1d"]),
        Aggregation("twice", "max", ["3h"], empty=-1),
    ],
)
REFS = (orders.on(),)


def events(numbers) -> pl.DataFrame:
    rows = [
        {
            "user": "ann" if n % 2 else "bob",
            "at": B + n * MINUTE,
            "id": f"e{n}",
            "amount": 0.1 * (n % 37),
            "status": ("ok", "void", None)[n % 3],
            "shop": ("x", "y", None, "z")[n % 4],
            "day": date(2013, 10, 1 + n % 5),
            "tags": ([], ["a"], ["b", None, "a"], None)[n % 4],
            "scores": [{"key": "p", "value": 0.1 * (n % 7)}, {"key": "q", "value": None if n % 5 else 0.3}],
        }
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


BEFORE, AFTER = range(-300, 0, 7), range(5, 100, 10)
OFFLINE = [*BEFORE, *AFTER]


@pytest.fixture
def records(tmp_path):
    """What was answered after each streamed event, written to the log and read back."""
    store = LmdbOnlineStore(tmp_path / "online")
    streams = Streams(tmp_path / "streams", store)
    fetcher, logged = OnlineFetcher(store, streams), []
    store.put_generation(orders, B, clean(events(BEFORE), orders), {})
    for minute in AFTER:
        streams.ingest("o", [sent(event) for event in events([minute]).to_dicts()])
        rows, at = (
            [{"user": "ann"}, {"user": "bob"}, {"user": "eve"}],
            microseconds(B + (minute + 3) * MINUTE),
        )
        found = fetcher.fetch(REFS, rows, at)
        answered = [
            RowRecord(r, {}, f, s, {}) for r, f, s in zip(rows, found.features, found.statuses, strict=True)
        ]
        where = (found.definitions, found.generations, found.positions)
        logged.append(decode(encode(InferenceRecord(f"r{minute}", at, at, "m", 1, answered, *where))))
    yield logged
    streams.close()
    store.close()


def sent(event):
    """An event as JSON carries it, its day as Polars reads it."""
    return event | {"at": event["at"].isoformat()}


def replay(records, offline):
    positions = {"o": {f"e{n}": place for place, n in enumerate(AFTER)}}
    return check_consistency(records, REFS, {"orders": clean(offline, orders)}, positions)


def changed(records, feature, change):
    record = records[-1]
    row = record.rows[0]
    features = row.features | {feature: change(row.features[feature])}
    rows = [RowRecord(row.keys, row.context, features, row.statuses, row.prediction)]
    where = (record.definitions, record.generations, record.positions)
    return [InferenceRecord(record.request_id, record.at, record.at, "m", 1, rows, *where)]


def test_lists_and_maps_are_served_logged_and_replayed(records):
    report = replay(records, events(OFFLINE))
    assert report.mismatches == ()
    assert report.compared == len(AFTER) * 3 * 10
    last = records[-1].rows[0].features
    assert [entry["key"] for entry in last["orders_tags_histogram_1d"]] == ["a"]
    assert {entry["key"] for entry in last["orders_amount_average_1d_by_shop"]} == {"y", "z"}
    assert len(last["orders_shop_last3_1d"]) == 3
    eve = records[-1].rows[2]
    assert (eve.features["orders_twice_max_3h"], eve.statuses["orders_twice_max_3h"]) == (-1, "empty")
    frame = to_frame(records)
    assert frame["orders_tags_histogram_1d"].dtype == pl.List(
        pl.Struct({"key": pl.String, "value": pl.Int64})
    )
    assert frame.height == len(AFTER) * 3


def nudged(value):
    return value * (1 + 2**-52)


@pytest.mark.parametrize(
    ("feature", "change", "fits"),
    [
        ("orders_amount_average_1d_by_shop", lambda m: [e | {"value": nudged(e["value"])} for e in m], True),
        (
            "orders_amount_average_1d_by_shop",
            lambda m: [e | {"value": e["value"] * 1.000001} for e in m],
            False,
        ),
        ("orders_amount_average_1d_by_shop", lambda m: m[1:], False),
        ("orders_amount_average_1d_by_shop", lambda m: None, False),
        ("orders_amount_average_1d_by_shop", lambda m: [e | {"key": e["key"] + "!"} for e in m], False),
        ("orders_scores_stddev_1d", lambda m: [e | {"value": nudged(e["value"])} for e in m], True),
        ("orders_amount_percentile_1d", lambda v: [nudged(x) for x in v], True),
        ("orders_amount_percentile_1d", lambda v: v[::-1], False),
        ("orders_amount_percentile_1d", lambda v: v[:1], False),
        ("orders_amount_kurtosis_1d", nudged, True),
        ("orders_amount_kurtosis_1d", lambda v: v + 1e-6, False),
        ("orders_amount_kurtosis_1d", lambda v: None, False),
        ("orders_good_sum_1d", nudged, True),
        ("orders_good_sum_1d", lambda v: v + 1e-6, False),
        ("orders_tags_histogram_1d", lambda m: [e | {"value": e["value"] + 1} for e in m], False),
        ("orders_shop_last3_1d", lambda v: v[1:], False),
        ("orders_twice_max_3h", nudged, False),
        ("orders_day_distinct_1d", lambda v: v[1:], False),
        ("orders_day_last_1d", lambda v: "2013-09-09", False),
    ],
)
def test_what_is_off_is_found_unless_it_is_rounding(records, feature, change, fits):
    report = replay(changed(records, feature, change), events(OFFLINE))
    assert [m.feature for m in report.mismatches] == ([] if fits else [feature])
    if not fits:
        assert report.mismatches[0].events


def test_a_trace_names_only_the_rows_that_count():
    rows, at = clean(events(OFFLINE), orders), B + 99 * MINUTE
    raw = events(OFFLINE).filter(pl.col("user") == "ann")
    good = trace(orders, "good_sum_1d", {"user": "ann"}, at, rows)["event_id"].to_list()
    assert good == raw.filter((pl.col("status") == "ok") & (pl.col("amount") < 25))["id"].to_list()
    split = trace(orders, "amount_average_1d_by_shop", {"user": "ann"}, at, rows)["event_id"].to_list()
    assert split == raw.filter(pl.col("shop").is_not_null())["id"].to_list()
    tagged = trace(orders, "tags_histogram_1d", {"user": "ann"}, at, rows)["event_id"].to_list()
    assert tagged == raw.filter(pl.col("tags").list.drop_nulls().list.len() > 0)["id"].to_list()


MOMENTS = ["variance", "stddev", "skew", "kurtosis", "sum", "average"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.integers(0, 30), st.sampled_from(MOMENTS))
def test_two_orders_of_adding_agree(values, cut, operation):
    """Plain sums of powers, once from either end: as far apart as two right answers may be."""
    feature = next(
        f
        for f in FeatureSet(
            name="s",
            owner="t",
            keys=["k"],
            source=EventSource("t"),
            aggregations=[Aggregation("x", operation)],
        ).features
    )
    one, other = (computed(operation, order) for order in (values, values[::-1]))
    assert agrees(feature, one, other, pl.DataFrame({"x": values}))
    if one is not None:
        assert not agrees(feature, one, one + 1 + abs(one), pl.DataFrame({"x": values})) or one > 1e12


def computed(operation, values):
    n, total = len(values), 0.0
    for value in values:
        total += value
    if operation in ("sum", "average"):
        return total / (n if operation == "average" else 1)
    mean, powers = total / n, {}
    for power in (2, 3, 4):
        powers[power] = 0.0
        for value in values:
            powers[power] += (value - mean) ** power
        powers[power] /= n
    if operation in ("variance", "stddev"):
        return powers[2] if operation == "variance" else math.sqrt(powers[2])
    if powers[2] <= (2**-52 * mean) ** 2:
        return None
    return powers[3] / powers[2] ** 1.5 if operation == "skew" else powers[4] / powers[2] ** 2 - 3
