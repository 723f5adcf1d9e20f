"""What is usual: a seasonal reference is calm on a calm day, and what breaks is still seen."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from bighead.pipeline_lib.monitoring import LEAST_ROWS, DriftReport, measure_drift
from bighead.pipeline_lib.monitoring.calibration import LEAST_SPANS, spans_like
from bighead.pipeline_lib.monitoring.psi import BINS, CATEGORIES, psi

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS, ROWS, COLUMNS = 90, 200, 20


def day_of(number: int, rows: int = ROWS) -> pl.DataFrame:
    """A day of a season of 30 days, with weather of its own: twenty numbers, a word, a weekday."""
    rng = np.random.default_rng(number)
    season = 15 + 10 * np.sin(2 * np.pi * (number % 30) / 30)
    numbers = {f"x{n}": season + rng.normal(scale=3) + rng.normal(size=rows) for n in range(COLUMNS)}
    asked = [START + timedelta(days=number, seconds=n * (86_400 // rows)) for n in range(rows)]
    words = rng.choice(["a", "b", "c"], size=rows, p=[0.6, 0.3, 0.1])
    return pl.DataFrame(numbers).with_columns(
        at=pl.Series(asked), word=pl.Series(words), weekday=pl.lit(number % 7)
    )


@pytest.fixture(scope="module")
def reference() -> pl.DataFrame:
    return pl.concat([day_of(number) for number in range(DAYS)])


INPUTS = [*(f"x{n}" for n in range(COLUMNS)), "word", "weekday"]


def judged(reference: pl.DataFrame, current: pl.DataFrame) -> DriftReport:
    return measure_drift(reference, current, INPUTS, timestamp="at")


def test_a_calm_day_of_a_seasonal_year_is_not_flagged(reference):
    flagged = [judged(reference, day_of(number)).drifted() for number in range(DAYS, DAYS + 10)]
    # By chance a column exceeds the largest of 90 days on one day in 91: two or three in ten days of 22 columns.
    assert sum(map(len, flagged)) <= 6
    uncalibrated = [measure_drift(reference, day_of(n), INPUTS).drifted() for n in range(DAYS, DAYS + 10)]
    assert sum(map(len, uncalibrated)) > 150


def test_a_day_as_extreme_as_the_most_extreme_one_is_usual(reference):
    found = {each.column: each for each in judged(reference, day_of(DAYS)).features}["weekday"]
    assert found.psi == pytest.approx(found.usual, rel=0.2)
    assert found.psi > 5
    assert found.severity() < 1


@pytest.mark.parametrize(
    ("column", "broken"),
    [
        ("x3", pl.lit(None, pl.Float64)),
        ("x3", pl.lit(float("nan"))),
        ("x3", pl.col("x3") * 1000),
        ("x3", pl.col("x3") * 1.8 + 32),
        ("x3", pl.when(pl.int_range(pl.len()) % 2 == 0).then("x3")),
        ("word", pl.lit("never seen")),
        ("word", pl.lit(None, pl.String)),
        ("weekday", pl.lit(7)),
    ],
)
def test_what_breaks_is_seen_in_every_season(reference, column, broken):
    for number in (DAYS + 1, DAYS + 8, DAYS + 22):
        report = judged(reference, day_of(number).with_columns(broken.alias(column)))
        assert column in {each.column for each in report.drifted()}


def test_too_few_days_say_nothing_and_the_custom_holds(reference):
    few = reference.filter(pl.col("at") < START + timedelta(days=LEAST_SPANS - 1))
    report = judged(few, day_of(40))
    assert all(each.usual is None and each.missing_usual is None for each in report.features)
    assert report.drifted() == measure_drift(few, day_of(40), INPUTS).drifted()
    enough = reference.filter(pl.col("at") < START + timedelta(days=LEAST_SPANS))
    assert all(each.usual is not None for each in judged(enough, day_of(40)).features)


def test_small_days_do_not_set_the_bar_and_long_ones_are_thinned(reference):
    odd = day_of(DAYS, LEAST_ROWS - 1).with_columns(x3=pl.lit(1e9), at=START + timedelta(days=DAYS))
    usual = {each.column: each.usual for each in judged(reference, day_of(4)).features}
    with_odd = {each.column: each.usual for each in judged(pl.concat([reference, odd]), day_of(4)).features}
    assert with_odd["x3"] == pytest.approx(usual["x3"], rel=0.1)
    times = pl.concat([day_of(n, {0: 1000, 1: 150}.get(n, 350)) for n in range(LEAST_SPANS + 1)])["at"]
    short, long = spans_like(times, 160), spans_like(times, 3000)
    assert np.bincount(short.day[short.rows]).tolist() == [160, 150, *[160] * (LEAST_SPANS - 1)]
    assert np.ptp(np.diff(short.rows[:160])) <= 1, "evenly over the day"
    assert np.bincount(long.day[long.rows]).tolist() == [1000, 0, *[350] * (LEAST_SPANS - 1)]


def naive_usual(values: list, days: list, rows: int) -> tuple[float, float]:
    """Each day's kept rows against all rows, one row at a time."""
    before, found = Counter(places(values, values, values)), []
    for day in sorted(set(days)):
        its = [value for value, on in zip(values, days, strict=True) if on == day]
        if len(its) < max(LEAST_ROWS, min(np.median(list(Counter(days).values())), rows) / 2):
            continue
        kept = [value for n, value in enumerate(its) if (n + 1) * rows // len(its) > n * rows // len(its)]
        others = [value for value, on in zip(values, days, strict=True) if on != day]
        now = Counter(places(kept, values, others))
        bins = list(before | now)
        missing = psi(*([n.total() - n["missing"], n["missing"]] for n in (before, now)))
        found.append((psi([before[b] for b in bins], [now[b] for b in bins]), missing))
    return max(each for each, _ in found), max(each for _, each in found)


def places(values: list, whole: list, seen: list) -> list:
    """Return a name for the bin of each value: deciles and commonest are of `whole`, unseen is what `seen` lacks."""
    counts = Counter(present(whole))
    words = any(isinstance(value, str) for value in counts)
    common = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:CATEGORIES]
    edges = [] if words or not counts else np.quantile(present(whole), np.linspace(0, 1, BINS + 1)[1:-1])
    known = set(present(seen))

    def place(value):
        if not present([value]):
            return "missing"
        if words:
            return ("unseen", "=" + value, "rarer")[0 if value not in known else 1 if value in common else 2]
        if not known or value < min(known):
            return "below" if known else "above"
        return "above" if value > max(known) else bisect_left(sorted(set(edges)), value)

    return [place(value) for value in values]


