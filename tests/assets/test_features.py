from __future__ import annotations

from dataclasses import replace

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_world import SETS, WEEKS

from bighead.pipeline_lib.errors import StaleRowsError
from bighead.pipeline_lib.point_in_time import backfill
from bighead.resources.sources import Warehouse

KEY = dg.AssetKey(["features", "purchase"])


def rows(world, set_name="purchase"):
    path = world.settings.offline / "features" / set_name
    return pl.scan_delta(str(path)).collect()


def test_a_range_is_one_run_one_commit_and_the_same_again(empty_world):
    keys = empty_world.keys(SETS[0])
    first = empty_world.run(*SETS, keys=keys)
    assert first.ok
    assert len(first.run_ids) == 1
    assert first.rows == {"features/purchase": 1800, "features/profile": 60 * 21}
    assert empty_world.offline.version("purchase") == 0
    before = rows(empty_world)
    again = empty_world.run("features/purchase", keys=keys[5:9])
    assert again.ok
    assert empty_world.offline.version("purchase") == 0, "nothing lacked"
    assert again.rows["features/purchase"] == before.filter(pl.col("partition").is_in(keys[5:9])).height
    forced = empty_world.run(
        "features/purchase", keys=keys[5:9], config={"features/purchase": {"force": True}}
    )
    assert forced.ok
    assert empty_world.offline.version("purchase") == 1
    order = ["partition", "shopper", "event_time", "event_id"]
    assert rows(empty_world).sort(order).equals(before.sort(order))


def test_every_partition_has_its_own_row_count_and_the_last_one_the_columns(world):
    found = world.instance.fetch_materializations(KEY, limit=100).records
    counted = {each.partition_key: each.asset_materialization.metadata for each in found}
    assert len(counted) == 21
    days = rows(world).group_by("partition").len().rows()
    assert {key: m["dagster/partition_row_count"].value for key, m in counted.items()} == dict(days)
    schema = counted["2024-01-21"]["dagster/column_schema"].value
    assert [column.name for column in schema.columns] == [
        "shopper",
        "event_time",
        "available_at",
        "event_id",
        "price",
    ]
    assert "dagster/column_schema" not in counted["2024-01-20"], "each event would copy it"


def test_a_failed_run_leaves_the_last_commit_and_running_again_finishes(world, monkeypatch):
    before, version = rows(world), world.offline.version("purchase")
    good = world.settings.warehouse / "purchases.parquet"
    table = pl.read_parquet(good)
    table.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("arrived_at")).write_parquet(good)
    keys = world.keys("features/purchase")
    force = {"features/purchase": {"force": True}}
    broken = world.run("features/purchase", keys=keys, config=force)
    assert not broken.ok
    assert "arrived_at" in broken.failures["features__purchase"]
    assert world.offline.version("purchase") == version
    assert rows(world).equals(before)
    table.write_parquet(good)
    assert world.run("features/purchase", keys=keys, config=force).ok
    assert rows(world).height == before.height


def test_bad_data_is_not_tried_again_but_a_busy_store_is(world, monkeypatch):
    from bighead.assets import features
    from bighead.pipeline_lib.errors import ConflictError

    calls = []

    def busy_once(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            raise ConflictError("others committed first.", cure="Try again.")
        return backfill(*arguments, **options)

    monkeypatch.setattr(features, "backfill", busy_once)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    assert world.run("features/purchase", keys=["2024-01-03"]).ok
    assert len(calls) == 2


def test_a_training_set_says_which_feature_days_are_missing(empty_world):
    assert empty_world.run("features/profile", keys=empty_world.keys("features/profile")).ok
    assert empty_world.run("features/purchase", keys=empty_world.keys("features/purchase")[:10]).ok
    run = empty_world.run("training_sets/visit", keys=["2024-01-08"])
    assert not run.ok
    [why] = run.failures.values()
    assert "features/purchase lacks 4 days, 2024-01-11 to 2024-01-14" in why


def test_a_training_week_equals_the_session_over_the_sources_and_is_the_same_again(world):
    from bighead.session import Session

    stored = world.offline.read_partition("training_sets", "visit", "2024-01-08")
    with Session(world.settings):
        collected = world.project.training_sets["visit"].collect("2024-01-08", "2024-01-15")
    same_by_class(stored, collected.select(stored.columns))
    assert stored["purchase_price_count_7d"].max() > 3, "the features see purchases"
    assert world.run("training_sets/visit", keys=["2024-01-08"]).ok
    same_by_class(world.offline.read_partition("training_sets", "visit", "2024-01-08"), stored)


def same_by_class(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Sums of floats depend on the order of merging, which depends on what else is joined; all else is exact."""
    summed = ["purchase_price_sum_7d"]
    assert one.drop(summed).equals(other.drop(summed))
    assert_frame_equal(one.select(summed), other.select(summed), rel_tol=1e-12)


def test_training_weeks_of_another_definition_are_refused_until_they_are_built_again(world):
    from bighead.assets.fitting import stale_weeks, training_rows
    from bighead.assets.training_sets import write_weeks

    model, tables, store = world.project.models["buys"], Warehouse(world.settings.warehouse), world.offline
    same = replace(model.source, owner="team:other")
    assert stale_weeks(same, store) == []
    before = training_rows(model, WEEKS[-1], WEEKS, tables, store)
    fewer = [ref.pick("price_count_1d") if ref.set.name == "purchase" else ref for ref in model.source.refs]
    now = replace(model, source=replace(model.source, features=fewer))
    with pytest.raises(StaleRowsError, match="3 weeks of training_sets/visit, 2024-01-01 to 2024-01-15"):
        training_rows(now, WEEKS[-1], WEEKS, tables, store)
    write_weeks(now.source, WEEKS[:1], tables, store)
    assert stale_weeks(now.source, store) == WEEKS[1:]
    assert stale_weeks(model.source, store) == WEEKS[:1]
    write_weeks(now.source, WEEKS, tables, store)
    kept = training_rows(now, WEEKS[-1], WEEKS, tables, store)
    assert kept["purchase_price_count_1d"].equals(before["purchase_price_count_1d"])
