"""Larger than memory: 100 M events × 10 M rows × 3 windows × 5 operations, Parquet to Parquet, within 6 GB.

`python -m bench.large_join --json`. A third of all events have one key. Ours spills by key hash at every size, with
as much memory; each size runs once, in a process of its own whose memory (PSS of it and its children) is sampled
meanwhile. The answers of 1,000 keys, the hot one among them, are compared with the join in memory. No peer is
measured: none was tried at this size.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from bench.report import DATA, line, require_release, version
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import Memory, values_at
from bighead.pipeline_lib.point_in_time.large_join import LargeJoin
from bighead.pipeline_lib.point_in_time.spilling import spill_folder

LIMIT_MB, BUDGET_GB = 6_000, 3.0
OPERATIONS, WINDOWS = ("count", "sum", "average", "min", "max"), ("7d", "30d", "90d")
CHUNK, KEYS, DAY_MS = 5_000_000, 1_000_000, 86_400_000
PURCHASES = FeatureSet(
    name="purchases",
    owner="bench",
    keys=["k"],
    source=EventSource(table="events", event_time="event_time"),
    aggregations=[Aggregation("amount", each, [f"sliding:{w}" for w in WINDOWS]) for each in OPERATIONS],
)


def make_data(folder: Path, events: int, rows: int) -> None:
    """Write events and rows over a year, a file a chunk, so that no more than a chunk is held."""
    if (folder / "done").exists():
        return
    for name, size, first_day in (("events", events, 0), ("rows", rows, 100)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(range(0, size, CHUNK)):
            some, random = min(CHUNK, size - start), np.random.default_rng([7, number, first_day])
            key = np.where(random.random(some) < 1 / 3, 0, random.integers(1, KEYS, some))
            at = pl.Series(random.integers(first_day * DAY_MS, 365 * DAY_MS, some)).cast(pl.Datetime("ms"))
            frame = pl.DataFrame({"k": key}).with_columns(
                at.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("event_time")
            )
            if name == "events":
                amount = pl.Series(random.gamma(2, 50, some)).round(2)
                frame = frame.with_columns(available_at=pl.col("event_time"), amount=amount)
            frame.write_parquet(folder / name / f"{number:03}.parquet", compression="lz4")
    (folder / "done").touch()


def join(folder: Path) -> float:
    """Join the files of a folder and return the seconds."""
    events, left = (
        pl.scan_parquet(folder / "events" / "*.parquet"),
        pl.scan_parquet(folder / "rows" / "*.parquet"),
    )
    shutil.rmtree(folder / "out", ignore_errors=True)
    memory, started = Memory(int(BUDGET_GB * 1e9), folder / "spill"), time.perf_counter()
    work = LargeJoin.of(left, "event_time", [PURCHASES.on()], {"purchases": events}, memory)
    with spill_folder(memory) as place:
        work.write(folder / "out", ["k", "event_time"], place)
    return time.perf_counter() - started


def measure(events: int, rows: int) -> dict[str, float]:
    """Join in a process of its own; return its seconds and the most memory that its tree held, in MB."""
    command = [
        sys.executable,
        "-m",
        "bench.large_join",
        "--ours",
        "--events",
        str(events),
        "--rows",
        str(rows),
    ]
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        while child.poll() is None:
            peak = max(peak, pss_mb(child.pid))
            time.sleep(0.1)
        told = child.stdout.read() if child.stdout else ""
    if child.returncode:
        sys.exit(f"the join of {events} events failed")
    return {"seconds": float(json.loads(told.splitlines()[-1])["seconds"]), "mb": peak}


def pss_mb(process: int) -> float:
    """Return the proportional set size of a process and its children; 0 where it is gone."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        return 0.0
    own = sum(int(each.split()[1]) for each in rollup.splitlines() if each.startswith("Pss:")) / 1024
    return own + sum(pss_mb(int(each)) for each in children)


def equal(folder: Path) -> bool:
    """Compare the answers of 1,000 keys with the join in memory: floats that were added within rounding."""
    keys = [0, *np.random.default_rng(1).integers(1, KEYS, 999).tolist()]
    files = {name: pl.scan_parquet(folder / name / "*.parquet") for name in ("events", "rows", "out")}
    some = {name: each.filter(pl.col("k").is_in(keys)) for name, each in files.items()}
    # Of the hot key a few questions are enough; all its events are joined.
    few = (pl.col("k") != 0) | (pl.col("event_time").dt.epoch("ms") % 997 == 0)
    left, found = some["rows"].filter(few).collect(), some["out"].filter(few).collect()
    values, _ = values_at(left, PURCHASES.on(), some["events"].collect(engine="streaming"), "event_time")
    for name in values.columns:
        one, other = values[name].cast(pl.Float64), found[name].cast(pl.Float64)
        added = "_sum_" in name or "_average_" in name
        near = (one - other).abs() <= (1e-9 * one.abs() if added else 0.0)
        if not (near.fill_null(False) | (one.is_null() & other.is_null())).all():
            return False
    asked, answered = (files[name].select("k", "event_time").collect() for name in ("rows", "out"))
    return asked.equals(answered) and left.height > 0


def main() -> None:
    """Measure each size up to that asked for and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=100_000_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--ours", action="store_true", help="join only, here")
    asked = parser.parse_args()
    if asked.ours:
        print(json.dumps({"seconds": join(DATA / f"large_join_{asked.events}_{asked.rows}")}))
        return
    require_release()
    found: dict[int, dict[str, float]] = {}
    same = True
    for part in (100, 10, 1):
        events, rows = asked.events // part, asked.rows // part
        folder = DATA / f"large_join_{events}_{rows}"
        make_data(folder, events, rows)
        found[events] = measure(events, rows)
        same = same and equal(folder)
    per_million = {str(size): round(each["seconds"] / size * 1e6, 3) for size, each in found.items()}
    largest = found[asked.events]
    extra = {
        "peak_mb": round(largest["mb"]),
        "limit_mb": LIMIT_MB,
        "seconds_per_million": per_million,
        "flat": round(max(per_million.values()) / min(per_million.values()), 2),
    }
    versions = {"bighead": version("bighead"), "polars": pl.__version__}
    told = line(
        "large_join",
        "s",
        largest["seconds"],
        {},
        higher_is_better=False,
        versions=versions,
        equal=same,
        extra=extra,
    )
    print(told)


if __name__ == "__main__":
    main()
