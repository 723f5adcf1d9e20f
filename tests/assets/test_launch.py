from __future__ import annotations

import pytest

from bighead.assets.launch import asset_key, check_partitions, partition_keys_between
from bighead.pipeline_lib.errors import DefinitionError, UnknownNameError


def test_progress_is_told_in_order(world):
    from bighead.assets.launch import materialize

    told = []
    keys = ["2024-01-02", "2024-01-03"]
    run = materialize(
        world.defs,
        ["features/purchase"],
        keys,
        instance=world.instance,
        on_progress=lambda *each: told.append(each),
    )
    own = [word for name, word in told if name == "features/purchase"]
    assert own == ["started", "done"], "the checks on it are steps of their own"
    assert run.ok
    assert run.seconds > 0
    assert len(run.run_ids) == 1


def test_each_commit_of_a_backfill_is_told_while_its_run_goes_on(empty_world, monkeypatch):
    from bighead.assets.launch import materialize

    monkeypatch.setattr("bighead.pipeline_lib.point_in_time.spans._MOST_DAYS", 10)
    told = []
    run = materialize(
        empty_world.defs,
        ["features/purchase"],
        empty_world.keys("features/purchase"),
        instance=empty_world.instance,
        on_chunk=lambda name, done: told.append((name, done.days, done.whole)),
    )
    assert told == [("purchase", 10, 21), ("purchase", 20, 21), ("purchase", 21, 21)]
    assert len(run.run_ids) == 1
    assert empty_world.offline.version("purchase") == 2


def test_days_are_one_run_for_each_stretch_of_them(empty_world):
    keys = ["2024-01-05", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-09"]
    run = empty_world.run("features/purchase", keys=keys)
    assert len(run.run_ids) == 2
    assert sorted(day.isoformat() for day in empty_world.offline.days("purchase")) == sorted(keys)


def test_days_that_do_not_follow_one_another_are_runs_of_their_own(world):
    run = world.run("features/purchase", keys=["2024-01-05", "2024-01-02", "2024-01-09"])
    assert run.ok
    assert len(run.run_ids) == 3
    assert run.rows["features/purchase"] > 0


def test_the_first_failure_ends_a_series(empty_world):
    run = empty_world.run("models/buys/artifact", keys=["2024-01-08", "2024-01-15"])
    assert not run.ok
    assert len(run.run_ids) == 1


def test_a_wrong_name_is_answered_with_the_nearest(world):
    with pytest.raises(UnknownNameError, match="features/purchase"):
        asset_key(world.defs, "features/purchse")
    with pytest.raises(UnknownNameError, match="2024-01-21"):
        world.run("features/purchase", keys=["2024-01-22"])


def test_what_cannot_run_together_is_refused(world):
    with pytest.raises(DefinitionError, match="one kind of partition"):
        world.run("features/purchase", "training_sets/visit", keys=["2024-01-08"])
    with pytest.raises(DefinitionError, match="name partitions"):
        world.run("features/purchase")
    with pytest.raises(DefinitionError):
        check_partitions([], [])
    with pytest.raises(DefinitionError, match="no partitions"):
        partition_keys_between(world.defs, "models/buys/active")


def test_bounds_are_included(world):
    assert world.keys("features/purchase", "2024-01-20") == ["2024-01-20", "2024-01-21"]
    assert world.keys("features/purchase", last="2024-01-02") == ["2024-01-01", "2024-01-02"]
