"""Temporal join: 10 M events × 1 M rows × 3 windows × (count, sum, average, min, max), Parquet to result.

`python -m bench.temporal_join --json`. Ours, Polars' rolling aggregation and DuckDB's range windows each read the
same two Parquet files in a process of their own, best of three, and write their result for the comparison. All
compute [t − W, t); our default, the sawtooth, and late arrivals are timed beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import polars as pl
from bighead_kernels import AggregationSpec

from bench.report import DATA, line, ours, peer, require_release, version

DAYS, DAY_US = (7, 30, 90), 86_400_000_000
OPERATIONS = ("count", "sum", "average", "min", "max")
POLARS, DUCKDB = "polars==2.1.0", "duckdb==2.0.0"


def make_data(folder: Path, events: int, rows: int, keys: int = 100_000) -> None:
    """Write events and rows over a year, with keys of which a few are far more frequent than most."""
    if (folder / "rows.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    day_ms = 86_400_000

    def frame(size: int, first_day: int) -> pl.DataFrame:
        key = np.minimum((keys * random.random(size) ** 3).astype("int64"), keys - 1)
        at = random.integers(first_day * day_ms, 365 * day_ms, size)
        return pl.DataFrame({"k": key, "ts": at}).with_columns(
            pl.col("ts").cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
        )

    late = pl.Series("late", random.exponential(3_600_000, events).astype("int64"))
    happened = frame(events, 0).with_columns(amount=pl.Series(random.gamma(2, 50, events)))
    happened = happened.with_columns(known=pl.col("ts") + pl.duration(milliseconds=late))
    happened.write_parquet(folder / "events.parquet")
    frame(rows, 100).with_row_index("id").write_parquet(folder / "rows.parquet")


def join(folder: Path, kind: str = "sliding", late: bool = False) -> pl.DataFrame:
    """Read both files and join them."""
    from bighead_kernels import temporal_join

    columns = ["k", "ts", "amount", *(["known"] if late else [])]
    events, rows = (
        pl.read_parquet(folder / "events.parquet", columns=columns),
        pl.read_parquet(folder / "rows.parquet"),
    )
    hop = DAY_US if kind == "sawtooth" else 0
    wanted: list[AggregationSpec] = [
        {
            "name": f"{op}_{d}",
            "column": "amount",
            "operation": op,
            "window": (kind, d * DAY_US, hop if d >= 12 else hop // 24),
        }
        for d in DAYS
        for op in OPERATIONS
    ]
    table, _ = temporal_join(
        events, rows, keys=["k"], event_time="ts", available_at="known" if late else None, timestamp="ts",
        tie_break=[], aggregations=wanted,
    )  # fmt: skip
    return pl.concat([rows.select("id"), pl.DataFrame(table)], how="horizontal")


def measure(folder: Path, kind: str, late: bool, repeat: int) -> float:
    """Return the best seconds of `repeat` runs; the plain one's result is kept for the comparison."""
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        joined = join(folder, kind, late)
        seconds.append(time.perf_counter() - started)
    if kind == "sliding" and not late:
        joined.write_parquet(folder / "ours.parquet")
    return min(seconds)


def equal(folder: Path, name: str) -> bool:
    """Compare a peer's result with ours: counts and extremes exactly, sums and averages within rounding."""
    mine = pl.read_parquet(folder / "ours.parquet").sort("id")
    theirs = pl.read_parquet(folder / f"{name}.parquet").sort("id")
    for d in DAYS:
        empty = mine[f"count_{d}"] == 0
        if not (mine[f"count_{d}"] == theirs[f"count_{d}"]).all():
            return False
        for op in OPERATIONS[1:]:
            ours_, theirs_ = (f[f"{op}_{d}"].fill_null(0).set(empty, 0.0) for f in (mine, theirs))
            tolerance = (
                0.0
                if op in ("min", "max")
                else 4 * 2.0**-52 * mine[f"count_{d}"].max() * float(ours_.abs().max())
            )
            if float((ours_ - theirs_).abs().max()) > tolerance:
                return False
    return True


def main() -> None:
    """Measure us and both peers and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--ours", metavar="KIND", help="measure only us, here: sliding, sawtooth or late")
    asked = parser.parse_args()
    folder = DATA / f"temporal_join_{asked.events}_{asked.rows}"
    if asked.ours:
        kind, late = ("sliding", True) if asked.ours == "late" else (asked.ours, False)
        print(json.dumps({"seconds": measure(folder, kind, late, asked.repeat)}))
        return
    require_release()
    make_data(folder, asked.events, asked.rows)
    print(compare(folder, ["--events", str(asked.events), "--rows", str(asked.rows)], str(asked.repeat)))


def compare(folder: Path, size: list[str], repeat: str) -> str:
    """Run every side and return the last line."""
    kinds = ("sliding", "sawtooth", "late")
    arguments = [*size, "--repeat", repeat]
    mine = {kind: ours("bench.temporal_join", "--ours", kind, *arguments)["seconds"] for kind in kinds}
    peers = {
        "polars": peer("temporal_join/polars_rolling.py", [POLARS], str(folder), repeat),
        "duckdb": peer("temporal_join/duckdb_window.py", [DUCKDB], str(folder), "1"),
    }
    same = all(equal(folder, name) for name in peers)
    seconds = {name: found["seconds"] for name, found in peers.items()}
    versions = {name: found["version"] for name, found in peers.items()} | {"bighead": version("bighead")}
    late_ratio = {name: round(value / mine["late"], 2) for name, value in seconds.items()}
    extra = {"sawtooth": round(mine["sawtooth"], 4), "late": round(mine["late"], 4), "late_ratio": late_ratio}
    return line(
        "temporal_join",
        "s",
        mine["sliding"],
        seconds,
        higher_is_better=False,
        versions=versions,
        equal=same,
        extra=extra,
    )


if __name__ == "__main__":
    main()
