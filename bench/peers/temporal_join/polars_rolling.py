"""Polars: events and rows in one sorted frame, `rolling` by key for each window, then the rows alone."""

import json
import sys
import time

import polars as pl


def join(folder: str) -> pl.DataFrame:
    events = pl.read_parquet(f"{folder}/events.parquet", columns=["k", "ts", "amount"])
    rows = pl.read_parquet(f"{folder}/rows.parquet")
    both = pl.concat(
        [events.with_columns(id=None), rows.with_columns(amount=None)], how="diagonal_relaxed"
    ).sort("k", "ts")
    amount, wide = pl.col("amount"), None
    for days in (7, 30, 90):
        rolled = both.rolling("ts", period=f"{days}d", group_by="k", closed="left").agg(
            amount.count().alias(f"count_{days}"),
            amount.sum().alias(f"sum_{days}"),
            amount.mean().alias(f"average_{days}"),
            amount.min().alias(f"min_{days}"),
            amount.max().alias(f"max_{days}"),
        )
        wide = rolled if wide is None else pl.concat([wide, rolled.drop("k", "ts")], how="horizontal")
    return wide.with_columns(both["id"]).filter(pl.col("id").is_not_null())


folder, repeat = sys.argv[1], int(sys.argv[2])
best = float("inf")
for _ in range(repeat):
    started = time.perf_counter()
    result = join(folder)
    best = min(best, time.perf_counter() - started)
result.write_parquet(f"{folder}/polars.parquet")
print(json.dumps({"seconds": best, "version": pl.__version__}))
