"""Twelve derivations of the dialect over rows: the kernel row by row, the same as a table, and plain Python.

`python -m bench.expressions --json`. Each derives a number, a truth or a text of five columns; two read others. Rows
come and go as dicts, as requests have them. `ours` is one row in µs, the median of rounds; beside it 10, 100 and 1,000
rows, a row. Plain Python is what a user would write by hand, nulls minded, and must give the same.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from bench.report import line, require_release, version
from bighead.pipeline_lib.features.derivation import resolve
from bighead.pipeline_lib.point_in_time.derived_expressions import with_derivations
from bighead.pipeline_lib.point_in_time.derived_rows import DerivedRows

Row = dict[str, Any]
SIZES, ROUNDS = (1, 10, 100, 1_000), 30
SCHEMA = pl.Schema(
    {"x": pl.Float64(), "n": pl.Int64(), "t": pl.String(), "ok": pl.Boolean(), "at": pl.Datetime("us", "UTC")}
)
DERIVED = {
    "sum": "x + n",
    "rate": "x / n",
    "high": "rate > 2 OR ok",
    "grown": "n * 3 - 1",
    "level": "CASE WHEN high THEN upper(t) ELSE 'low' END",
    "hour": "hour(at)",
    "size": "abs(x)",
    "root": "sqrt(x)",
    "rounded": "round(x)",
    "first": "COALESCE(x, n)",
    "rest": "n % 7",
    "long": "length(t) > 3",
}


def by_hand(row: Row) -> Row:
    """Return what a user writes in place of the expressions."""
    x, n, t, ok = row["x"], row["n"], row["t"], row["ok"]
    rate = None if x is None or not n else x / n
    high = True if ok or (rate is not None and rate > 2) else None if ok is None or rate is None else False
    return {
        "sum": None if x is None else x + n,
        "rate": rate,
        "high": high,
        "grown": n * 3 - 1,
        "level": t.upper() if high else "low",
        "hour": row["at"].hour,
        "size": None if x is None else abs(x),
        "root": None if x is None else math.sqrt(x),
        "rounded": None if x is None else float(math.floor(x + 0.5)),
        "first": float(n) if x is None else x,
        "rest": n % 7,
        "long": len(t) > 3,
    }


def rows_of(size: int) -> list[Row]:
    """Return rows, every fifth without `x`."""
    start = datetime(2025, 6, 1, tzinfo=UTC)
    return [
        {
            "x": None if n % 5 == 4 else 0.25 + n,
            "n": 1 + n % 9,
            "t": ("loft", "barn", "cabin")[n % 3],
            "ok": n % 2 == 0,
            "at": start + timedelta(minutes=n),
        }
        for n in range(size)
    ]


def micros_a_row(work: Callable[[list[Row]], Any], rows: list[Row]) -> float:
    """Return the median of rounds, by row, in µs."""
    taken = []
    for _ in range(ROUNDS):
        given = [dict(row) for row in rows]
        begun = time.perf_counter()
        work(given)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6 / len(rows)


def main() -> None:
    """Measure the three and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON line (always done)")
    parser.parse_args()
    require_release()
    columns = {name: (name,) for name in SCHEMA}
    derived = sorted(resolve("bench", DERIVED, columns), key=lambda each: (each.level, each.name))
    made = DerivedRows(SCHEMA, derived, "bench")

    def kernel(rows: list[Row]) -> list[Row]:
        for row in rows:
            made.add(row)
        return rows

    def table(rows: list[Row]) -> list[Row]:
        return with_derivations(pl.DataFrame(rows, schema=SCHEMA), derived, "bench").to_dicts()

    def python(rows: list[Row]) -> list[Row]:
        return [row | by_hand(row) for row in rows]

    sides = {"kernel": kernel, "polars": table, "python": python}
    for warm in sides.values():
        warm(rows_of(100))
    found = {
        name: {size: micros_a_row(work, rows_of(size)) for size in SIZES} for name, work in sides.items()
    }
    answers = [work(rows_of(1_000)) for work in sides.values()]
    extra = {
        f"{size}_rows_us_a_row": {name: round(each[size], 2) for name, each in found.items()}
        for size in SIZES
    }
    peers = {name: found[name][1] for name in ("polars", "python")}
    versions = {"bighead": version("bighead"), "polars": pl.__version__}
    same = all(each == answers[0] for each in answers)
    print(
        line(
            "expressions", "µs", found["kernel"][1], peers,
            higher_is_better=False, versions=versions, equal=same, extra=extra,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
