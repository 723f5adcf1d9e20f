"""What Spark's tasks join is what `values_at` joins in memory: every operation, window, source and key."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spark_joiner import ROOM, SOME, compare

from bighead.pipeline_lib.errors import EventTimeError, SchemaError
from bighead.pipeline_lib.features import Aggregation, CalendarSource, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.operations import OPERATIONS
from bighead.pipeline_lib.point_in_time import clean, values_at
from bighead.pipeline_lib.point_in_time.partition_join import NUMBER
from bighead.resources.spark_inputs import FrameInput
from bighead.resources.spark_join import SparkJoin
from bighead.resources.spark_session import quiet

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline_lib"))
import random_sets

T0 = datetime(2013, 3, 10, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
WINDOWS = ["1h", "sliding:7d", "tumbling:1h", "snapshot:7d+2h", "unbounded", "calendar:1mo@America/New_York"]
NEEDS: dict[str | None, dict[str, Any]] = {
    None: {},
    "k": {"k": 2},
    "quantiles": {"quantiles": [0.1, 0.5]},
    "half_life": {"half_life": "3h"},
}


def raw_rows(size: int, keys: int, seed: int = 7) -> pl.DataFrame:
    """Rows of every type over forty days, a third of one key, with nulls, ties, late ones and odd numbers."""
    random = np.random.default_rng(seed)
    key = np.where(random.random(size) < 1 / 3, 0, random.integers(0, keys, size))
    minutes, late = random.integers(-60, 40 * 1_440, size) // 3 * 3, random.integers(0, 90, size)
    words = np.array(["", "a", "b|", "é"])[random.integers(0, 4, size)]
    numbers = random.integers(-12, 12, size) / 4
    numbers[:3] = [np.inf, -0.0, np.nan]
    frame = pl.DataFrame(
        {"k": key, "m": key % 3, "x": numbers, "n": random.integers(-3, 3, size), "s": words}
    )
    some = pl.Series(random.random(size))
    frame = frame.with_columns(
        ts=(pl.lit(T0) + pl.duration(minutes=pl.Series(minutes))).cast(TIME),
        k=pl.when(pl.col("k") != 1).then("k"),
        x=pl.when(some > 0.1).then("x"),
        s=pl.when(some < 0.9).then("s"),
        d=pl.date(1960, 1, 1) + pl.duration(days=pl.Series(minutes) % 5),
        id=pl.int_range(size),
    )
    return frame.with_columns(
        known=pl.col("ts") + pl.duration(minutes=pl.Series(late)),
        xs=pl.concat_list("x", "x", pl.col("n").cast(pl.Float64)),
        tags=pl.when(pl.col("n") > -2).then(pl.concat_list("s", pl.lit("z"))),
    )


def questions(size: int, keys: int) -> pl.DataFrame:
    """Left rows, many of the hot key, some without a key and some twice."""
    frame = raw_rows(size, keys, seed=11).select("k", "m", pl.col("ts").alias("t"), "id")
    return pl.concat([frame, frame.head(9)])


def event_set(name: str, keys=("k",), windows=("1h", "7d"), **more) -> FeatureSet:
    operations = ("count", "sum", "average", "min", "last", "last_2")
    made = [Aggregation("n", operation, list(windows)) for operation in operations]
    source = EventSource(table=name, event_time="ts", available_at="known", event_id="id")
    return FeatureSet(name=name, owner="t", keys=list(keys), source=source, aggregations=made, **more)


def whole_algebra() -> FeatureSet:
    """Every operation over every type that it takes, and over all kinds of windows."""
    made = []
    for name, operation in OPERATIONS.items():
        for column in ("x", "n", "xs") if operation.adds else ("x", "n", "s", "d", "tags"):
            spans = WINDOWS[:4] if name == "rate" else WINDOWS
            buckets = ["m"] if column == "n" else []
            where = "n > 0" if column == "s" else None
            call = f"{name}_of_{column}"
            made.append(
                Aggregation(
                    column, name, spans, buckets=buckets, where=where, name=call, **NEEDS[operation.needs]
                )
            )
    source = EventSource(table="rows", event_time="ts", available_at="known", event_id="id")
    return FeatureSet(name="f", owner="t", keys=["k"], source=source, aggregations=made)


def test_every_operation_over_every_window_is_that_of_values_at(joiner):
    algebra = whole_algebra()
    rows, left, ref = clean(raw_rows(400, 6), algebra), questions(120, 6), algebra.on()
    found, reports = joiner.joined(left, [ref], {"f": rows}, columns=["id"], least_part=1)
    values, report = values_at(left, ref, rows, "t")
    assert found.drop("id").schema == values.schema
    assert found["id"].equals(left["id"])
    assert len({feature.operation for feature in ref.features}) == len(OPERATIONS)
    compare(ref, found, values, left, rows)
    met = reports[0]
    assert (met.rows, met.matched_rows, met.null_keys) == (report.rows, report.matched_rows, report.null_keys)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(random_sets.sets(), random_sets.rows_of), min_size=3, max_size=3),
    random_sets.questions,
)
def test_random_definitions_over_random_rows_come_out_equal(joiner, made, asked):
    named = {f"f{n}": (replace(each, name=f"f{n}"), rows) for n, (each, rows) in enumerate(made)}
    rows = {name: clean(random_sets.frame_of(listed), each) for name, (each, listed) in named.items()}
    left, refs = random_sets.left_of([*asked, asked[0]]), [each.on() for each, _ in named.values()]
    found, _ = joiner.joined(left, refs, rows, least_part=1 << 12)
    for ref in refs:
        values = values_at(left, ref, rows[ref.set.name], "t")[0]
        assert found.select(ref.columns()).schema == values.schema
        compare(ref, found, values, left, rows[ref.set.name])


@pytest.mark.parametrize(("memory", "least_part"), [(ROOM, ROOM), (ROOM, SOME), (1 << 16, 1)])
def test_sets_of_all_sources_and_keys_come_beside_each_left_row_in_order(joiner, memory, least_part):
    one, two = event_set("one", max_age="3d"), event_set("two", ("k", "m"), ["unbounded", "3d"])
    planes = FeatureSet(
        name="planes", owner="t", keys=["k"], source=EntitySource("planes"), columns=["seats"]
    )
    clock = FeatureSet(name="clock", owner="t", keys=[], source=CalendarSource(timezone="UTC"))
    left = questions(900, 40).with_columns(other=pl.col("k") + 1)
    snapshots = pl.DataFrame(
        [(f"2013-0{month}-01", k, 10 * month + k) for month in (3, 4) for k in range(0, 40, month)],
        schema={"ds": pl.String, "k": pl.Int64, "seats": pl.Int64},
        orient="row",
    )
    rows = {"one": clean(raw_rows(2_000, 40), one), "two": clean(raw_rows(2_000, 40), two)}
    rows |= {"planes": clean(snapshots, planes)}
    refs = [one.on(), two.on(), one.on(k="other", prefix="other"), planes.on(), clock.on()]
    found, reports = joiner.joined(left, refs, rows, ["id", "k"], memory=memory, least_part=least_part)
    expected = [values_at(left, ref, rows.get(ref.set.name, pl.DataFrame()), "t") for ref in refs]
    whole = pl.concat([left.select("id", "k"), *(values for values, _ in expected)], how="horizontal")
    assert found.equals(whole)
    assert reports == [report for _, report in expected]


def test_a_hot_key_is_cut_into_several_tasks_with_equal_answers(joiner):
    hot = event_set("hot", windows=["1h", "1d"])
    rows = clean(raw_rows(30_000, 1_000), hot)
    left = questions(3_000, 1_000)
    join = joiner.join(left, [hot.on()], {"hot": rows}, least_part=1 << 17)
    blocks = join._answers(hot.on(), 0, 10_000, 1)
    told = [each for each in blocks.collect() if each.side < 0]
    parts = [each for each in told if b'"rows": 0' not in bytes(each.data)]
    reports = join.write(joiner.folder / "out", [])
    values, report = values_at(left, hot.on(), rows, "t")
    assert pl.read_parquet(joiner.folder / "out" / "*.parquet").equals(values)
    assert reports == [report]
    # Without cutting a third of all would be in one of four parts or fewer, twice as many as tasks run at once.
    assert len(parts) > 4, len(parts)


def test_no_rows_and_no_questions_give_what_nothing_gives(joiner):
    one, left = event_set("one"), questions(40, 3)
    none = clean(raw_rows(9, 3), one).clear()
    found, _ = joiner.joined(left, [one.on()], {"one": none})
    assert found.equals(values_at(left, one.on(), none, "t")[0])
    rows = clean(raw_rows(9, 3), one)
    found, reports = joiner.joined(left.clear(), [one.on()], {"one": rows}, columns=["id"])
    assert (found.height, reports[0].rows) == (0, 0)


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Null, pl.Categorical])
def test_keys_meet_across_types_as_in_memory(joiner, dtype):
    one = event_set("one")
    rows, left = clean(raw_rows(300, 5), one), questions(60, 5)
    if dtype == pl.Int8:
        left = left.with_columns(pl.col("k").cast(dtype))
    elif dtype == pl.Null:
        left = left.with_columns(k=pl.lit(None))
    else:
        rows = rows.with_columns(pl.col("k").cast(pl.String))
        left = left.with_columns(pl.col("k").cast(pl.String).cast(dtype))
    expected = values_at(left, one.on(), rows, "t")[0]
    assert joiner.joined(left, [one.on()], {"one": rows}, least_part=1)[0].equals(expected)


def test_a_spark_dataframe_on_either_side_gives_a_spark_dataframe(joiner):
    one = event_set("one", windows=["7d"])
    rows, left = clean(raw_rows(800, 20), one), questions(300, 20)
    with quiet():
        theirs = joiner.session.createDataFrame(rows.to_arrow())
        numbered = left.with_row_index(NUMBER).with_columns(pl.col(NUMBER).cast(pl.Int64))
        asked = joiner.session.createDataFrame(numbered.to_arrow()).repartition(3)
    join = SparkJoin(FrameInput(asked), left.height, "t", [one.on()], {"one": FrameInput(theirs)}, ROOM, 1)
    with quiet():
        found = pl.DataFrame(join.frame(["id", "t"]).orderBy(NUMBER).toArrow())
    values = values_at(left, one.on(), rows, "t")[0]
    assert found.drop(NUMBER).equals(pl.concat([left.select("id", "t"), values], how="horizontal"))


def test_what_a_task_refuses_is_raised_as_the_error_that_it_is(joiner):
    one = event_set("one")
    rows, left = clean(raw_rows(30, 3), one), questions(30, 3)
    broken = left.with_columns(t=pl.when(pl.col("id") != 5).then("t"))
    with pytest.raises(EventTimeError, match="null in") as refused:
        joiner.joined(broken, [one.on()], {"one": rows})
    assert refused.value.cure
    with pytest.raises(SchemaError, match="Cast one of them"):
        joiner.joined(left.with_columns(pl.col("k").cast(pl.String)), [one.on()], {"one": rows})


def test_the_days_and_dates_of_the_rows_stay_what_they_are(joiner):
    # Types that Spark does not have, and times long before its epoch, go through as they are.
    one = FeatureSet(
        name="one",
        owner="t",
        keys=["k"],
        source=EventSource("one", "ts"),
        aggregations=[Aggregation(name, "last", ["unbounded"]) for name in ("u", "c", "d")],
    )
    old = datetime(1066, 10, 14, 9, tzinfo=UTC)
    rows = pl.DataFrame(
        {
            "k": [1],
            "ts": [old],
            "u": [2**63 - 1],
            "w": [timedelta(days=-3)],
            "c": ["a"],
            "d": [date(1, 1, 1)],
        },
        schema_overrides={"u": pl.UInt64, "ts": TIME, "c": pl.Categorical},
    )
    cleaned = clean(rows, one)
    left = pl.DataFrame({"k": [1, 1], "t": [old, old + timedelta(days=1)]}, schema_overrides={"t": TIME})
    values = values_at(left, one.on(), cleaned, "t")[0]
    assert joiner.joined(left, [one.on()], {"one": cleaned})[0].equals(values)