def present(values: list) -> list:
    return [value for value in values if value is not None and value == value]


@pytest.mark.parametrize("seed", range(3))
def test_usual_is_what_a_loop_over_days_finds(seed):
    rng = np.random.default_rng(seed)
    days = np.sort(np.concatenate([rng.integers(0, 24, size=24 * 130), np.full(60, 30), np.full(350, 31)]))
    n = len(days)
    gaps = rng.random(n) < 0.1 * (days % 3)
    columns = {
        "number": [None if gap else value for gap, value in zip(gaps, rng.normal(days / 5), strict=True)],
        "nan": np.where(gaps, np.nan, rng.normal(days / 9)).tolist(),
        "whole": rng.integers(0, 4, size=n).tolist(),
        "daily": (days % 5).tolist(),
        "constant": [3.0] * n,
        "one_day": [1.5 if day == 7 else None for day in days],
        "empty": pl.Series([None] * n, dtype=pl.Float64),
        "word": [
            None if gap else f"w{value}" for gap, value in zip(gaps, rng.zipf(1.6, n) % 90, strict=True)
        ],
        "day_word": [f"on {day}" if rng.random() < 0.3 else "any" for day in days],
    }
    order = rng.permutation(n)
    at = pl.Series([START + timedelta(days=int(day)) for day in days])
    reference = pl.DataFrame({**columns, "at": at})[order]
    current = reference.sample(120, seed=seed)
    report = measure_drift(reference, current, list(columns), timestamp="at")
    for each in report.features:
        expected = naive_usual(reference[each.column].to_list(), days[order].tolist(), 120)
        assert (each.usual, each.missing_usual) == pytest.approx(expected, abs=1e-9), each.column
