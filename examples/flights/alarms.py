"""How often would the drift monitor warn? On days that nothing was wrong with, and on the same days broken.

    PYTHONPATH=examples python -m flights.alarms

prints one JSON line: how many inputs drift on a day, by the custom of 0.25 alone and beyond what is usual too (mean
and median of six weeks, each day against all questions before its week), the seconds of one report, and the share of
inputs that are seen when each was broken on the first day of a week.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import Any

import polars as pl

from bighead.pipeline_lib.monitoring import DriftReport, measure_drift
from bighead.resources.settings import Settings
from bighead.session import Session
from flights.data import prepare
from flights.quote import GROUPS
from flights.training_set import flights

INPUTS = GROUPS["all"]
WEEKS = [datetime(2013, *day, tzinfo=UTC) for day in ((7, 5), (8, 2), (9, 6), (10, 4), (11, 1), (11, 22))]
CUSTOM = 0.25
# The first whole week that is trained on; the windows of the days before are nearly empty.
FIRST = "2013-01-04"
BREAKS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "gone": lambda values: values.clear(len(values)),
    "half gone": lambda values: values.set(pl.Series([True, False] * len(values)).head(len(values)), None),
    "in another unit": lambda values: values * 1000 if values.dtype.is_numeric() else values + "?",
}


def alarms(frame: pl.DataFrame, weeks: Sequence[datetime] = WEEKS) -> dict[str, Any]:
    """Judge every day of some weeks of a year of questions; return what the module's docstring lists."""
    asked = pl.col(flights.timestamp)
    calm: list[DriftReport] = []
    seen: dict[str, list[float]] = {name: [] for name in BREAKS}
    seconds = []
    for week in weeks:
        before = frame.filter(asked < week)
        for number in range(7):
            start = week + timedelta(days=number)
            day, began = frame.filter(asked >= start, asked < start + timedelta(days=1)), perf_counter()
            calm.append(judged(before, day))
            seconds.append(perf_counter() - began)
            for name, broken in BREAKS.items() if number == 0 else ():
                report = judged(before, day.with_columns(broken(day[column]) for column in INPUTS))
                seen[name].append(len(report.drifted(CUSTOM)) / len(INPUTS))
    custom = [sum(each.psi >= CUSTOM for each in report.features) for report in calm]
    usual = [len(report.drifted(CUSTOM)) for report in calm]
    return {
        "inputs": len(INPUTS),
        "days": len(calm),
        "by_custom": {"mean": round(mean(custom), 2), "median": median(custom)},
        "beyond_usual": {"mean": round(mean(usual), 2), "median": median(usual)},
        "seconds": round(max(seconds), 2),
        "rows": frame.filter(asked < weeks[-1]).height,
        "seen": {name: round(mean(shares), 3) for name, shares in seen.items()},
    }


def judged(before: pl.DataFrame, day: pl.DataFrame) -> DriftReport:
    """Return a day's drift from all questions before."""
    return measure_drift(before, day, INPUTS, timestamp=flights.timestamp)


def main() -> None:
    parser = argparse.ArgumentParser(description="State how often the drift monitor would warn.")
    parser.add_argument("--home", type=Path, default=None, help="BIGHEAD_HOME, where the warehouse is")
    given = parser.parse_args()
    settings = Settings() if given.home is None else Settings(home=given.home)
    prepare(settings.warehouse)
    frame = Session(settings).collect(flights, FIRST, "2013-11-29")
    print(json.dumps({"alarms": "flight_late", **alarms(frame)}))


if __name__ == "__main__":
    main()
