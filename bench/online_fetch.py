"""Features at request time from the embedded store: 1 key × 15 features, 100 keys × 15, 1 key × 250.

`python -m bench.online_fetch --json`. Windows are sums, counts and the like over a generation of a million events and
a streamed tail. Beside the plan stands the way by tables on the same store in the same process, which answers
whatever a plan does not take; both warm, every request for other keys. The peers are Feast on SQLite and on a Redis
that is started for it: it aggregates nothing at request time, but looks up 15 numbers computed before. `ours` is the
p50 of 1 key × 15, in µs; the ratios of 100 keys are beside.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from bench.report import line, peer, require_release, version
from bighead.cli.twins import redis_server
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureRef, FeatureSet
from bighead.pipeline_lib.point_in_time import clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher

FEAST = "feast[redis]==0.67.0"
MIDNIGHT = datetime(2025, 6, 1, tzinfo=UTC)
AT = microseconds(MIDNIGHT + timedelta(hours=1))
OPERATIONS = ("count", "sum", "average", "max", "last")
FEW, MANY = ("1h", "1d", "7d"), tuple(f"{hours}h" for hours in range(1, 51))
Asked = Sequence[list[dict[str, Any]]]


def feature_set(name: str, windows: Sequence[str]) -> FeatureSet:
    """Return five operations over each of the windows, on a stream."""
    source = EventSource(table="payments", stream="payments", event_time="at", event_id="id")
    made = [Aggregation("amount", operation, windows=windows) for operation in OPERATIONS]
    return FeatureSet(name=name, owner="bench", keys=["user"], source=source, aggregations=made)


def make_events(users: int, each: int) -> pl.DataFrame:
    """Return events of users over the week before midnight."""
    random, size = np.random.default_rng(7), users * each
    ages = pl.Series(random.integers(1, 7 * 86_400_000_000, size))
    return pl.DataFrame(
        {"user": np.arange(size) % users, "amount": random.gamma(2, 50, size).round()}
    ).select(
        "user",
        (pl.lit(MIDNIGHT) - ages.cast(pl.Duration("us"))).cast(pl.Datetime("us", "UTC")).alias("at"),
        pl.Series("id", [f"e{number}" for number in range(size)]),
        "amount",
    )


def opened(
    folder: Path, sets: Sequence[FeatureSet], users: int, each: int
) -> tuple[LmdbOnlineStore, Streams]:
    """Return a store that holds a generation, and three streamed events of each user."""
    store, events = LmdbOnlineStore(folder / "online"), make_events(users, each)
    streams = Streams(folder / "streams", store)
    for one in sets:
        store.put_generation(one, MIDNIGHT, clean(events, one), {})
    for turn in range(3):
        fresh = [
            {"user": user, "at": MIDNIGHT + timedelta(minutes=turn), "id": f"n{turn}_{user}", "amount": 1.0}
            for user in range(users)
        ]
        streams.ingest("payments", fresh)
    return store, streams


def by_tables(store: LmdbOnlineStore, streams: Streams) -> OnlineFetcher:
    """Return a fetcher that makes no plans."""
    fetcher = OnlineFetcher(store, streams)
    fetcher._finder = None
    return fetcher


def timed(fetcher: OnlineFetcher, ref: FeatureRef, asked: Asked) -> dict[str, float]:
    """Return p50 and p99 of the requests, in µs."""
    # Warm means that the pages of the files are there, which the first requests for many keys still touch.
    warming = len(asked) // 3
    for rows in asked[:warming]:
        fetcher.fetch([ref], rows, AT)
    taken = []
    for rows in asked[warming:]:
        started = time.perf_counter()
        fetcher.fetch([ref], rows, AT)
        taken.append((time.perf_counter() - started) * 1e6)
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": round(float(p50), 1), "p99": round(float(p99), 1)}


def equal(one: OnlineFetcher, other: OnlineFetcher, ref: FeatureRef, asked: Asked) -> bool:
    """Compare statuses and values; averages and sums within rounding."""
    for rows in asked:
        left, right = one.fetch([ref], rows, AT), other.fetch([ref], rows, AT)
        frames = (pl.DataFrame(each.features).cast(pl.Float64) for each in (left, right))
        ours, theirs = (frame.fill_null(-1).to_numpy() for frame in frames)
        if left.statuses != right.statuses or not np.allclose(ours, theirs, rtol=1e-9, atol=1e-9):
            return False
    return True


def feast(users: int, requests: int) -> dict[str, dict[str, Any]]:
    """Return what Feast takes on either store."""
    found = {}
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        size = (str(users), str(min(requests, 500)))
        found["feast_sqlite"] = peer("online_fetch/feast_lookup.py", [FEAST], first, *size, "0")
        with redis_server(Path(second)) as url:
            found["feast_redis"] = peer(
                "online_fetch/feast_lookup.py", [FEAST], second, *size, str(urlsplit(url).port)
            )
    return found


def main() -> None:
    """Measure both ways and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=50, help="events a user")
    parser.add_argument("--requests", type=int, default=2_000)
    given = parser.parse_args()
    require_release()
    few, many = feature_set("few", FEW), feature_set("many", MANY)
    random, extra, same = np.random.default_rng(11), dict[str, Any](), True
    with tempfile.TemporaryDirectory() as folder:
        store, streams = opened(Path(folder), [few, many], given.users, given.events)
        planned, tabled = OnlineFetcher(store, streams), by_tables(store, streams)
        for name, one, keys in (("1x15", few, 1), ("100x15", few, 100), ("1x250", many, 1)):
            drawn = random.integers(0, given.users, (max(given.requests // keys, 900), keys)).tolist()
            asked, ref = [[{"user": user} for user in rows] for rows in drawn], one.on()
            same = same and equal(planned, tabled, ref, asked[:5])
            extra[name] = {
                "plan_us": timed(planned, ref, asked),
                "table_us": timed(tabled, ref, asked[:200]),
            }
        streams.close()
        store.close()
    peers = feast(given.users, given.requests)
    for name, found in peers.items():
        for asked_for, taken in found["us"].items():
            extra[asked_for][name] = taken
    print(told(extra, peers, same))


def told(extra: dict[str, Any], peers: dict[str, dict[str, Any]], same: bool) -> str:
    """Return the line: one key first, the ratios of a hundred beside it."""
    ours, table = (extra["1x15"][side]["p50"] for side in ("plan_us", "table_us"))
    hundred = extra["100x15"]["plan_us"]["p50"]
    extra["100x15"]["ratio"] = {
        name: round(found["us"]["100x15"]["p50"] / hundred, 2) for name, found in peers.items()
    }
    versions = {"bighead": version("bighead"), "polars": pl.__version__}
    versions |= {name: found["version"] for name, found in peers.items()}
    theirs = {"by tables": table} | {name: found["us"]["1x15"]["p50"] for name, found in peers.items()}
    return line(
        "online_fetch", "µs", ours, theirs, higher_is_better=False, versions=versions, equal=same, extra=extra
    )


if __name__ == "__main__":
    main()
