"""The kernel in Spark against Spark's own window functions: the same Parquet files, session and local cores.

`python -m bench.spark --json`. 3 windows × (count, sum, average, min, max), [t − W, t), Parquet to Parquet. Each side
runs in a process of its own, once on a tenth of as much even data, which warms up the JVM, and then once; starting
Spark does not count. Three cases:

- `skewed`: the keys of bench.temporal_join; the most frequent of 100,000 has two to three events in a hundred.
- `even`: every key has about a hundred events, of a year. Both sides grow with the events alone.
- `hot`: a third of all events have one key.

Spark's frames are walked anew for each row, so that the peer grows with the square of a key's events. It is given
`--patience` seconds, and what it has not finished by then is told as `timed_out`: the ratio is then a lower bound.
`--case` measures one case only.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.report import DATA, line, require_release, version
from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.resources.spark_session import open_session, spark_conf

DAYS, DAY_MS = (7, 30, 90), 86_400_000
CASES = ("skewed", "even", "hot")
OPERATIONS = {"count": "count", "sum": "sum", "average": "avg", "min": "min", "max": "max"}
SET = FeatureSet(
    name="p",
    owner="bench",
    keys=["k"],
    source=EventSource(table="events", event_time="event_time"),
    aggregations=[Aggregation("amount", each, [f"sliding:{d}d" for d in DAYS]) for each in OPERATIONS],
)


def make_data(folder: Path, events: int, rows: int, case: str) -> None:
    """Write events and questions over a year, with the keys of a case."""
    if (folder / "left.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    random, keys = np.random.default_rng(7), max(events // 100, 2)
    for name, size, first in (("events", events, 0), ("left", rows, 100)):
        key = random.integers(1, keys, size)
        if case == "skewed":
            key = (100_000 * random.random(size) ** 3).astype(np.int64)
        elif case == "hot":
            key = np.where(random.random(size) < 1 / 3, 0, key)
        at = pl.Series(random.integers(first * DAY_MS, 365 * DAY_MS, size)).cast(pl.Datetime("ms"))
        frame = pl.DataFrame({"k": key, "event_time": at.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")})
        if name == "events":
            frame = frame.with_columns(available_at="event_time", amount=pl.Series(random.gamma(2, 50, size)))
        else:
            frame = frame.select(pl.int_range(size).alias("__number"), pl.all())
        frame.write_parquet(folder / f"{name}.parquet", row_group_size=1 << 17)


def join(session: Any, folder: Path) -> None:
    """Ours: the kernel in Spark's tasks."""
    from bighead.resources.spark_inputs import FileInput
    from bighead.resources.spark_join import SparkJoin

    left, events = (FileInput.of(session, [str(folder / f"{name}.parquet")]) for name in ("left", "events"))
    height = pl.scan_parquet(folder / "left.parquet").select(pl.len()).collect().item()
    work = SparkJoin(left, height, "event_time", [SET.on()], {"p": events}, 2 << 30)
    work.write(folder / "ours", ["__number"])


def window(session: Any, folder: Path) -> None:
    """The peer: both sides in one table, range windows by key, then the questions alone."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    at = f.unix_micros("event_time").alias("at")
    left = session.read.parquet(str(folder / "left.parquet"))
    left = left.select("__number", "k", at, f.lit(None).cast("double").alias("amount"))
    events = session.read.parquet(str(folder / "events.parquet"))
    events = events.select(f.lit(None).cast("bigint").alias("__number"), "k", at, "amount")
    by = Window.partitionBy("k").orderBy("at")
    columns = [
        getattr(f, sql)("amount")
        .over(by.rangeBetween(-d * DAY_MS * 1000, -1))
        .alias(f"p_amount_{op}_sliding_{d}d")
        for op, sql in OPERATIONS.items()
        for d in DAYS
    ]
    found = left.unionByName(events).select("__number", *columns).where("__number IS NOT NULL")
    found.write.mode("overwrite").parquet(str(folder / "spark"))


def measure(side: str, folder: Path, little: Path) -> float:
    """Run one side here, after a warm-up on little data, and return its seconds."""
    session = open_session(spark_conf() | {"spark.log.level": "ERROR", "spark.driver.memory": "6g"})
    run = {"ours": join, "spark": window}[side]
    run(session, little)
    shutil.rmtree(folder / side, ignore_errors=True)
    started = time.perf_counter()
    run(session, folder)
    seconds = time.perf_counter() - started
    session.stop()
    return seconds


def timed(side: str, folder: Path, little: Path, patience: float | None) -> float | None:
    """Run one side in a process of its own; None where it did not end in time."""
    command = [sys.executable, "-m", "bench.spark", "--side", side, str(folder), str(little)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        return None
    if ended.returncode:
        sys.exit(f"{side} failed:\n{ended.stderr[-4000:]}")
    return float(json.loads(ended.stdout.splitlines()[-1])["seconds"])


def equal(folder: Path) -> bool:
    """Compare both results: counts and extremes exactly, sums and averages within rounding."""
    one, other = (pl.read_parquet(folder / side / "*.parquet").sort("__number") for side in ("ours", "spark"))
    for name in one.columns:
        a, b = one[name].cast(pl.Float64), other[name].cast(pl.Float64)
        near = 1e-9 * a.abs() if "_sum_" in name or "_average_" in name else pl.zeros(len(a), eager=True)
        if not (((a - b).abs() <= near).fill_null(False) | (a.is_null() & b.is_null())).all():
            return False
    return one.height == other.height


def compared(case: str, folder: Path, little: Path, patience: float) -> dict[str, Any]:
    """Measure both sides on a case, one after the other."""
    ours, theirs = timed("ours", folder, little, None), timed("spark", folder, little, patience)
    if ours is None:
        sys.exit(f"our side of {case} did not end")
    return {
        "ours": round(ours, 3),
        "spark": round(theirs or patience, 3),
        "timed_out": theirs is None,
        "ratio": round((theirs or patience) / ours, 2),
        "equal": theirs is None or equal(folder),
    }


def main() -> None:
    """Measure both sides on each case, and print one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--patience", type=float, default=240.0, help="seconds that the peer is given")
    parser.add_argument("--case", choices=CASES, action="append", help="measure this case; default: all")
    parser.add_argument("--side", nargs=3, metavar=("SIDE", "FOLDER", "LITTLE"), help="one side only, here")
    asked = parser.parse_args()
    if asked.side:
        side, folder, little = asked.side
        print(json.dumps({"seconds": measure(side, Path(folder), Path(little))}))
        return
    require_release()
    little = DATA / f"spark_{asked.events // 10}_{asked.rows // 10}_even"
    make_data(little, asked.events // 10, asked.rows // 10, "even")
    found = {}
    for case in asked.case or CASES:
        folder = DATA / f"spark_{asked.events}_{asked.rows}_{case}"
        make_data(folder, asked.events, asked.rows, case)
        found[case] = compared(case, folder, little, asked.patience)
    first = next(iter(found.values()))
    peers, versions = {"spark": first["spark"]}, {each: version(each) for each in ("bighead", "pyspark")}
    same = all(each["equal"] for each in found.values())
    extra = {"events": asked.events, "rows": asked.rows, "cases": found}
    print(
        line(
            "spark",
            "s",
            first["ours"],
            peers,
            higher_is_better=False,
            versions=versions,
            equal=same,
            extra=extra,
        )
    )


if __name__ == "__main__":
    main()
