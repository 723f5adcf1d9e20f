"""Clicks, as generations and as a stream, for the tests that every online store must pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.online_rows import set_id
from bighead.resources.online_store import Applied, OnlineRows

B = datetime(2013, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
UTC_US = pl.Datetime("us", "UTC")
clicks = FeatureSet(
    name="clicks",
    owner="team:test",
    keys=["user", "shop"],
    source=EventSource(table="clicks", stream="clicks", event_time="event_time", event_id="event_id"),
    aggregations=[Aggregation("amount", "sum", windows=["1d"])],
)
SCHEMA = {
    "user": pl.String(),
    "shop": pl.Int64(),
    "event_time": UTC_US,
    "available_at": UTC_US,
    "event_id": pl.String(),
    "amount": pl.Float64(),
}


def rows(*given) -> pl.DataFrame:
    """Each row: user, shop, hours after B, id, amount."""
    values = [
        (user, shop, B + hours * HOUR, B + hours * HOUR, name, amount)
        for user, shop, hours, name, amount in given
    ]
    return pl.DataFrame(values, schema=SCHEMA, orient="row")


def names(fetched: OnlineRows) -> list[str]:
    return sorted(fetched.frame["event_id"].to_list())


def stream(frame: pl.DataFrame, first: int = 0) -> Applied:
    positions = list(range(first, first + frame.height))
    end = first + frame.height
    ids = dict(zip(frame["event_id"], positions, strict=True))
    return Applied("clicks", end, ids, {set_id(clicks): (frame, positions)}, {set_id(clicks): end})
