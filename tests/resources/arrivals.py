"""A stream of arrivals that feeds two feature sets, for the tests of streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_store import OnlineStore
from bighead.resources.stream import Streams

B = datetime(2013, 11, 2, tzinfo=UTC)
UTC_US = pl.Datetime("us", "UTC")
SOURCE = EventSource(
    table="arrivals",
    stream="arrivals",
    event_time="landed",
    available_at="heard",
    event_id="flight",
    select={"late": "CASE WHEN delay > 15 THEN 1.0 ELSE 0.0 END"},
    where="status = 'ok'",
)
carrier = FeatureSet(
    name="carrier",
    owner="t",
    keys=["carrier"],
    source=SOURCE,
    aggregations=[Aggregation("delay", "sum", windows=["1d"]), Aggregation("late", "sum", windows=["1d"])],
)
dest = replace(carrier, name="dest", keys=["dest"])


def schema(key: str) -> dict[str, pl.DataType]:
    fixed = {
        "event_time": UTC_US,
        "available_at": UTC_US,
        "event_id": pl.String(),
        "delay": pl.Float64(),
        "late": pl.Float64(),
    }
    return {key: pl.String(), **fixed}


def event(number: int, **changes) -> dict:
    at = (B + timedelta(minutes=number)).isoformat()
    return {
        "flight": f"f{number}",
        "carrier": "UA",
        "dest": "BOS",
        "landed": at,
        "heard": at,
        "delay": 20,
        "status": "ok",
    } | changes


def upload(store: OnlineStore) -> None:
    for each, key in ((carrier, "carrier"), (dest, "dest")):
        store.put_generation(each, B, pl.DataFrame(schema=schema(key)), {})


def fed_streams(folder: Path) -> Iterator[tuple[Streams, LmdbOnlineStore]]:
    """Yield streams over a store in which both sets are uploaded, and the store."""
    store = LmdbOnlineStore(folder / "online")
    upload(store)
    streams = Streams(folder / "streams", store)
    yield streams, store
    streams.close()
    store.close()
