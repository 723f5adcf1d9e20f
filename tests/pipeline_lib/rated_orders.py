"""Orders that carry features of their sellers, of whom ratings tell: a set built on a set, and rows for both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from bighead.pipeline_lib.features import Aggregation, ChainedSource, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import values_at

TIME = pl.Datetime("us", "UTC")
T0 = datetime(2013, 3, 1, tzinfo=UTC)
DAYS = [date(2013, 3, 1) + timedelta(days=n) for n in range(6)]
RATED = {"n": pl.Int64, "seller": pl.String, "at": TIME, "known": TIME, "stars": pl.Float64}
SOLD = {"id": pl.Int64, "buyer": pl.String, "sold_by": pl.String, "ts": TIME, "price": pl.Int64}
START = "2013-03-01"
SELLERS = FeatureSet(
    name="sellers",
    owner="t",
    keys=["seller"],
    source=EventSource("ratings", "at", event_id="n", available_at="known", start_date=START),
    aggregations=[
        Aggregation("stars", "sum", ["2d"]),
        Aggregation("stars", "count", ["1d"]),
    ],
)
LEFT = EventSource("orders", "ts", event_id="id", start_date=START)
BUYERS = FeatureSet(
    name="buyers",
    owner="t",
    keys=["buyer"],
    source=ChainedSource(
        LEFT,
        [SELLERS.on(seller="sold_by")],
        select={"worth": "price * sellers_stars_sum_2d"},
        where="price > 0 AND sellers_stars_count_1d < 9",
    ),
    aggregations=[
        Aggregation("worth", "sum", ["3d"]),
        Aggregation("worth", "last", ["3d"]),
        Aggregation("sellers_stars_count_1d", "max", ["1d"]),
        Aggregation("price", "count", ["unbounded"], where="sellers_stars_sum_2d >= 2", name="good"),
    ],
)


class Tables(dict[str, pl.DataFrame]):
    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return ""


def tables(rated: list[dict[str, Any]], sold: list[dict[str, Any]]) -> Tables:
    return Tables(ratings=pl.DataFrame(rated, schema=RATED), orders=pl.DataFrame(sold, schema=SOLD))


def ask(
    made: FeatureSet, rows: pl.DataFrame, asked: list[tuple[str | None, datetime]]
) -> list[dict[str, Any]]:
    [key] = made.keys
    left = pl.DataFrame(asked, schema={key: pl.String, "t": TIME}, orient="row")
    return values_at(left, made.on(), rows, "t")[0].to_dicts()


RATINGS = [
    {
        "n": n,
        "seller": "st"[n % 2],
        "at": T0 + timedelta(hours=7 * n),
        "known": T0 + timedelta(hours=7 * n),
        "stars": n % 5.0,
    }
    for n in range(20)
]
ORDERS = [
    {
        "id": n,
        "buyer": "ab"[n % 2],
        "sold_by": "stt"[n % 3],
        "ts": T0 + timedelta(hours=9 * n),
        "price": n % 4,
    }
    for n in range(15)
]
END = T0 + timedelta(days=6)
