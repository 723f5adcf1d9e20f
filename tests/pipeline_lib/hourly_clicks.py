"""Clicks in days and in hours, for the tests of the grain of batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet

D = datetime(2013, 11, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
UTC_SCHEMA = {"id": pl.Int64, "user": pl.String, "ts": TIME, "heard": TIME, "n": pl.Int64}
WINDOWS = ["30m", "sliding:90m", "3h", "1d", "tumbling:1d", "snapshot:1d+2h"]


class Tables(dict[str, pl.DataFrame]):
    def scan(self, table: str) -> pl.LazyFrame:
        return self[table].lazy()

    def fingerprint(self, table: str) -> str:
        return str(self[table].hash_rows().sum())


def clicks(batch: str, boundary: str = "exclusive") -> FeatureSet:
    return FeatureSet(
        name="clicks",
        owner="t",
        keys=["user"],
        source=EventSource("clicks", "ts", available_at="heard", event_id="id", start_date="2013-11-01"),
        aggregations=[Aggregation("n", op, WINDOWS) for op in ("count", "sum", "max", "last")],
        boundary=boundary,
        batch=batch,
    )


def frame_of(events: Sequence[tuple[str, int, int, int | None]]) -> pl.DataFrame:
    rows = [
        (number, user, D + minute * MINUTE, D + (minute + late) * MINUTE, n)
        for number, (user, minute, late, n) in enumerate(events)
    ]
    return pl.DataFrame(rows, schema=UTC_SCHEMA, orient="row")
