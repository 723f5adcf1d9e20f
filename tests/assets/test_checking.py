"""Backfills leave profiles, compare their sources' schemas, and are judged by the checks their sets declare."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import polars as pl
import pytest
from small_world import World

from bighead.definitions import project_definitions
from bighead.pipeline_lib.features import Catalog
from bighead.pipeline_lib.profiles import Profile
from bighead.pipeline_lib.profiles.store import History
from bighead.pipeline_lib.quality import Drift, Freshness, NullRate, Range, Unique, Volume
from bighead.pipeline_lib.quality.ledger import recorded_verdicts
from bighead.resources.profile_store import FileProfileStore

DAYS = [f"2024-01-{day:02}" for day in range(1, 22)]


def declared(world: World, *checks) -> World:
    """The same world, its purchases with these checks."""
    sets = dict(world.project.feature_sets)
    sets["purchase"] = replace(sets["purchase"], checks=checks)
    project = replace(world.project, catalog=Catalog(sets.values()), models={})
    return World(world.settings, project, project_definitions(project, world.settings), world.instance)


def profiles(world: World) -> FileProfileStore:
    return FileProfileStore.beside(world.settings.offline)


def test_a_backfill_leaves_a_profile_of_each_day(world):
    store = profiles(world)
    history = History(store, "features", "purchase")
    assert history.partitions == DAYS
    whole = Profile.of(
        world.offline.scan(
            "purchase", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 22, tzinfo=UTC)
        ).collect()
    )
    merged = history.merged(DAYS)
    assert merged.rows == whole.rows == 1800
    price = merged.columns["price"]
    assert (price.minimum, price.maximum) == (whole.columns["price"].minimum, whole.columns["price"].maximum)
    assert price.moments.stddev == pytest.approx(whole.columns["price"].moments.stddev)
    assert merged.columns["shopper"].distinct == whole.columns["shopper"].distinct
    assert History(store, "features", "profile").partitions == DAYS


def test_a_run_that_died_before_its_profiles_is_made_good_by_the_next(world):
    store = profiles(world)
    file = store.root / "features" / "purchase" / "2024-01-05.msgpack"
    file.unlink()
    version = world.offline.version("purchase")
    assert world.run("features/purchase", keys=["2024-01-05"]).ok
    assert world.offline.version("purchase") == version, "no day was computed again"
    assert file.exists()


def test_all_checks_hold_and_are_recorded(world):
    checked = declared(
        world,
        NullRate("price", max=0.0),
        Range("price", min=0),
        Freshness("36h", severity="block"),
        Volume(min_rows=20, within="80%"),
        Unique(["id"]),
        Drift("price", trailing=14),
    )
    run = checked.run("features/purchase", keys=DAYS)
    assert run.ok
    assert run.failures == {}
    kept = recorded_verdicts(profiles(world), "purchase")
    assert {each.verdict.check for each in kept} == {
        "upstream_schema",
        *(each.name for each in checked.project.feature_sets["purchase"].checks),
    }
    assert {each.verdict.check: each.verdict.judged for each in kept}["range_price"] == 21


def test_a_check_that_fails_names_the_days_and_stops_nothing_unless_it_blocks(world):
    checks = [Range("price", max=100, severity="error"), Volume(min_rows=80)]
    run = declared(world, *checks).run("features/purchase", "features/purchase/online", keys=DAYS)
    assert run.ok
    assert "expected that price lies to 100" in run.failures["features/purchase:range_price"]
    assert "features/purchase/online" in run.metadata
    blocking = [replace(check, severity="block") for check in checks]
    stopped = declared(world, *blocking).run("features/purchase", "features/purchase/online", keys=DAYS)
    assert not stopped.ok
    assert "features/purchase/online" not in stopped.metadata


def test_checks_can_be_run_by_themselves_and_judge_the_newest_day(world):
    checked = declared(world, Volume(min_rows=10_000))
    key = dg.AssetKey(["features", "purchase"])
    selection = dg.AssetSelection.checks(dg.AssetCheckKey(key, "volume"))
    alone = dg.Definitions(jobs=[dg.define_asset_job("only_checks", selection=selection)])
    job = dg.Definitions.merge(checked.defs, alone).resolve_job_def("only_checks")
    result = job.execute_in_process(instance=world.instance)
    [evaluation] = result.get_asset_check_evaluations()
    assert not evaluation.passed
    assert evaluation.metadata["failing"].value == 1
    assert evaluation.description.startswith("2024-01-21: ")


def test_a_change_upstream_warns_once_and_shows_exactly_what_it_was(world):
    file = world.settings.warehouse / "purchases.parquet"
    table = pl.read_parquet(file)
    table.with_columns(pl.lit("web").alias("channel")).write_parquet(file)
    run = world.run("features/purchase", keys=DAYS[-2:])
    assert run.ok
    told = "purchases.channel: added (String)"
    assert run.failures == {"features/purchase:upstream_schema": told}
    assert run.metadata["features/purchase"]["upstream_schema"] == [told]
    assert world.run("features/purchase", keys=DAYS[-2:]).failures == {}


def test_a_change_that_would_break_the_set_is_refused_before_anything_is_written(world):
    version = world.offline.version("purchase")
    file = world.settings.warehouse / "purchases.parquet"
    table = pl.read_parquet(file)
    force = {"features/purchase": {"force": True}}
    table.with_columns(pl.col("price").cast(pl.String)).write_parquet(file)
    run = world.run("features/purchase", keys=DAYS, config=force)
    assert not run.ok
    assert "purchases.price: type changed from Float64 to String" in run.failures["features__purchase"]
    table.drop("price").write_parquet(file)
    run = world.run("features/purchase", keys=DAYS, config=force)
    assert "purchases.price: removed (Float64)" in run.failures["features__purchase"]
    assert world.offline.version("purchase") == version
    table.write_parquet(file)
    assert world.run("features/purchase", keys=DAYS, config=force).ok


def test_a_run_publishes_the_project_and_profiles_the_values_of_features(world):
    from bighead.resources.catalogue_files import read_published

    [published] = read_published(world.settings.offline)
    assert published.catalog.feature_sets == world.project.feature_sets
    assert published.catalog.training_sets == world.project.training_sets
    assert {model.name: model.training_set for model in published.models} == {
        "buys": "visit",
        "buys_surely": "visit",
    }
    history = History(profiles(world), "training_sets", "visit")
    assert history.partitions == ["2024-01-01", "2024-01-08", "2024-01-15"]
    column = "purchase_price_sum_7d"
    stored = world.offline.read_partition("training_sets", "visit", "2024-01-08")[column]
    seen = history.of("2024-01-08").columns[column]
    assert (seen.nulls, seen.maximum) == (stored.null_count(), stored.max())
    assert seen.moments.mean == pytest.approx(stored.mean())


def with_value_checks(world: World, *checks, scores=()) -> World:
    """The same world, its training set and its models' scores with these checks."""
    training = replace(world.project.training_sets["visit"], checks=checks)
    models = {
        name: replace(model, source=training, score_checks=scores)
        for name, model in world.project.models.items()
    }
    project = replace(
        world.project, catalog=Catalog(world.project.feature_sets.values(), [training]), models=models
    )
    return World(world.settings, project, project_definitions(project, world.settings), world.instance)


