from __future__ import annotations

import dagster as dg
import pytest

WEEK1, WEEK2 = "2024-01-08", "2024-01-15"


@pytest.fixture
def trained(world):
    """Both weeks of the model that can pass are released, the newer one first, as after a backfill of the older."""
    for week in (WEEK2, WEEK1):
        assert world.train("buys", week).ok
    return world


def requests(tick):
    return [(request.run_key, request.run_config["ops"]) for request in tick.run_requests or []]


def test_a_release_becomes_active_through_a_run_that_the_sensor_asks_for(world):
    assert world.train("buys", WEEK1).ok
    tick = world.tick()
    [(run_key, ops)] = requests(tick)
    assert run_key.startswith("buys:1:")
    assert ops["models__buys__active"]["config"]["artifact"] == 1
    run = world.run(
        "models/buys/active", config={"models/buys/active": ops["models__buys__active"]["config"]}
    )
    assert run.ok, run.failures
    active = world.registry.active("buys")
    assert active is not None
    assert active.number == 1
    again = world.tick(tick.cursor)
    assert requests(again) == []
    assert again.skip_message == "no new release"


def test_a_failed_gate_asks_for_nothing(world):
    assert not world.train("buys_surely", WEEK1).ok
    assert requests(world.tick()) == []


def test_of_several_releases_the_newest_data_win_whatever_came_last(trained):
    [(run_key, _)] = requests(trained.tick())
    assert run_key.startswith("buys:1:"), "artifact 1 holds the newer week"


def test_an_older_release_never_becomes_active_whatever_launched_it(world):
    assert world.train("buys", WEEK2).ok
    assert world.activate("buys", 1).ok
    first = world.tick()
    assert world.train("buys", WEEK1).ok
    tick = world.tick(first.cursor)
    assert requests(tick) == []
    assert "has data until 2024-01-15" in tick.skip_message
    by_hand = world.activate("buys", 2)
    assert not by_hand.ok
    assert "data until" in next(iter(by_hand.failures.values()))
    assert world.registry.active("buys").number == 1


def test_rollback_is_one_run(trained):
    assert trained.activate("buys", 2).ok, "the older week first"
    assert trained.activate("buys", 1).ok
    back = trained.activate("buys", 2, rollback=True)
    assert back.ok, back.failures
    assert len(back.run_ids) == 1
    assert trained.registry.active("buys").number == 2
    assert [event.number for event in trained.registry.history("buys")] == [2, 1, 2]
    materialization = trained.instance.get_latest_materialization_event(
        dg.AssetKey(["models", "buys", "active"])
    )
    metadata = materialization.asset_materialization.metadata
    assert (metadata["artifact"].value, metadata["previous"].value) == (2, 1)


def test_a_bundle_that_does_not_load_is_never_active(trained):
    artifact = trained.registry.artifact("buys", 1)
    from pathlib import Path

    (Path(artifact.location) / "graph.json").unlink()
    run = trained.activate("buys", 1)
    assert not run.ok
    assert trained.registry.active("buys") is None


def test_a_registry_that_was_lost_says_so_and_the_sensor_goes_on(world):
    assert world.train("buys", WEEK1).ok
    for file in world.settings.root.glob("registry.sqlite*"):
        file.unlink()
    tick = world.tick()
    assert requests(tick) == []
    assert "no model is called 'buys'" in tick.skip_message
