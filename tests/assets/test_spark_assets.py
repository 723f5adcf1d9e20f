"""Assets that run on Spark store what assets that run in their own process store, and say early that they cannot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_world import PROJECT, SETS, WEEKS, World

from bighead.assets.compute import scores_compute, weeks_compute
from bighead.assets.layout import Layout
from bighead.definitions import project_definitions
from bighead.pipeline_lib.errors import DefinitionError, MissingExtraError, StoreError
from bighead.pipeline_lib.features import Catalog
from bighead.pipeline_lib.model_config import (
    ScheduledComputeConfig,
    SingleMachineConfig,
    SparkConfig,
    TransformConfig,
)
from bighead.pipeline_lib.project import Project
from bighead.resources import spark_choice
from bighead.resources.dagster_bindings import SparkResource, WarehouseResource
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse
from bighead.resources.spark_choice import spark_master
from bighead.resources.spark_engine import SparkEngine
from bighead.resources.spark_tables import SparkTables

DAYS = ["2024-01-16", "2024-01-17"]
START = "2024-01-01"
SPAN = (datetime(2023, 12, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


@pytest.fixture
def on_spark(active_home: Path, tmp_path: Path, spark) -> Iterator[World]:
    """The world with an active artifact, all of whose jobs run on Spark."""
    home = Path(shutil.copytree(active_home, tmp_path / "spark_home"))
    with World.open(home, spark=spark.sparkContext.master) as world:
        yield world


@pytest.fixture
def joins(monkeypatch) -> list[str]:
    """What the engine was asked to do, in order."""
    asked: list[str] = []
    for name in ("joined", "backfill"):
        made = getattr(SparkEngine, name)

        def told(self, *given, _made=made, _name=name, **more):
            asked.append(_name)
            return _made(self, *given, **more)

        monkeypatch.setattr(SparkEngine, name, told)
    return asked


def with_spark(
    project: Project, config: SparkConfig | None, offline: ScheduledComputeConfig | None
) -> Project:
    """The small project whose models are fitted and score where these say."""
    models = {
        name: replace(
            model,
            fit_config=replace(model.fit_config, spark_config=config),
            transform_config=TransformConfig(offline_config=offline) if offline else None,
        )
        for name, model in project.models.items()
    }
    return replace(project, models=models)


def test_every_asset_stores_on_spark_what_it_stores_without(active_world, on_spark, joins):
    for world in (active_world, on_spark):
        for name in SETS:
            assert world.run(name, keys=world.keys(name), config={name: {"force": True}}).ok
        assert world.run("training_sets/visit", keys=WEEKS).ok
        run = world.run("scores/buys", keys=DAYS)
        assert run.ok, run.failures
        assert joins == ([] if world is active_world else ["backfill", "backfill", "joined", *["joined"] * 2])
    one, other = active_world.offline, on_spark.offline
    for name in ("purchase", "profile"):
        assert one.stored_days(name).keys() == other.stored_days(name).keys()
        stored = (store.scan(name, *SPAN).collect() for store in (one, other))
        rows = [each.sort(each.columns) for each in stored]
        assert rows[0].equals(rows[1]), name
        assert rows[0].height > 1_000
    for kind, name, keys in (("training_sets", "visit", WEEKS), ("scores", "buys", DAYS)):
        for key in keys:
            same(*(store.read_partition(kind, name, key) for store in (one, other)))


def same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Sums of floats, and what a model makes of them, are equal by class; all else bit for bit."""
    loose = [name for name in one.columns if "_sum_" in name or name == "probability"]
    assert one.height > 90
    assert one.drop(loose).equals(other.drop(loose))
    assert_frame_equal(one.select(loose), other.select(loose), rel_tol=1e-12)


def test_a_table_of_the_catalogue_is_backfilled_as_its_file_is(active_world, on_spark, spark, joins):
    spark.sql("CREATE DATABASE IF NOT EXISTS shop")
    rows = spark.read.parquet(str(on_spark.settings.warehouse / "purchases.parquet"))
    rows.write.mode("overwrite").saveAsTable("shop.purchases")
    purchase = on_spark.project.feature_sets["purchase"]
    hive = replace(
        purchase, name="bought", source=replace(purchase.source, table="shop.purchases", stream=None)
    )
    project = replace(on_spark.project, catalog=Catalog([hive]), models={})
    world = replace(on_spark, project=project, defs=project_definitions(project, on_spark.settings))
    run = world.run("features/bought", keys=world.keys("features/bought"))
    assert run.ok, run.failures
    one, other = (
        store.scan(name, *SPAN).collect().sort("event_id")
        for store, name in ((active_world.offline, "purchase"), (world.offline, "bought"))
    )
    assert one.equals(other)
    assert joins == ["backfill"]


