"""Each check over made days: when it holds, when it fails, and what it says was seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from bighead.pipeline_lib.features import Aggregation, EventSource, FeatureSet
from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality import Drift, Freshness, Lateness, NullRate, Range, Unique, Volume
from bighead.pipeline_lib.quality.judging import judge
from bighead.pipeline_lib.quality.ledger import record_verdicts, recorded_verdicts
from bighead.resources.profile_store import FileProfileStore

FIRST = date(2024, 1, 1)
NOW = datetime(2024, 1, 31, tzinfo=UTC)


def purchases(*checks) -> FeatureSet:
    return FeatureSet(
        name="purchase",
        owner="team:shop",
        keys=["shopper"],
        source=EventSource(table="purchases", event_time="ts", event_id="id", available_at="came_at"),
        aggregations=[
            Aggregation("price", "sum", windows=["7d"]),
            Aggregation("city", "last", windows=["7d"]),
        ],
        checks=checks,
    )


def day(number: int, prices, cities="x", ids=None) -> pl.DataFrame:
    at = datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=number)
    n = len(prices)
    return pl.DataFrame(
        {
            "shopper": [f"s{k}" for k in range(n)],
            "event_time": pl.Series([at] * n, dtype=pl.Datetime("us", "UTC")),
            "event_id": pl.Series(ids or [f"{number}-{k}" for k in range(n)], dtype=pl.String),
            "price": pl.Series(prices, dtype=pl.Float64),
            "city": [cities] * n,
        }
    )


@pytest.fixture
def judged(tmp_path):
    """Judge checks over frames, a day each from the first on; by default the last day."""

    def judge_days(frames, *checks, days=None):
        # A folder a call: days of an earlier one would be history.
        store = FileProfileStore(tmp_path / f"{len(list(tmp_path.iterdir()))}")
        every = pl.concat(frames)
        for number, frame in enumerate(frames):
            store.write("features", "purchase", str(FIRST + timedelta(days=number)), "s", Profile.of(frame))

        def rows(first, last):
            return every.lazy().filter(pl.col("event_time").dt.date().is_between(first, last))

        wanted = [len(frames) - 1] if days is None else days
        history = History(store, "features", "purchase")
        found = judge(purchases(*checks), [FIRST + timedelta(days=n) for n in wanted], history, rows, NOW)
        return found[0] if len(found) == 1 else found

    return judge_days


def test_null_rate(judged):
    frames = [day(0, [1, None]), day(1, [1, 2, 3, None]), day(2, [])]
    assert judged(frames, NullRate("price", max=0.25), days=[1, 2]).passed
    verdict = judged(frames, NullRate("price", max=0.25), days=[0, 1, 2])
    assert [(each.day, each.seen) for each in verdict.failing] == [("2024-01-01", "50.00% null")]
    assert verdict.judged == 3
    assert "at most 25.00% of price is null" in verdict.said


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        (Range("price", min=0), ""),
        (Range("price", min=1), "the least is 0.0"),
        (Range("price", max=4), "the greatest is 5.0"),
        (Range("price", min=0, max=5), ""),
        (Range("price", max="5"), "5.0, which cannot be compared with '5'"),
        (Range("ts", min="2024-01-01T12:00Z"), ""),
        (Range("ts", min="2024-01-02"), "the least is 2024-01-01T12:00:00+00:00"),
        (Range("city", max="w"), "the greatest is x"),
    ],
)
def test_range(judged, check, seen):
    verdict = judged([day(0, [0, 5, None, float("nan")])], check)
    assert verdict.passed == (not seen)
    assert seen in (verdict.failing[0].seen if verdict.failing else "")


def test_infinities_lie_in_no_range(judged):
    assert "1 infinite" in judged([day(0, [1, float("inf")])], Range("price", min=0)).said


def test_freshness_is_of_the_newest_row_there_is(judged):
    frames = [day(28, [1]), day(3, [2]), day(4, [])]
    assert judged(frames, Freshness("36h")).passed, "36 h old to the microsecond"
    assert judged(frames, Freshness("37h", column="ts")).passed
    assert "36.0 h old" in judged(frames, Freshness("35h")).said
    assert "no event_time" in judged([day(0, [])], Freshness("36h")).said


def test_volume(judged):
    steady = [day(n, [1] * 10) for n in range(5)]
    assert judged([*steady, day(5, [1] * 15)], Volume(within="50%")).passed
    assert "the mean before is 10" in judged([*steady, day(5, [1] * 16)], Volume(within="50%")).said
    assert not judged([*steady, day(5, [])], Volume(within=0.5)).passed
    assert judged([*steady[:2], day(2, [1] * 90)], Volume(within="50%")).passed, "two days give no mean"
    assert judged(steady, Volume(min_rows=10, max_rows=10)).passed
    assert "10 rows" in judged(steady, Volume(min_rows=11)).said
    assert "10 rows" in judged(steady, Volume(max_rows=9)).said


def test_unique_looks_at_rows_of_all_judged_days(judged):
    frames = [day(0, [1, 2], ids=["a", "b"]), day(1, [3], ids=["c"]), day(2, [4, 5], ids=["a", None])]
    check = Unique(["id"])
    assert judged(frames, check, days=[0, 1]).passed
    assert judged(frames, check, days=[2]).passed
    verdict = judged(frames, check, days=[0, 2])
    assert [(each.day, each.seen) for each in verdict.failing] == [
        ("2024-01-01", "1 values stand more than once, as a")
    ]
    assert judged(frames, Unique(["id", "ts"]), days=[0, 1, 2]).passed
    assert judged(frames, Unique("shopper"), days=[0, 1, 2]).judged == 3


def test_unique_counts_the_last_version_of_a_row_that_changed(judged):
    closed = datetime(2024, 1, 3, tzinfo=UTC)
    until = pl.Series("available_to", [closed, None, closed, None, None], dtype=pl.Datetime("us", "UTC"))
    # "a" was changed once, "b" deleted, and only "c" is there twice.
    frame = day(0, [1.0] * 5, ids=["a", "a", "b", "c", "c"]).with_columns(until)
    verdict = judged([frame], Unique("id"))
    assert [each.seen for each in verdict.failing] == ["1 values stand more than once, as c"]
    assert judged([frame.head(3)], Unique("id")).passed


def test_rows_beyond_lateness_are_counted(judged):
    def came(number: int, hours: list[float]) -> pl.DataFrame:
        frame = day(number, [1.0] * len(hours))
        return frame.with_columns(
            available_at=pl.col("event_time") + pl.Series([timedelta(hours=each) for each in hours])
        )

    frames = [came(0, [0, 1, 48]), came(1, [0, 49, 72]), came(2, [0, 0, 48.001])]
    verdict = judged(frames, Lateness(), days=[0, 1, 2])
    assert [(each.day, each.seen) for each in verdict.failing] == [
        ("2024-01-02", "2 of 3 rows came late, the last 72.0 h after its time"),
        ("2024-01-03", "1 of 3 rows came late, the last 48.0 h after its time"),
    ]
    assert judged(frames, Lateness(max=0.34), days=[0, 2]).passed
    assert judged(frames, Lateness("3d"), days=[0, 1, 2]).passed
    assert not judged(frames, Lateness("0s"), days=[0]).passed


def test_drift_of_numbers_and_of_words(judged):
    random = np.random.default_rng(0)
    calm = [day(n, random.normal(10, 2, 300)) for n in range(8)]
    assert judged(calm, Drift("price")).passed
    moved = [*calm, day(8, random.normal(14, 2, 300))]
    assert judged(moved, Drift("price")).failing[0].seen.startswith("PSI ")
    assert judged([*calm, day(8, [None] * 300)], Drift("price")).passed is False
    assert judged([*calm, day(8, [99.0] * 20)], Drift("price")).passed, "too few rows to judge"
    assert judged([*calm, day(8, random.normal(10, 2, 300), cities="y")], Drift("city")).passed is False
    assert judged(calm, Drift("city")).passed


def test_days_without_a_profile_are_not_judged(judged):
    verdict = judged([day(0, [1])], NullRate("price", max=0.1), days=[40])
    assert (verdict.passed, verdict.judged, verdict.said) == (True, 0, "no day to judge")


def test_the_last_verdict_of_each_declared_check_is_kept(judged, tmp_path):
    found = judged([day(0, [1, None])], NullRate("price", max=0.1), Volume(min_rows=1))
    profiles = FileProfileStore(tmp_path / "0")
    record_verdicts(profiles, purchases(NullRate("price", max=0.1), Volume(min_rows=1)), found, NOW)
    kept = recorded_verdicts(profiles, "purchase")
    assert [(each.verdict.check, each.passed, each.failing, each.at) for each in kept] == [
        ("null_rate_price", False, 1, NOW),
        ("volume", True, 0, NOW),
    ]
    assert [each.verdict for each in kept] == found
    record_verdicts(profiles, purchases(Volume(min_rows=1)), [], NOW)
    assert [each.verdict.check for each in recorded_verdicts(profiles, "purchase")] == ["volume"]
