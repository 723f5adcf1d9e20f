"""A stream of mutations of orders, for the tests of rows that change online."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet, Mutations
from bighead.pipeline_lib.point_in_time.spans import mutations_before

B, HOUR = datetime(2013, 3, 6, tzinfo=UTC), timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
LOG = {
    "id": pl.Int64,
    "k": pl.String,
    "ts": TIME,
    "x": pl.Int64,
    "made": TIME,
    "heard": TIME,
    "op": pl.String,
}
orders = FeatureSet(
    name="orders",
    owner="t",
    keys=["k"],
    source=EventSource(
        "log",
        "ts",
        stream="orders",
        event_id="id",
        available_at="heard",
        mutations=Mutations("made", operation="op"),
        where="x < 8",
    ),
    aggregations=[
        Aggregation("x", op, ["sliding:12h", "unbounded"]) for op in ("count", "sum", "max", "last_2")
    ],
)
inclusive = replace(orders, name="inclusive", boundary="inclusive")


def record(id, k, ts, x, made, late, op) -> dict:
    times = {"made": B + made * HOUR, "heard": B + (made + late) * HOUR}
    row = (
        {"k": k, "ts": B + ts * HOUR, "x": x}
        if op not in ("d", "delete")
        else {"k": None, "ts": None, "x": None}
    )
    return {"id": id, **row, **times, "op": op}


def frame(records: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([[each[name] for name in LOG] for each in records], schema=LOG, orient="row")


def sent(each: dict) -> dict:
    """As JSON has it; a delete names its row and no more."""
    told = {name: value for name, value in each.items() if value is not None}
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in told.items()}


class Tables:
    def __init__(self, table: pl.DataFrame):
        self.table = table

    def scan(self, name: str) -> pl.LazyFrame:
        return self.table.lazy()


def upload(store, feature_set, records, midnight=B - 12 * HOUR) -> None:
    found = mutations_before(feature_set, Tables(frame(records)), None, midnight)
    store.put_generation(feature_set, midnight, found, {})
