"""How the temporal join grows: with more events, and with a second core.

`python -m bench.scaling --json`. Curve: the join of `bench.temporal_join` at 1, 10 and 100 M events with a tenth of the
rows, in memory, Parquet to result, each in a process of its own; `flat` is the largest time an event by the smallest,
where 1 says that an event costs the same at any size. Cores: 10 M events on one core and on two, and beside it what two
cores gain for a loop that only counts, since they may share a machine's parts. `ours` is our gain by the loop's;
`equal` says that one core and two gave the same answers, bit for bit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

import polars as pl

from bench.report import DATA, line, require_release, version
from bench.temporal_join import make_data

_LOOP = "for _ in range({turns}): pass"
_TURNS = 60_000_000


def seconds(events: int, cores: int | None = None, repeat: int = 3) -> float:
    """Return the best seconds of a join in a process of its own, on so many cores."""
    threads = {} if cores is None else {"RAYON_NUM_THREADS": str(cores), "POLARS_MAX_THREADS": str(cores)}
    make_data(DATA / f"temporal_join_{events}_{events // 10}", events, events // 10)
    size = ["--events", str(events), "--rows", str(events // 10), "--repeat", str(repeat)]
    command = [sys.executable, "-m", "bench.temporal_join", "--ours", "sliding", *size]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **threads})
    return float(json.loads(ended.stdout.strip().splitlines()[-1])["seconds"])


def answers_of(events: int) -> pl.DataFrame:
    """Return the answers of the last join of so many events, in the order of the rows."""
    return pl.read_parquet(DATA / f"temporal_join_{events}_{events // 10}" / "ours.parquet").sort("id")


def spin(processes: int) -> float:
    """Return the best seconds in which so many processes count to a number together."""
    command = [sys.executable, "-c", _LOOP.format(turns=_TURNS // processes)]
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        counting = [subprocess.Popen(command) for _ in range(processes)]
        for each in counting:
            each.wait()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    """Measure the curve and the cores and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000])
    parser.add_argument("--events", type=int, default=10_000_000, help="for the cores")
    asked = parser.parse_args()
    require_release()
    curve = {size: seconds(size) / size * 1e9 for size in asked.sizes}
    one = seconds(asked.events, 1)
    answers = answers_of(asked.events)
    gain = one / seconds(asked.events, 2)
    same = answers.equals(answers_of(asked.events))
    loop = spin(1) / spin(2)
    extra = {
        "ns_per_event": {str(size): round(each, 1) for size, each in curve.items()},
        "flat": round(max(curve.values()) / min(curve.values()), 2),
        "cores_gain": round(gain, 3),
        "loop_gain": round(loop, 3),
    }
    versions = {"bighead": version("bighead")}
    unit = "of the loop's gain"
    print(
        line(
            "scaling",
            unit,
            gain / loop,
            {},
            higher_is_better=True,
            versions=versions,
            equal=same,
            extra=extra,
        )
    )


if __name__ == "__main__":
    main()
