"""Events kept for good a second: fsynced in the log, known by their ids, and indexed for a feature set.

`python -m bench.ingest --json`. Batches of 10,000 events go through `Streams.ingest`: each is checked against the
definition, cleaned, logged with one fsync, and put into the LMDB index in one commit. Beside it stands SQLite (WAL,
synchronous=FULL) with a table whose primary key is the id and an index by key and time, a transaction a batch; it
checks and cleans nothing. Then threads post single events at once, which share fsyncs. `ours` is events a second in
batches; `equal` says that both kept every event once, though the first batch is sent twice.
"""

from __future__ import annotations

import argparse
import gc
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.report import line, require_release, version
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import clean
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.stream import Streams

MIDNIGHT = datetime(2025, 6, 1, tzinfo=UTC)
BATCH = 10_000
PAYMENTS = FeatureSet(
    name="payments",
    owner="bench",
    keys=["user"],
    source=EventSource(table="payments", stream="payments", event_time="at", event_id="id"),
    aggregations=[Aggregation("amount", each, windows=["1h", "1d"]) for each in ("count", "sum", "max")],
)
Event = dict[str, Any]


def batches(events: int, users: int) -> Iterator[list[Event]]:
    """Yield batches of fresh events, of users in any order."""
    random = np.random.default_rng(7)
    for first in range(0, events, BATCH):
        drawn = random.integers(0, users, BATCH).tolist()
        yield [
            {
                "user": user,
                "at": MIDNIGHT + timedelta(milliseconds=n),
                "id": f"e{n}",
                "amount": float(n % 100),
            }
            for n, user in enumerate(drawn, first)
        ]


def opened(folder: Path) -> tuple[LmdbOnlineStore, Streams]:
    """Return a store that knows the definition, with hardly a row."""
    store = LmdbOnlineStore(folder / "online")
    row = {"user": [0], "at": [MIDNIGHT - timedelta(days=1)], "id": ["e"], "amount": [1.0]}
    store.put_generation(PAYMENTS, MIDNIGHT, clean(pl.DataFrame(row), PAYMENTS), {})
    return store, Streams(folder / "streams", store)


def size(folder: Path) -> int:
    """Return the bytes on the disk under a folder."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def ours(folder: Path, events: int, users: int) -> dict[str, float]:
    """Return events a second, bytes an event in log and index, and how many were kept."""
    store, streams = opened(folder)
    before, taken = size(folder / "online"), 0.0
    for batch in batches(events, users):
        # The events are the sender's; the collector need not look at them.
        gc.freeze()
        started = time.perf_counter()
        streams.ingest("payments", batch)
        taken += time.perf_counter() - started
    for batch in batches(BATCH, users):
        streams.ingest("payments", batch)
    told = {
        "kept": streams.position("payments"),
        "per_second": events / taken,
        "log_bytes": size(folder / "streams") / events,
        "index_bytes": (size(folder / "online") - before) / events,
    }
    streams.close()
    store.close()
    return told


def posters(folder: Path, threads: int, seconds: float) -> dict[str, float]:
    """Return events a second, and the p50 and p99 of a post in ms, where threads post one event at a time."""
    store, streams = opened(folder)
    taken: list[list[float]] = [[] for _ in range(threads)]
    end = time.perf_counter() + seconds

    def post(number: int) -> None:
        while (started := time.perf_counter()) < end:
            name = f"t{number}_{len(taken[number])}"
            streams.ingest("payments", [{"user": number, "at": MIDNIGHT, "id": name, "amount": 1.0}])
            taken[number].append(time.perf_counter() - started)

    posting = [threading.Thread(target=post, args=(number,)) for number in range(threads)]
    for each in posting:
        each.start()
    for each in posting:
        each.join()
    streams.close()
    store.close()
    every = np.concatenate([np.array(each) for each in taken]) * 1e3
    p50, p99 = np.percentile(every, [50, 99])
    return {
        "per_second": round(every.size / seconds),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
    }


def sqlite(folder: Path, events: int, users: int) -> tuple[float, int]:
    """Return events a second into a table keyed by id with an index by user and time, and how many were kept."""
    connection = sqlite3.connect(folder / "events.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE events (id TEXT PRIMARY KEY, user INTEGER, at INTEGER, amount REAL) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX by_user ON events (user, at)")
    taken = 0.0
    for number, batch in enumerate(chain(batches(events, users), batches(BATCH, users))):
        rows = [(e["id"], e["user"], int(e["at"].timestamp() * 1e6), e["amount"]) for e in batch]
        started = time.perf_counter()
        connection.execute("BEGIN")
        connection.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        taken += (time.perf_counter() - started) * (number < events // BATCH)
    kept = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    connection.close()
    return events / taken, kept


def main() -> None:
    """Measure both and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--folder", type=Path, help="where to write: a disk whose fsync counts")
    given = parser.parse_args()
    require_release()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        mine = ours(folder / "ours", given.events, given.users)
        (folder / "sqlite").mkdir()
        theirs, kept = sqlite(folder / "sqlite", given.events, given.users)
        singly = posters(folder / "posters", given.threads, 5)
    extra = {
        "log_bytes_per_event": round(mine["log_bytes"], 1),
        "index_bytes_per_event": round(mine["index_bytes"], 1),
    }
    print(
        line(
            "ingest", "events/s", mine["per_second"], {"sqlite": theirs}, higher_is_better=True,
            versions={"bighead": version("bighead"), "sqlite": sqlite3.sqlite_version},
            equal=mine["kept"] == kept == given.events, extra={**extra, f"{given.threads}_posters": singly},
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
