"""LMDB and Redis keep versions and intervals as they are: with the time from which on they no longer count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bighead.pipeline_lib.features import Aggregation, EntitySource, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time import clean, values_at
from bighead.resources.online_rows import microseconds

B, HOUR, TIME = datetime(2013, 11, 2, tzinfo=UTC), timedelta(hours=1), pl.Datetime("us", "UTC")
ORDERS = FeatureSet(
    name="orders",
    owner="t",
    keys=["k"],
    source=EventSource("log", "ts", event_id="id", mutations=Mutations("changed", operation="op")),
    aggregations=[Aggregation("x", "max", ["1d"])],
)
HOSTS = FeatureSet(
    name="hosts",
    owner="t",
    keys=["k"],
    source=EntitySource("hosts", valid_from="since", valid_to="until"),
    columns=["rank"],
)
LOG = [
    (1, "a", -9, 5, -8, "c"),
    (1, "a", -9, 6, -7, "u"),
    (1, "a", -9, 6, 3, "d"),
    (2, "b", -9, 1, -8, "c"),
    (2, "a", -5, 1, -4, "u"),
]
VALID = [("a", -9, -3, 1), ("a", -3, 5, 2), ("b", -9, None, 3), ("c", -9, -5, 4)]


def hours(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return frame.with_columns(
        (pl.lit(B) + pl.duration(hours=pl.col(name))).cast(TIME).alias(name) for name in columns
    )


def rows_of(feature_set: FeatureSet) -> pl.DataFrame:
    if feature_set is HOSTS:
        raw = hours(
            pl.DataFrame(VALID, schema=["k", "since", "until", "rank"], orient="row"), "since", "until"
        )
    else:
        raw = hours(
            pl.DataFrame(LOG, schema=["id", "k", "ts", "x", "changed", "op"], orient="row"), "ts", "changed"
        )
    return clean(raw, feature_set)


@pytest.mark.parametrize("store", ["lmdb", "redis"], indirect=True)
@pytest.mark.parametrize("feature_set", [ORDERS, HOSTS], ids=lambda each: each.name)
def test_a_generation_answers_at_any_time_after_it_as_the_rows_do(store, feature_set):
    rows = rows_of(feature_set)
    assert 0 < rows["available_to"].null_count() < rows.height
    store.put_generation(feature_set, B, rows, {})
    keys = ["a", "b", "c", "z"]
    for hour in (0, 3, 4, 5, 6):
        at = B + hour * HOUR
        found = store.fetch(feature_set, [(key,) for key in keys], microseconds(at)).frame
        assert_frame_equal(found, rows, check_row_order=False)
        left = pl.DataFrame({"k": keys, "t": [at] * 4}).cast({"t": TIME})
        assert values_at(left, feature_set.on(), found, "t")[0].equals(
            values_at(left, feature_set.on(), rows, "t")[0]
        )
    alone = store.fetch(feature_set, [("b",)], microseconds(B)).frame
    assert alone["k"].unique().to_list() == ["b"]
