"""A backfill in a process of its own: `backfill_child.py STORE FIRST LAST NIGHTS [FILE_BYTES DAYS]`, to be ended so.

NIGHTS is what every row says, so that one sees whose rows a day has; FILE_BYTES limits files, as a full disk does;
DAYS go into one commit.
"""

from __future__ import annotations

import resource
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.errors import BigheadError
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import backfill
from bighead.resources.offline_store import DeltaOfflineStore

T0 = datetime(2013, 1, 1, tzinfo=UTC)
DAYS = [T0.date() + timedelta(days=n) for n in range(60)]
ROWS_A_DAY = 400
STAYS = FeatureSet(
    name="stays",
    owner="t",
    keys=["home"],
    source=EventSource(table="stays", event_time="ts", event_id="id", start_date="2013-01-01"),
    aggregations=[Aggregation("nights", "sum", ["1d"])],
)


class Stays:
    """Two months of events, each saying the same number of nights."""

    def __init__(self, nights: int) -> None:
        count = len(DAYS) * ROWS_A_DAY
        steps = pl.int_range(count, eager=True)
        times = pl.Series([T0]).cast(pl.Datetime("us", "UTC")) + pl.duration(
            minutes=steps * 1440 // ROWS_A_DAY
        )
        self.frame = pl.DataFrame({"id": steps, "home": steps % 7, "nights": [nights] * count}).with_columns(
            ts=times
        )

    def scan(self, table: str) -> pl.LazyFrame:
        return self.frame.lazy()

    def fingerprint(self, table: str) -> str:
        return table


def main(root: str, first: str, last: str, nights: str, file_bytes: str = "", a_commit: str = "3") -> None:
    if file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_bytes), int(file_bytes)))
    days = [day for day in DAYS if date.fromisoformat(first) <= day <= date.fromisoformat(last)]
    tables, store = Stays(int(nights)), DeltaOfflineStore(Path(root))
    print("started", flush=True)
    sys.stdin.readline()
    try:
        backfill(
            STAYS,
            days,
            tables,
            store,
            force=True,
            tell=lambda done: print(done.last, flush=True),
            rows_a_commit=int(a_commit) * ROWS_A_DAY,
        )
    except BigheadError as error:
        print(f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
