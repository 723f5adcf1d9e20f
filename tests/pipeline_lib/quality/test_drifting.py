"""The drift check over made histories: healthy days that wander and have weekends, and days that were broken."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.profiles.column import ColumnProfile, merge_columns
from bighead.pipeline_lib.profiles.distance import profile_distance
from bighead.pipeline_lib.quality import Drift
from bighead.pipeline_lib.quality.checks import LEAST_TRAILING
from bighead.pipeline_lib.quality.drifting import drift_seen

DAYS = 120
CHECK = Drift("x")


def seen(days: list[pl.Series], numbers) -> list[str]:
    """What the check says of these days, each with its 28 predecessors."""
    columns = [ColumnProfile.of(each) for each in days]
    profiles = [Profile(each.count, {"x": each}) for each in columns]
    return [drift_seen(CHECK, "x", columns[n], profiles[max(0, n - CHECK.trailing) : n]) for n in numbers]


def healthy(seed: int, *, rows: int = 600, days: int = DAYS) -> list[pl.Series]:
    """Weekends lie elsewhere, the level wanders from day to day, and days have more rows or fewer."""
    random = np.random.default_rng(seed)
    made, level = [], 0.0
    for number in range(days):
        level = 0.8 * level + random.normal(0, 0.1)
        weekend = 0.8 if number % 7 >= 5 else 0.0
        n = int(rows * random.uniform(0.4, 1.6) * (0.5 if weekend else 1.0))
        values = random.normal(10 + level + weekend, 1.0, n)
        values[random.random(n) < 0.03] = np.nan
        made.append(pl.Series("x", values))
    return made


def words(seed: int) -> list[pl.Series]:
    """Sixty words by rank, of which the order of the rarer ones is chance."""
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(1, 61)
    return [
        pl.Series("x", [f"w{k}" for k in random.choice(60, 200, p=shares / shares.sum())])
        for _ in range(DAYS)
    ]


@pytest.mark.parametrize("make", [healthy, words])
def test_healthy_days_seldom_fail(make):
    judged = range(30, DAYS)
    alarms = [text for seed in range(3) for text in seen(make(seed), judged) if text]
    assert len(alarms) <= 0.01 * 3 * len(judged), alarms


def test_a_fixed_bar_would_cry_wolf_on_the_same_days():
    columns = [ColumnProfile.of(each) for each in healthy(0)]
    found = [profile_distance(merge_columns(columns[n - 28 : n]), columns[n]) for n in range(30, DAYS)]
    assert sum(each.psi > CHECK.max_psi for each in found) > 0.1 * len(found)


def _broken(values: pl.Series, how: str) -> pl.Series:
    numbers = values.to_numpy().copy()
    if how == "half is missing":
        numbers[::2] = np.nan
    elif how == "another unit":
        numbers *= 1.609
    elif how == "a constant":
        numbers[:] = 10.0
    elif how == "zero for missing":
        numbers[::3] = 0.0
    else:
        numbers += 4
    return pl.Series("x", numbers)


@pytest.mark.parametrize("at", [24, 110])
@pytest.mark.parametrize(
    "how", ["half is missing", "another unit", "a constant", "zero for missing", "moved"]
)
def test_broken_days_are_found_and_do_not_become_usual(how, at):
    for seed in range(3):
        days = healthy(seed)
        days[at] = _broken(days[at], how)
        days[-1] = _broken(days[-1], how)
        assert all(seen(days, [at, DAYS - 1])), (how, at, seed)


def test_words_that_go_are_found():
    days = words(0)
    days[-1] = days[-1].replace("w0", "W0")
    assert seen(days, [DAYS - 1])[0].startswith("PSI ")


def test_missing_values_are_told_as_such():
    random = np.random.default_rng(0)
    # The level of each day is its own, so that any PSI is usual and only missing values tell.
    days = [pl.Series("x", random.normal(10 + 4 * (n % 3), 1.0, 300)) for n in range(60)]
    values = days[-1].to_numpy().copy()
    values[::3] = np.nan
    days[-1] = pl.Series("x", values)
    assert seen(days, [59])[0].startswith("PSI of missing values")


def test_too_short_a_history_and_too_few_rows_are_not_judged():
    days = [pl.Series("x", np.random.default_rng(n).normal(10, 1, 300)) for n in range(LEAST_TRAILING)]
    broken = pl.Series("x", [99.0] * 300)
    assert seen([*days[1:], broken], [LEAST_TRAILING - 1]) == [""]
    assert seen([*days, broken], [LEAST_TRAILING]) != [""]
    assert seen([*days, broken.head(99)], [LEAST_TRAILING]) == [""]


def test_another_kind_of_values_is_told():
    days = [pl.Series("x", np.random.default_rng(n).normal(10, 1, 300)) for n in range(9)]
    assert seen([*days, pl.Series("x", ["a"] * 300)], [9]) == ["it holds String, and Float64 before"]


def test_a_new_level_is_told_for_some_days_and_is_usual_then():
    days = healthy(0)
    moved = [*days[:80], *(each + 6 for each in days[80:])]
    told = [bool(each) for each in seen(moved, range(80, DAYS))]
    assert all(told[:2])
    assert not any(told[10:])
