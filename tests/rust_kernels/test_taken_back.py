"""Events that no longer count from `available_to` on: the answers are those of a table that never had them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from aggregation_specs import spec
from bighead_kernels import AggregationSpec, temporal_join
from test_aggregations import ADDING, ORDERED, OTHERS, aggregations

SPAN = 20_000
# Beyond two levels of a segment tree, and beyond some blocks of a sketch.
EVENTS = 6_000


def join(
    events: pl.DataFrame, rows: pl.DataFrame, wanted: list[AggregationSpec], **changes: Any
) -> tuple[pl.DataFrame, dict[str, Any]]:
    given: dict[str, Any] = {"keys": ["k"], "event_time": "et", "available_at": "av", "timestamp": "t"}
    given |= {"tie_break": ["id"], "aggregations": wanted, **changes}
    table, report = temporal_join(events, rows, **given)
    return pl.DataFrame(table), report


def world(late: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A key with many events, a half of them taken back, one with few, and one of which none is."""
    n = pl.int_range(EVENTS, eager=True).alias("id")
    noise = n.hash(7) % SPAN
    happened = (n.hash(1) % SPAN).cast(pl.Int64)
    known = happened + (n.hash(2) % (late + 1)).cast(pl.Int64)
    events = pl.DataFrame(
        {
            "k": (n.hash(3) % 40).clip(0, 2).cast(pl.Int64),
            "et": happened,
            "av": known,
            "id": n,
            "i": (n.hash(4) % 60).cast(pl.Int64) - 20,
            "few": (n.hash(6) % 7).cast(pl.Int64),
            "f": (n.hash(5) % 1000).cast(pl.Float64) / 8,
        }
    )
    until = pl.when((n % 2 == 0) & (pl.col("k") != 1)).then(known + noise.cast(pl.Int64) % 5_000)
    rows = pl.DataFrame({"t": pl.int_range(0, SPAN + 4_000, 600, eager=True)}).join(
        pl.DataFrame({"k": [0, 1, 2, 3]}), how="cross"
    )
    bounds = ((pl.col("t") // 700 * 700 - 5_000).alias("from"), (pl.col("t") // 700 * 700).alias("to"))
    return events.with_columns(until.alias("until")), rows.with_columns(bounds)


def one_by_one(events: pl.DataFrame, rows: pl.DataFrame, wanted: list[AggregationSpec]) -> pl.DataFrame:
    """Each time asked about a table of the events that still count at it."""
    found = []
    for (t,), some in rows.group_by("t", maintain_order=True):
        left = events.filter(pl.col("until").is_null() | (pl.col("until") >= t))
        found.append(join(left, some, wanted)[0])
    return pl.concat(found)


@pytest.mark.parametrize("late", [0, 3_000])
@pytest.mark.parametrize("column", ["i", "f"])
def test_every_operation_forgets_what_is_taken_back(late, column):
    events, rows = world(late)
    wanted = aggregations(
        column, [each for each in ADDING + ORDERED + OTHERS if each != "approx_histogram_k"]
    )
    # So few values that the counters of k = 1 count each of them exactly.
    wanted += aggregations("few", ["approx_histogram_k"])
    got, report = join(events, rows, wanted, available_to="until")
    right = one_by_one(events, rows, wanted)
    for each in wanted:
        name = each["name"]
        if each["operation"] in ADDING:
            values = [frame.explode(name)[name] if frame.schema[name].is_nested() else frame[name]
                      for frame in (got, right)]  # fmt: skip
            assert values[0].null_count() == values[1].null_count()
            scale = 1e-9 * (1 + (values[1].abs().max() or 0))
            assert ((values[0] - values[1]).abs() <= scale).all(), name
        else:
            assert got[name].equals(right[name]), name
    assert report["matched_rows"] > 0


def test_a_row_that_saw_only_what_was_taken_back_is_not_matched():
    events = pl.DataFrame(
        {"k": [1, 1], "et": [0, 1], "av": [0, 1], "id": [1, 2], "i": [5, 6], "until": [4, 8]}
    )
    rows = pl.DataFrame({"k": [1] * 5, "t": [0, 2, 5, 8, 9]})
    for window in [("unbounded", 0, 0), ("tumbling", 3, 0)]:
        got, report = join(events, rows, [spec("n", "i", "count", *window)], available_to="until")
        seen = [n > 0 for n in got["n"]]
        assert report["matched_rows"] == sum(seen)
    got, report = join(events, rows, [spec("m", "i", "max", "unbounded")], available_to="until")
    assert (got["m"].to_list(), report["matched_rows"]) == ([None, 6, 6, 6, None], 3)
    got, _ = join(events, rows, [spec("m", "i", "max", "unbounded")], available_to="until", inclusive=True)
    assert got["m"].to_list() == [5, 6, 6, None, None]


def test_what_is_taken_back_before_it_is_known_never_counts():
    events = pl.DataFrame({"k": [1], "et": [0], "av": [10], "id": [1], "i": [5], "until": [7]})
    rows = pl.DataFrame({"k": [1] * 4, "t": [6, 9, 10, 99]})
    got, report = join(events, rows, [spec("n", "i", "count", "unbounded")], available_to="until")
    assert (got["n"].to_list(), report["matched_rows"]) == ([0, 0, 0, 0], 0)


def test_a_column_of_nulls_takes_nothing_back_and_no_column_of_arrivals_is_needed():
    events, rows = world(500)
    wanted = aggregations("i", ["sum", "min", "median", "approx_unique_count"])
    never = events.with_columns(pl.lit(None, dtype=pl.Int64).alias("until"))
    assert join(never, rows, wanted, available_to="until")[0].equals(join(never, rows, wanted)[0])
    at_once = join(events, rows, wanted, available_to="until", available_at=None)[0]
    known = events.with_columns(pl.col("et").alias("av"))
    assert at_once.equals(join(known, rows, wanted, available_to="until")[0])


def test_times_in_microseconds_are_asked_for():
    events, rows = world(0)
    for bad in (pl.col("until").cast(pl.String), pl.col("until").cast(pl.Float64)):
        with pytest.raises(ValueError, match=r"'until'.*microseconds"):
            join(events.with_columns(bad), rows, [spec("n", "i", "count", "unbounded")], available_to="until")
    with pytest.raises(ValueError, match="'untill'"):
        join(events, rows, [spec("n", "i", "count", "unbounded")], available_to="untill")
