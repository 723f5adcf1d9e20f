from __future__ import annotations

from contextlib import suppress

import dagster as dg

PARTS = ("artifact", "evaluation", "release")


def materialized(world, key: str) -> set[str]:
    return world.instance.get_materialized_partitions(dg.AssetKey(key.split("/")))


def test_a_week_is_trained_judged_and_released(world):
    run = world.train("buys", "2024-01-08")
    assert run.ok, run.failures
    artifact = world.registry.artifact("buys", 1)
    assert artifact.released
    assert artifact.partition == "2024-01-08"
    assert artifact.data_interval[1].isoformat() == "2024-01-15T00:00:00+00:00"
    assert {check.name: check.passed for check in artifact.checks} == {"roc_auc": True, "reproduces": True}
    assert artifact.metrics["roc_auc"] >= 0.6
    shown = run.metadata["models/buys/evaluation"]
    assert shown["roc"].startswith("![ROC, artifact 1](data:image/svg+xml;base64,")
    assert {"pr", "calibration", "importance", "holdout/roc_auc"} <= set(shown)
    assert artifact.metadata["training_set"] == "visit"
    assert set(artifact.metadata["feature_sets"]) == {"purchase", "profile", "moment"}


def test_the_same_week_again_keeps_its_number_and_its_bytes(world):
    first, again = world.train("buys", "2024-01-08"), world.train("buys", "2024-01-08")
    assert first.ok
    assert again.ok
    hashes = [run.metadata["models/buys/artifact"]["content_hash"] for run in (first, again)]
    assert hashes[0] == hashes[1]
    assert [each.number for each in world.registry.artifacts("buys")] == [1]
    assert not list((world.settings.artifacts / "buys").glob(".draft-*"))


def test_a_failed_gate_is_recorded_fails_the_run_and_stops_the_release(world):
    run = world.train("buys_surely", "2024-01-08")
    assert not run.ok
    assert any("expected roc_auc ≥ 0.999" in why for why in run.failures.values())
    artifact = world.registry.artifact("buys_surely", 1)
    assert not artifact.released
    assert not next(check for check in artifact.checks if check.name == "roc_auc").passed
    assert materialized(world, "models/buys_surely/evaluation") == {"2024-01-08"}
    assert materialized(world, "models/buys_surely/release") == set()


def test_a_run_of_release_alone_gets_past_no_gate(world):
    world.train("buys_surely", "2024-01-08")
    run = world.run("models/buys_surely/release", keys=["2024-01-08"])
    assert not run.ok
    assert "roc_auc" in next(iter(run.failures.values()))
    assert world.run("models/buys/artifact", keys=["2024-01-08"]).ok
    unjudged = world.run("models/buys/release", keys=["2024-01-08"])
    assert not unjudged.ok
    assert "no verdict" in next(iter(unjudged.failures.values()))
    assert materialized(world, "models/buys/release") == set()


def test_a_tampered_bundle_fails_its_check(world):
    assert world.run("models/buys/artifact", keys=["2024-01-08"]).ok
    [bundle] = (world.settings.artifacts / "buys").iterdir()
    example = bundle / "example.json"
    example.write_bytes(example.read_bytes() + b" ")
    run = world.run("models/buys/evaluation", "models/buys/release", keys=["2024-01-08"])
    assert not run.ok
    assert "models/buys/evaluation:reproduces" in run.failures


def test_missing_training_weeks_are_named(empty_world):
    run = empty_world.run("models/buys/artifact", keys=["2024-01-08"])
    assert not run.ok
    assert "training_sets/visit lacks 2 weeks, 2024-01-01 to 2024-01-08" in next(iter(run.failures.values()))


def test_labels_that_came_after_a_week_was_stored_are_looked_up(world):
    import polars as pl

    from bighead.assets.fitting import training_rows

    stored = world.offline.read_partition("training_sets", "visit", "2024-01-08")
    open_labels = stored.with_columns(
        pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise("buys").alias("buys")
    )
    world.offline.write_partition("training_sets", "visit", "2024-01-08", open_labels)
    from bighead.resources.sources import Warehouse

    tables = Warehouse(world.settings.warehouse)
    weeks = ["2024-01-01", "2024-01-08", "2024-01-15"]
    rows = training_rows(world.project.models["buys"], "2024-01-08", weeks, tables, world.offline)
    assert rows["buys"].null_count() == 0
    assert rows.filter(pl.col("asked_at") >= stored["asked_at"].min())["buys"].equals(stored["buys"])
    assert rows["asked_at"].max() < stored["asked_at"].max() + pl.Series([1]).cast(pl.Duration("us"))[0]


def test_a_killed_training_leaves_nothing_half_done(world, monkeypatch):
    from bighead.assets import fitting

    def killed(*_arguments, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "train", killed)
    with suppress(KeyboardInterrupt):
        world.train("buys", "2024-01-08")
    monkeypatch.undo()
    assert not (world.settings.artifacts / "buys").exists()
    assert world.train("buys", "2024-01-08").ok
