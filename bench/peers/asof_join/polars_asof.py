"""Polars: both sides sorted by time, `join_asof` by key, strictly before."""

import json
import sys
import time

import polars as pl


def join(folder: str) -> pl.DataFrame:
    events = pl.scan_parquet(f"{folder}/unique.parquet").sort("ts")
    rows = pl.scan_parquet(f"{folder}/rows.parquet").sort("ts")
    joined = rows.join_asof(
        events, on="ts", by="k", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    return joined.select("id", last="amount").collect()


folder, repeat = sys.argv[1], int(sys.argv[2])
best = float("inf")
for _ in range(repeat):
    started = time.perf_counter()
    result = join(folder)
    best = min(best, time.perf_counter() - started)
result.write_parquet(f"{folder}/polars_asof.parquet")
print(json.dumps({"seconds": best, "version": pl.__version__}))
