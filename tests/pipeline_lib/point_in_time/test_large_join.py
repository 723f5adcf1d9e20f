"""Joined partition by partition is joined at once: whatever the partitions, keys, sources and slices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_sets import agrees, frame_of, left_of, questions, rows_of, sets

from bighead.pipeline_lib.errors import DefinitionError, SchemaError, StoreError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.operations import EXACT, OPERATIONS
from bighead.pipeline_lib.point_in_time import Memory, clean, values_at
from bighead.pipeline_lib.point_in_time.elements import Shape
from bighead.pipeline_lib.point_in_time.large_join import LargeJoin
from bighead.pipeline_lib.point_in_time.spilling import spill_folder
from bighead.pipeline_lib.point_in_time.time_slices import Histogram, cut

T0, EPOCH = datetime(2013, 3, 10, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
ROOM, NO_ROOM = 1 << 30, 600


def joined(left, refs, rows, budget=ROOM, parts=None, columns=()):
    """What the large join writes, and its reports."""
    with TemporaryDirectory() as place:
        folder, scans = Path(place), {name: each.lazy() for name, each in rows.items()}
        join = LargeJoin.of(left.lazy(), "t", refs, scans, Memory(budget))
        reports = join.write(folder / "out", columns, folder, parts)
        return pl.read_parquet(folder / "out" / "*.parquet"), reports


@settings(max_examples=60, deadline=None)
@given(
    feature_sets=st.tuples(sets(), sets(changing=True)),
    changing=st.booleans(),
    listed=rows_of,
    asked=questions,
    parts=st.integers(1, 5),
    tight=st.booleans(),
)
def test_every_operation_comes_out_of_partitions_and_slices_as_of_one_join(
    feature_sets, changing, listed, asked, parts, tight
):
    feature_set = feature_sets[changing]
    ref, cleaned = feature_set.on(), clean(frame_of(listed, changing), feature_set)
    left = left_of([*asked, asked[0]])
    values, report = values_at(left, ref, cleaned, "t")
    found, reports = joined(left, [ref], {"f": cleaned}, NO_ROOM if tight else ROOM, parts)
    assert found.schema == values.schema
    for feature in ref.features:
        rel_tol = 0.0 if OPERATIONS[feature.operation].exactness == EXACT else 1e-9
        for one, other in zip(found[feature.name].to_list(), values[feature.name].to_list(), strict=True):
            assert agrees(one, other, rel_tol), feature.what
    met = reports[0]
    if len({Shape.of(each, cleaned.schema) for each in ref.features}) > 1:
        # Lists and maps are joined apart from plain columns: what most rows have is counted, part by part.
        assert met.matched_rows >= report.matched_rows
        met = replace(met, matched_rows=report.matched_rows)
    assert (met.rows, met.matched_rows, met.null_keys) == (report.rows, report.matched_rows, report.null_keys)
    if not tight:
        assert met == report


def events(size: int, keys: int, seed: int = 7, days: int = 60) -> pl.DataFrame:
    """Cleaned rows of which a third have the key 0, with null keys, late arrivals and ties."""
    random = np.random.default_rng(seed)
    key = random.integers(0, keys, size)
    key[: size // 3] = 0
    minutes, late = random.integers(0, days * 1440, size), random.integers(0, 90, size)
    frame = pl.DataFrame({"k": key, "m": key % 3, "x": random.integers(-99, 99, size)}).with_columns(
        event_time=(pl.lit(T0) + pl.duration(minutes=pl.Series(minutes))).cast(TIME),
        k=pl.when(pl.col("k") != 1).then("k"),
        n=pl.int_range(size),
    )
    return frame.with_columns(available_at=pl.col("event_time") + pl.duration(minutes=pl.Series(late)))


def asked(size: int, keys: int) -> pl.DataFrame:
    """Left rows, many of the hot key, some without a key and some twice."""
    frame = events(size, keys, seed=11).select("k", "m", pl.col("event_time").alias("t"), id="n")
    return pl.concat([frame, frame.head(50)])


def event_set(name, keys, windows=("1h", "7d"), operations=("count", "sum", "min", "last", "last_2")):
    return FeatureSet(
        name=name,
        owner="t",
        keys=list(keys),
        source=EventSource(table=name, event_time="event_time", available_at="available_at"),
        aggregations=[Aggregation("x", operation, list(windows)) for operation in operations],
    )


@pytest.mark.parametrize(("budget", "parts"), [(1 << 19, None), (1 << 21, 1), (ROOM, None), (1 << 21, 60)])
def test_several_sets_with_different_keys_come_beside_each_left_row_in_order(budget, parts):
    one, two = event_set("one", ["k"]), event_set("two", ["k", "m"], ["unbounded", "3d"])
    planes = FeatureSet(
        name="planes", owner="t", keys=["k"], source=EntitySource("planes"), columns=["seats"]
    )
    clock = FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource(timezone="UTC"))
    left = asked(3_000, 40).with_columns(other=pl.col("k") + 1)
    snapshots = pl.DataFrame(
        [(f"2013-0{month}-01", k, 10 * month + k) for month in (3, 4) for k in range(0, 40, month)],
        schema={"ds": pl.String, "k": pl.Int64, "seats": pl.Int64},
        orient="row",
    )
    rows = {"one": events(6_000, 40), "planes": clean(snapshots, planes)}
    rows |= {"two": rows["one"], "clock": clean(pl.LazyFrame(), clock)}
    refs = [one.on(), two.on(), one.on(k="other", prefix="other"), planes.on(), clock.on()]
    found, reports = joined(left, refs, rows, budget, parts, columns=["id", "k"])
    expected = [values_at(left, ref, rows[ref.set.name], "t") for ref in refs]
    whole = pl.concat([left.select("id", "k"), *(values for values, _ in expected)], how="horizontal")
    assert found.equals(whole)
    assert reports == [report for _, report in expected]


@pytest.mark.parametrize("dtype", [pl.Int32, pl.UInt8, pl.Null, pl.Categorical, pl.Enum(["0", "1", "2"])])
def test_keys_meet_across_types_as_in_memory(dtype):
    rows, left = events(300, 3), asked(100, 3)
    if dtype in (pl.Int32, pl.UInt8):
        left = left.with_columns(pl.col("k").cast(dtype))
    elif dtype == pl.Null:
        left = left.with_columns(k=pl.lit(None))
    else:
        rows = rows.with_columns(pl.col("k").cast(pl.String))
        left = left.with_columns(pl.col("k").cast(pl.String).cast(dtype))
    one = event_set("one", ["k"])
    expected = values_at(left, one.on(), rows, "t")[0]
    assert joined(left, [one.on()], {"one": rows}, parts=4)[0].equals(expected)


def test_keys_that_cannot_be_compared_are_refused_before_anything_is_written():
    left = asked(10, 3).with_columns(pl.col("k").cast(pl.String))
    with pytest.raises(SchemaError, match="Cast one of them"):
        joined(left, [event_set("one", ["k"]).on()], {"one": events(10, 3)})


def test_no_rows_at_all_give_what_no_rows_give():
    left, none, one = asked(40, 3), events(10, 3).clear(), event_set("one", ["k"])
    found, _ = joined(left, [one.on()], {"one": none}, parts=7)
    assert found.equals(values_at(left, one.on(), none, "t")[0])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-2_000, 2_000), min_size=1, max_size=40),
    st.lists(st.integers(-2_000, 2_000), max_size=60),
    st.none() | st.integers(0, 3_000),
    st.integers(1, 60),
)
def test_slices_hold_every_question_once_and_no_more_rows_than_must_be(times, happened, reach, most):
    # Within 4,096 µs a span of the histogram is one µs, so that its counts are exact.
    asked_at = np.array(sorted(times))
    histogram = Histogram.of(pl.LazyFrame({"event_time": pl.Series(happened, dtype=pl.Int64).cast(TIME)}))
    found = list(cut(asked_at, reach, histogram, most))
    assert [n for low, high in found for n in range(low, high)] == list(range(len(times)))

    def seen(low, high):
        first, last = asked_at[low] - reach, asked_at[high - 1]
        return sum(first <= at <= last for at in happened)

    for low, high in found if reach is not None else []:
        middle = (low + high) // 2
        assert high - low < 2 or seen(low, high) <= max(most, 2 * seen(middle, middle + 1))


def test_a_window_that_reaches_everything_is_not_cut_into_single_questions():
    happened = pl.LazyFrame({"event_time": pl.Series(range(1_000)).cast(TIME)})
    assert list(cut(np.arange(1_000, 2_000), 5_000, Histogram.of(happened), 1)) == [(0, 1_000)]


def test_a_count_of_spans_is_never_below_that_of_the_rows():
    happened = pl.Series([0, 1, 10_000, 20_000, 20_001]).cast(TIME)
    histogram = Histogram.of(pl.LazyFrame({"event_time": happened}))
    assert histogram.between(-9, -1) == 0
    assert histogram.between(20_100, 30_000) == 0
    assert histogram.between(-5, 99_999) == 5
    assert 1 <= histogram.between(10_000, 10_000) <= 2


def test_what_was_spilled_is_removed_also_on_failure(tmp_path):
    def fail() -> None:
        with spill_folder(Memory(1, tmp_path / "new")) as folder:
            (folder / "some").write_text("rows")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named_with_the_cure(tmp_path):
    (tmp_path / "file").write_text("")
    below = Memory(1, tmp_path / "file" / "below")
    with pytest.raises(StoreError, match="BIGHEAD_SPILL"), spill_folder(below):
        raise AssertionError
    with pytest.raises(DefinitionError, match="BIGHEAD_MEMORY_GB"):
        Memory(0)