def test_what_a_definition_and_the_setting_ask_for_says_where_a_job_runs():
    large, little = SparkConfig(num_executors=16), SingleMachineConfig()
    table = {
        ("", None): None,
        ("", little): None,
        ("", large): "local[*]",
        ("yarn", None): "yarn",
        ("yarn", little): None,
        ("yarn", large): "yarn",
        ("off", None): None,
        ("off", little): None,
        ("off", large): None,
    }
    assert {(setting, asked): spark_master(setting, asked) for setting, asked in table} == table
    for master in ("local", "local[2]", "spark://a:7077", "k8s://https://a:6443"):
        assert spark_master(master) == master
    for wrong in ("on", "sc://a:15002", "localhost:7077"):
        with pytest.raises(DefinitionError, match=f"BIGHEAD_SPARK is '{wrong}'"):
            spark_master(wrong)


def test_the_resources_hand_out_an_engine_and_tables_that_share_a_session(tmp_path):
    resource = SparkResource(master="yarn", memory_gb=1, spill=str(tmp_path))
    engine = resource.engine(SparkConfig(num_executors=3))
    assert engine is not None
    assert (engine.master, engine.config, engine.memory.budget) == (
        "yarn",
        SparkConfig(num_executors=3),
        10**9,
    )
    assert resource.engine(SingleMachineConfig()) is None
    assert SparkResource(spill=str(tmp_path)).engine() is None
    tables = WarehouseResource(root=str(tmp_path), spark="yarn").open(engine)
    assert isinstance(tables, SparkTables)
    object.__setattr__(engine, "session", "the engine's")
    assert tables.session == "the engine's"
    assert isinstance(WarehouseResource(root=str(tmp_path), spark="off").open(engine), Warehouse)
    assert isinstance(WarehouseResource(root=str(tmp_path)).open(engine), Warehouse)


def test_models_say_what_joins_their_rows_and_their_questions(tmp_path):
    project, settings = Project.load(PROJECT), Settings(home=tmp_path)
    large = SparkConfig(num_executors=16)
    chosen = with_spark(project, large, ScheduledComputeConfig(START, spark_config=large))
    assert weeks_compute(Layout(chosen, settings), chosen.training_sets["visit"]) == large
    assert scores_compute(chosen.models["buys"]) == large
    pinned = with_spark(
        project, None, ScheduledComputeConfig(START, single_machine_config=SingleMachineConfig(2))
    )
    assert weeks_compute(Layout(pinned, settings), pinned.training_sets["visit"]) is None
    assert scores_compute(pinned.models["buys"]) == SingleMachineConfig(2)
    assert scores_compute(project.models["buys"]) is None
    one = with_spark(project, SparkConfig(num_executors=2), None).models["buys"]
    differing = replace(chosen, models={**chosen.models, "buys": one})
    with pytest.raises(DefinitionError, match="different Spark resources"):
        weeks_compute(Layout(differing, settings), differing.training_sets["visit"])


@pytest.mark.parametrize(
    "asking", ["the training set 'visit'", "the offline_config of 'buys'", "BIGHEAD_SPARK=yarn"]
)
def test_definitions_that_ask_for_a_spark_that_lacks_do_not_load(asking, tmp_path, monkeypatch):
    large, settings = SparkConfig(), Settings(home=tmp_path)
    project = with_spark(Project.load(PROJECT), large, None)
    if "offline_config" in asking:
        project = with_spark(project, None, ScheduledComputeConfig(START, spark_config=large))
    elif "BIGHEAD_SPARK" in asking:
        project, settings = Project.load(PROJECT), Settings(home=tmp_path, spark="yarn")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(StoreError, match=f"{asking}.* asks for, finds no Java in JAVA_HOME") as refused:
        project_definitions(project, settings)
    assert "openjdk-17" in str(refused.value.cure)
    assert "BIGHEAD_SPARK=off" in str(refused.value.cure)
    monkeypatch.setattr(spark_choice, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=asking) as missing:
        project_definitions(project, settings)
    assert "pip install 'bighead[spark]'" in str(missing.value.cure)
    loaded = project_definitions(project, Settings(home=tmp_path, spark="off"))
    assert dg.AssetKey(["training_sets", "visit"]) in loaded.resolve_all_asset_keys()