def test_values_of_features_are_checked_week_by_week(world):
    checks = [
        Range("purchase_price_sum_7d", max=1, severity="error"),
        NullRate("purchase_price_sum_7d", max=1.0),
        Freshness("30d"),
        Unique(["id"]),
    ]
    run = with_value_checks(world, *checks).run("training_sets/visit", keys=DAYS[0:1])
    assert run.ok
    [told] = run.failures.values()
    assert told.startswith("2024-01-01: the greatest is ")
    kept = recorded_verdicts(profiles(world), "visit", "training_sets")
    assert {each.verdict.check: each.passed for each in kept} == {
        "range_purchase_price_sum_7d": False,
        "null_rate_purchase_price_sum_7d": True,
        "freshness": True,
        "unique_id": True,
    }
    assert {each.verdict.judged for each in kept} == {1}


def test_scores_are_profiled_and_checked_day_by_day(active_world):
    days = ["2024-01-16", "2024-01-17"]
    scores = [Range("probability", min=0, max=0, severity="error"), Volume(min_rows=1), Range("score", min=0)]
    run = with_value_checks(active_world, scores=scores).run("scores/buys", keys=days)
    assert run.ok
    assert run.failures["scores/buys:range_probability"].startswith("2024-01-16: the greatest is 0.")
    assert "the column 'score' is not stored" in run.failures["scores/buys:range_score"]
    history = History(profiles(active_world), "scores", "buys")
    assert history.partitions == days
    assert history.of(days[0]).columns["probability"].maximum < 1
    kept = recorded_verdicts(profiles(active_world), "buys", "scores")
    assert {each.verdict.check: each.failing for each in kept} == {
        "range_probability": 2,
        "range_score": 2,
        "volume": 0,
    }
