"""What is left of mutations that are all known: values of all later times stay, whatever comes besides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time.clean_mutations import (
    cleaned_mutations,
    last_of_rows,
    shown,
    versions_of,
)
from bighead.pipeline_lib.point_in_time.row_names import KNOWN, UNTIL

B, HOUR = datetime(2013, 3, 6, tzinfo=UTC), timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
ORDERS = FeatureSet(
    name="orders",
    owner="t",
    keys=["k"],
    source=EventSource(
        "log", "ts", event_id="id", available_at="heard", mutations=Mutations("made", operation="op"), where="x < 4"
    ),
    aggregations=[Aggregation("x", "sum", ["unbounded"])],
)  # fmt: skip
SETS = [
    replace(ORDERS, source=replace(ORDERS.source, mutations=declared))
    for declared in (
        Mutations("made", operation="op"),
        Mutations("made", operation="op", sequence="n"),
        Mutations("made", is_before="old"),
        Mutations("made", is_before="old", sequence="n"),
    )
]
SCHEMA = {"id": pl.Int64, "k": pl.String, "ts": TIME, "x": pl.Int64, "made": TIME, "heard": TIME}
SCHEMA |= {"op": pl.String, "old": pl.Boolean, "n": pl.Int64}
# Few of each, so that moments, bytes and copies meet.
logs = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from(["a", "b", None]), st.integers(-9, 9), st.integers(0, 5),
        st.integers(-4, 4), st.integers(0, 5), st.booleans(), st.none() | st.integers(0, 1),
    ),
    max_size=12,
)  # fmt: skip


def cleaned(feature_set: FeatureSet, rows) -> pl.DataFrame:
    made = [
        (id, k, B + ts * HOUR, x, B + at * HOUR, B + (at + late) * HOUR, "d" if gone else "c", gone, n)
        for id, k, ts, x, at, late, gone, n in rows
    ]
    frame = pl.DataFrame(made, schema=SCHEMA, orient="row")
    return cleaned_mutations(frame.lazy(), feature_set, feature_set.source, "the log")


def held(mutations: pl.DataFrame, feature_set: FeatureSet, at: datetime) -> list:
    """What counts strictly before `at`, without the ends that lie later."""
    found = versions_of(mutations, feature_set, "the log", check_images=False)
    gone = (pl.col(UNTIL) < at).fill_null(False)
    now = found.filter((pl.col(KNOWN) < at) & ~gone).select("k", "event_time", KNOWN, "event_id", "x")
    return sorted(now.rows(), key=str)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SETS), logs, logs, st.lists(st.integers(0, 9)), st.integers(0, 12))
def test_what_is_left_answers_from_then_on(feature_set, early, late, copies, hour):
    every = cleaned(feature_set, [*early, *late, *(early[n] for n in copies if n < len(early))])
    known = every.filter(pl.col(KNOWN) < B)
    left = last_of_rows(known, feature_set)
    assert left.group_by("event_id").len()["len"].sum() == left.height <= known.height
    # The tail has the rest, and again what it had before the generation was made.
    tail = pl.concat([every.filter(pl.col(KNOWN) >= B), known[[n for n in copies if n < known.height]]])
    at = B + hour * HOUR
    expected = held(every, feature_set, at)
    assert held(pl.concat([left, tail]), feature_set, at) == expected
    assert held(last_of_rows(pl.concat([left, known]), feature_set), feature_set, B) == held(
        known, feature_set, B
    )
    # Under a key stand the rows that may show there.
    there = {(row["event_id"], row["k"]) for row in left.filter(shown(left, feature_set, None)).to_dicts()}
    assert {(row[3], row[0]) for row in held(left, feature_set, at)} <= there


@pytest.mark.parametrize("feature_set", SETS)
def test_a_row_that_changed_often_leaves_one_mutation(feature_set):
    rows = [(1, "a", -9, n % 4, -50 + n // 2, 0, False, n) for n in range(0, 60, 2)]
    assert last_of_rows(cleaned(feature_set, rows), feature_set).height == 1


def test_rows_beyond_every_window_stand_under_no_key():
    rows = [
        (1, "a", -9, 1, -4, 0, False, 0),
        (0, "a", -5, 1, -4, 0, False, 0),
        (2, "a", -5, 5, -4, 0, False, 0),
    ]
    left = last_of_rows(cleaned(ORDERS, rows), ORDERS)
    assert left.filter(shown(left, ORDERS, B - 5 * HOUR))["event_id"].to_list() == [0]
