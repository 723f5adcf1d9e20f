"""One hot key: 100 k questions × 10 k events of the same key × 3 windows × 5 operations, in memory.

`python -m bench.hot_key --json`. Beside us Polars' rolling aggregation on the same frames in the same process; both
warm, best of five.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from bench.report import line, require_release, version
from bench.temporal_join import DAY_US, DAYS, OPERATIONS


def make_data(events: int, rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return events and questions of one key over a year, sorted by time."""
    random = np.random.default_rng(7)

    def frame(size: int) -> pl.DataFrame:
        at = np.sort(random.choice(365 * DAY_US // 1000, size, replace=False)) * 1000
        return pl.DataFrame({"k": ["hot"] * size, "ts": pl.Series(at).cast(pl.Datetime("us"))})

    return frame(events).with_columns(amount=pl.Series(random.gamma(2, 50, events))), frame(rows)


def ours(events: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Join by the kernel."""
    from bighead_kernels import temporal_join

    wanted = [
        {"name": f"{op}_{d}", "column": "amount", "operation": op, "window": ("sliding", d * DAY_US, 0)}
        for d in DAYS
        for op in OPERATIONS
    ]
    table, _ = temporal_join(
        events, rows, keys=["k"], event_time="ts", available_at=None, timestamp="ts", tie_break=[],
        aggregations=wanted,
    )  # fmt: skip
    return pl.DataFrame(table)


def polars(events: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Join by rolling over both in one sorted frame."""
    both = pl.concat([events, rows], how="diagonal").sort("ts")
    amount, parts = pl.col("amount"), []
    for days in DAYS:
        rolled = both.rolling("ts", period=f"{days}d", group_by="k", closed="left").agg(
            amount.count().alias(f"count_{days}"),
            amount.sum().alias(f"sum_{days}"),
            amount.mean().alias(f"average_{days}"),
            amount.min().alias(f"min_{days}"),
            amount.max().alias(f"max_{days}"),
        )
        parts.append(rolled.drop("k", "ts"))
    return pl.concat(parts, how="horizontal").filter(both["amount"].is_null())


def best(work: Callable[[], pl.DataFrame], repeat: int) -> tuple[float, pl.DataFrame]:
    """Return the best milliseconds of some runs, and the result."""
    result, seconds = work(), []
    for _ in range(repeat):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    return min(seconds) * 1000, result


def equal(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Compare counts and extremes exactly, sums and averages within rounding."""
    for name in one.columns:
        empty = one[f"count_{name.rpartition('_')[2]}"] == 0
        left, right = (frame[name].cast(pl.Float64).fill_null(0).set(empty, 0.0) for frame in (one, other))
        tolerance = 1e-9 * float(left.abs().max()) if name.startswith(("sum", "average")) else 0.0  # type: ignore[arg-type]
        if float((left - right).abs().max()) > tolerance:  # type: ignore[arg-type]
            return False
    return True


def main() -> None:
    """Measure both and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    require_release()
    events, rows = make_data(asked.events, asked.rows)
    mine, result = best(lambda: ours(events, rows), asked.repeat)
    theirs, reference = best(lambda: polars(events, rows), asked.repeat)
    versions = {"bighead": version("bighead"), "polars": pl.__version__}
    told = line(
        "hot_key", "ms", mine, {"polars": theirs}, higher_is_better=False, versions=versions,
        equal=equal(result, reference),
    )  # fmt: skip
    print(told)


if __name__ == "__main__":
    main()
