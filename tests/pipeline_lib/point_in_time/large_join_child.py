"""Joins a skewed million of events under a small budget, and prints what memory that took beyond the start."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time import Memory, values_at
from bighead.pipeline_lib.point_in_time.large_join import LargeJoin
from bighead.pipeline_lib.point_in_time.partition_join import Use

HOT = FeatureSet(
    name="hot",
    owner="t",
    keys=["k"],
    source=EventSource(table="hot", event_time="event_time"),
    aggregations=[Aggregation("x", each, ["1d", "7d"]) for each in ("count", "min", "max", "last")],
)


def peak_mb() -> float:
    """The largest resident set so far; getrusage would count that of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Join the files of a folder under a budget in MB, or all at once."""
    folder, budget = Path(sys.argv[1]), int(sys.argv[2])
    rows, left = pl.scan_parquet(folder / "rows.parquet"), pl.scan_parquet(folder / "left.parquet")
    if not budget:
        before, asked = peak_mb(), left.collect()
        values, _ = values_at(asked, HOT.on(), rows.collect(), "t")
        pl.concat([asked, values], how="horizontal").write_parquet(folder / "at_once.parquet")
        print(json.dumps({"mb": peak_mb() - before}))
        return
    # What the libraries hold for their own threads is not the join's.
    rows.head(100_000).sink_parquet(folder / "warm.parquet")
    before = peak_mb()
    join = LargeJoin.of(left, "t", [HOT.on()], {"hot": rows}, Memory(budget << 20))
    (use,) = join.uses
    assert isinstance(use, Use)
    join.write(folder / "parts", ["k", "t"], folder)
    slices = len([each for each in (folder / "answers_0").iterdir() if not each.name.endswith("_0")])
    print(json.dumps({"mb": peak_mb() - before, "slices": slices}))


if __name__ == "__main__":
    main()
