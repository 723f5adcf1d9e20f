"""A backfill that is killed, starved or crossed by another: what was committed stands, and again finishes the rest."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.point_in_time import SourceRows, StoreRows, backfill
from bighead.pipeline_lib.point_in_time.stale import days_to_compute
from bighead.resources.offline_store import DeltaOfflineStore

CHILD = Path(__file__).with_name("backfill_child.py")
_spec = importlib.util.spec_from_file_location("backfill_child", CHILD)
assert _spec is not None
assert _spec.loader is not None
child = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(child)
DAYS, STAYS = child.DAYS, child.STAYS
END = datetime(2013, 3, 2, tzinfo=UTC)


def begin(root: Path, first: int = 0, last: int = -1, nights: int = 1, *limit: str) -> subprocess.Popen[str]:
    """Start a child, ready to go when a line is written to it."""
    words = [str(root), DAYS[first].isoformat(), DAYS[last].isoformat(), str(nights), *limit]
    started = subprocess.Popen(
        [sys.executable, str(CHILD), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "started\n"
    return started


def go(*children: subprocess.Popen[str]) -> None:
    for each in children:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()


def held(store: DeltaOfflineStore) -> pl.DataFrame:
    return StoreRows(store).rows(STAYS, child.T0, END).sort("event_id")


def whole(nights: int = 1) -> pl.DataFrame:
    return SourceRows(child.Stays(nights)).rows(STAYS, child.T0, END).sort("event_id")


@pytest.mark.parametrize("seed", range(4))
def test_a_backfill_killed_at_any_instant_leaves_whole_commits_and_again_finishes(seed, tmp_path):
    store = DeltaOfflineStore(tmp_path)
    with begin(tmp_path) as running:
        go(running)
        chance = random.Random(seed)
        for _ in range(4 * seed):
            assert running.stdout is not None
            running.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.08))
        running.kill()
    done = sorted(store.days("stays"))
    assert 12 * seed <= len(done) < len(DAYS), "it was killed underway"
    assert done == DAYS[: len(done)], "commits come in order of days"
    assert len(done) % 3 == 0, "a commit is there whole or not at all"
    if done:
        upto = datetime(done[-1].year, done[-1].month, done[-1].day, 23, 59, 59, 999_999, tzinfo=UTC)
        assert held(store).equals(whole().filter(pl.col("event_time") <= upto))
    lacking = days_to_compute(STAYS, DAYS, store.stored_days("stays"))
    assert lacking == DAYS[len(done) :]
    counts = backfill(STAYS, DAYS, child.Stays(1), store)
    assert held(store).equals(whole()), "nothing lacks, nothing is doubled"
    assert set(counts.values()) == {child.ROWS_A_DAY}


# Files of rows are some kilobytes, and the log's of a commit of 60 days many more.
@pytest.mark.parametrize("limit", [("2000", "3"), ("20000", "60")], ids=["the data", "the log"])
def test_a_full_disk_leaves_the_last_commit_and_again_finishes(limit, tmp_path):
    store = DeltaOfflineStore(tmp_path)
    backfill(STAYS, DAYS[:6], child.Stays(1), store)
    version, before = store.version("stays"), held(store)
    with begin(tmp_path, 0, -1, 2, *limit) as running:
        go(running)
        told = running.communicate()[0]
    assert "StoreError: features/stays cannot be written" in told
    assert "commit before stands" in told
    assert store.version("stays") == version
    assert held(store).equals(before)
    backfill(STAYS, DAYS, child.Stays(1), store)
    assert held(store).equals(whole())


def test_a_store_that_fails_in_between_leaves_the_commits_before(tmp_path):
    class Failing(DeltaOfflineStore):
        commits = 0

        def write_days(self, set_name, days, frame, definition=None, seconds=0.0) -> None:
            if self.commits == 2:
                raise StoreError("no space left on device.", cure="Make room.")
            super().write_days(set_name, days, frame, definition, seconds)
            self.commits += 1

    store = Failing(tmp_path)
    with pytest.raises(StoreError, match="no space"):
        backfill(STAYS, DAYS, child.Stays(1), store, rows_a_commit=10 * child.ROWS_A_DAY)
    assert store.days("stays") == set(DAYS[:20])
    store.commits = -9
    backfill(STAYS, DAYS, child.Stays(1), store)
    assert held(store).equals(whole())


def test_two_backfills_of_overlapping_days_lose_none_and_each_day_is_one_writers(tmp_path):
    store = DeltaOfflineStore(tmp_path)
    with begin(tmp_path, last=39, nights=1) as one, begin(tmp_path, first=20, nights=2) as other:
        go(one, other)
        told = [each.communicate()[0] for each in (one, other)]
    assert not [each for each in told if "Error" in each]
    assert store.days("stays") == set(DAYS)
    by_day = held(store).group_by(pl.col("event_time").dt.date()).agg(pl.len(), pl.col("nights").unique())
    assert set(by_day["len"]) == {child.ROWS_A_DAY}
    writers = {day: nights for day, _, nights in by_day.iter_rows()}
    assert all(len(each) == 1 for each in writers.values()), "a day is one writer's"
    assert {writers[day][0] for day in DAYS[:20]} == {1}
    assert {writers[day][0] for day in DAYS[40:]} == {2}
    assert store.version("stays") == sum(each.count("2013-") for each in told) - 1, (
        "each commit is one version"
    )
