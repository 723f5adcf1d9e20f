"""Beside each value, what contributed to it: how many inputs, or the time of the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from bighead_kernels import AggregationSpec

from bighead.pipeline_lib.point_in_time.clean import TIME


@dataclass(frozen=True)
class Seen:
    """What contributed to each output, whose column is `of[output]`: outputs of one input and window share it.

    A column holds the newest contributing event_time in µs, or, if `counted`, how many contributed; null, or a
    count of 0, is nothing.
    """

    columns: pl.DataFrame
    of: Mapping[str, str]
    counted: bool = False


def witnesses_of(plan: Iterable[AggregationSpec], *, counted: bool) -> dict[str, AggregationSpec]:
    """Return, for each output, the aggregation that tells what contributed."""
    found, known = {}, dict[tuple[object, ...], AggregationSpec]()
    for each in plan:
        # Bounds differ by their columns, other windows by the rest.
        what = (each["column"], each["window"], each.get("start_column"), each.get("end_column"))
        witness = known.get(what)
        if witness is None:
            witness = known[what] = each.copy()
            witness["name"] = f"__seen_{len(known)}"
            witness["operation"] = "count" if counted else "max"
            if not counted:
                witness["column"] = time_of(each["column"])
        found[each["name"]] = witness
    return found


def with_times(events: pl.DataFrame, plan: Iterable[AggregationSpec]) -> pl.DataFrame:
    """Add, for each input, the event_time (µs) of the rows that contribute to it; null in the others."""
    time, schema = pl.col(TIME).dt.epoch("us"), events.schema
    return events.with_columns(
        pl.when(pl.col(column).is_finite() if schema[column].is_float() else pl.col(column).is_not_null())
        .then(time)
        .alias(time_of(column))
        for column in dict.fromkeys(each["column"] for each in plan)
    )


def time_of(column: str) -> str:
    """Return the name of the column that holds the times of an input's values."""
    return f"__time_of_{column}"
