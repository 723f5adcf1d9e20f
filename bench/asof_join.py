"""As-of join: the last value before each question, 10 M events × 1 M rows, Parquet to result.

`python -m bench.asof_join --json`. Ours is the temporal join with `last` over all the past; Polars' `join_asof` and
DuckDB's ASOF JOIN read the same two Parquet files in a process of their own. Best of three each.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import polars as pl

from bench import temporal_join
from bench.report import DATA, line, ours, peer, require_release, version

POLARS, DUCKDB = temporal_join.POLARS, temporal_join.DUCKDB


def make_data(folder: Path, events: int, rows: int) -> None:
    """Write the events and rows of the temporal join, one event at a time of a key: ties have no common answer."""
    if (folder / "unique.parquet").exists():
        return
    temporal_join.make_data(folder, events, rows)
    happened = pl.read_parquet(folder / "events.parquet", columns=["k", "ts", "amount"])
    happened.unique(["k", "ts"], keep="any").sample(fraction=1, shuffle=True, seed=7).write_parquet(
        folder / "unique.parquet"
    )


def join(folder: Path) -> pl.DataFrame:
    """Read both files and join them."""
    from bighead_kernels import temporal_join as kernel

    events, rows = pl.read_parquet(folder / "unique.parquet"), pl.read_parquet(folder / "rows.parquet")
    last = {"name": "last", "column": "amount", "operation": "last", "window": ("unbounded", 0, 0)}
    table, _ = kernel(
        events, rows, keys=["k"], event_time="ts", available_at=None, timestamp="ts", tie_break=[],
        aggregations=[last],
    )  # fmt: skip
    return pl.concat([rows.select("id"), pl.DataFrame(table)], how="horizontal")


def measure(folder: Path, repeat: int) -> float:
    """Return the best seconds of `repeat` runs; the result is kept for the comparison."""
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        joined = join(folder)
        seconds.append(time.perf_counter() - started)
    joined.write_parquet(folder / "ours_asof.parquet")
    return min(seconds)


def equal(folder: Path, name: str) -> bool:
    """Compare a peer's result with ours, value by value."""
    mine, theirs = (
        pl.read_parquet(folder / f"{who}_asof.parquet").sort("id")["last"] for who in ("ours", name)
    )
    return bool(mine.eq_missing(theirs).all())


def main() -> None:
    """Measure us and both peers and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--ours", action="store_true", help="measure only us, here")
    asked = parser.parse_args()
    folder = DATA / f"temporal_join_{asked.events}_{asked.rows}"
    if asked.ours:
        print(json.dumps({"seconds": measure(folder, asked.repeat)}))
        return
    require_release()
    make_data(folder, asked.events, asked.rows)
    size = ["--events", str(asked.events), "--rows", str(asked.rows), "--repeat", str(asked.repeat)]
    mine = ours("bench.asof_join", "--ours", *size)["seconds"]
    peers = {
        "polars": peer("asof_join/polars_asof.py", [POLARS], str(folder), str(asked.repeat)),
        "duckdb": peer("asof_join/duckdb_asof.py", [DUCKDB], str(folder), str(asked.repeat)),
    }
    versions = {name: found["version"] for name, found in peers.items()} | {"bighead": version("bighead")}
    seconds = {name: found["seconds"] for name, found in peers.items()}
    same = all(equal(folder, name) for name in peers)
    print(line("asof_join", "s", mine, seconds, higher_is_better=False, versions=versions, equal=same))


if __name__ == "__main__":
    main()
