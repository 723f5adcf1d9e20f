"""A set of hourly batches on its whole way through Dagster: backfilled, trained on, uploaded, fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_world import CLOCK, PROJECT, WEEKS, World

from bighead.assets.layout import Layout
from bighead.assets.partitions import past
from bighead.definitions import project_definitions
from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import Aggregation, ChainedSource, EventSource, FeatureSet
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
from bighead.pipeline_lib.features.catalog import Catalog
from bighead.pipeline_lib.point_in_time import SourceRows, values_at
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.profile_store import FileProfileStore
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse
from bighead.resources.stream import Streams
from bighead.sensors.schedules import requests_due
from bighead.serving.feature_fetchers.online import OnlineFetcher

HOURS = HOURLY.between(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 22, tzinfo=UTC))
KEYS = [HOURLY.key(hour) for hour in HOURS]
SHOPPERS = [f"s{n}" for n in range(60)]


def hourly(project: Project) -> Project:
    """The small project with its purchases by the hour."""
    sets = dict(project.feature_sets)
    sets["purchase"] = replace(sets["purchase"], batch="1h")
    named = [
        replace(each, features=[ref.set.name for ref in each.refs]) for each in project.training_sets.values()
    ]
    catalog = Catalog(list(sets.values()), named)
    models = {
        name: replace(model, source=catalog.training_sets[model.source.name])
        for name, model in project.models.items()
    }
    return replace(project, catalog=catalog, models=models)


@pytest.fixture(scope="module")
def hourly_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hourly") / "home"
    with open_hourly(home) as world:
        assert world.project.prepare is not None
        world.project.prepare(world.settings.warehouse)
        assert world.run("features/profile", keys=world.keys("features/profile")).ok
        run = world.run("features/purchase", keys=KEYS)
        assert run.ok
        assert len(run.run_ids) == 1, "504 hours are one run"
        assert run.rows == {"features/purchase": 1800}
    return home


class open_hourly:
    """A world whose purchases come by the hour."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home, clock=CLOCK)
        project = hourly(Project.load(PROJECT))
        self.instance = open_instance(settings)
        self.world = World(settings, project, project_definitions(project, settings), self.instance)

    def __enter__(self) -> World:
        self.instance.__enter__()
        return self.world

    def __exit__(self, *error: object) -> None:
        self.instance.__exit__(*error)  # type: ignore[arg-type]


@pytest.fixture
def hours(hourly_home: Path, tmp_path: Path) -> Iterator[World]:
    home = Path(shutil.copytree(hourly_home, tmp_path / "hours"))
    with open_hourly(home) as world:
        yield world


def test_the_hours_are_dagsters_and_their_rows_are_the_days(hours, world):
    assert hours.keys("features/purchase") == KEYS
    assert hours.keys("features/purchase", "2024-01-05", "2024-01-05") == KEYS[96:120], "a day is its hours"
    assert hours.offline.partitions("features", "purchase") == KEYS
    span = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 22, tzinfo=UTC))
    stored = [each.offline.scan("purchase", *span).collect().sort("event_id") for each in (hours, world)]
    assert_frame_equal(*stored)
    found = hours.instance.fetch_materializations(dg.AssetKey(["features", "purchase"]), limit=600).records
    counted = {
        each.partition_key: each.asset_materialization.metadata["dagster/partition_row_count"].value
        for each in found
    }
    truth = stored[0].group_by(HOURLY.key_of(pl.col("event_time"))).len()
    assert counted == dict.fromkeys(KEYS, 0) | dict(truth.iter_rows())
    profiles = FileProfileStore.beside(hours.offline.root)
    assert list(profiles.stamps("features", "purchase")) == KEYS
    read = [profiles.read("features", "purchase", key) for key in KEYS]
    assert sum(each.rows for each in read if each) == 1800


def test_trained_on_the_rows_are_those_of_days_and_a_missing_hour_is_named(hours, world):
    assert hours.run("training_sets/visit", keys=WEEKS).ok
    for week in WEEKS:
        one, other = (each.offline.read_partition("training_sets", "visit", week) for each in (hours, world))
        assert_frame_equal(one, other, rel_tol=1e-12)
    made = [each.offline.made_of("training_sets", "visit") for each in (hours, world)]
    assert made[0] == made[1], "no value depends on the grain, so neither does what weeks are made of"


def test_a_week_and_a_generation_name_the_hours_that_lack(tmp_path):
    with open_hourly(tmp_path / "home") as world:
        assert world.project.prepare is not None
        world.project.prepare(world.settings.warehouse)
        assert world.run("features/profile", keys=world.keys("features/profile")[:7]).ok
        assert world.run("features/purchase", keys=[*KEYS[:30], *KEYS[31:40]]).ok
        [why] = world.run("training_sets/visit", keys=["2024-01-01"]).failures.values()
        assert "lacks 128 hours, 2024-01-02-06:00 to 2024-01-07-22:00" in why
        # Its longest window reaches the hour that lacks.
        [why] = world.run("features/purchase/online", keys=[KEYS[39]]).failures.values()
        assert "lacks 1 hours, 2024-01-02-06:00 to 2024-01-02-06:00" in why


def test_uploaded_an_hour_is_what_requests_after_it_see(hours):
    asked = ["2024-01-15-11:00", "2024-01-15-12:00", "2024-01-15-13:00"]
    run = hours.run("features/purchase/online", keys=asked)
    assert run.ok
    purchase = hours.project.feature_sets["purchase"]
    end = datetime(2024, 1, 15, 14, tzinfo=UTC)
    store = LmdbOnlineStore(hours.settings.online)
    try:
        kept = [each.midnight for each in store.generations(purchase)]
        assert kept == [microseconds(end), microseconds(end - timedelta(hours=1))]
        fetcher = OnlineFetcher(store, Streams(hours.settings.online / "streams", store))
        for at in (end, end - timedelta(minutes=1)):
            fetched = fetcher.fetch(
                [purchase.on()], [{"shopper": each} for each in SHOPPERS], microseconds(at)
            )
            before = HOURLY.start(HOURLY.holding(at))
            assert fetched.generations == {"purchase": microseconds(before)}
            # Nothing was streamed: what is known is what happened before the hour.
            rows = SourceRows(Warehouse(hours.settings.warehouse)).rows(purchase, None, before)
            left = pl.DataFrame({"shopper": SHOPPERS}).with_columns(
                pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("at")
            )
            truth, _ = values_at(left, purchase.on(), rows, "at")
            seen = pl.DataFrame(fetched.features, schema=truth.schema)
            assert_frame_equal(seen, truth, rel_tol=1e-12)
            assert seen["purchase_price_count_7d"].max() > 3
    finally:
        store.close()


def test_the_hourly_schedule_asks_for_the_last_whole_hour_and_the_daily_one_for_the_rest(hours):
    at = datetime(2024, 1, 15, 13, 5, tzinfo=UTC)
    [request] = requests_due(hours.defs, "features_hourly", at)
    assert request.partition_key == "2024-01-15-12:00"
    assert [key.to_user_string() for key in request.asset_selection] == [
        "features/purchase",
        "features/purchase/online",
    ]
    [daily] = requests_due(hours.defs, "features_daily", at)
    assert daily.partition_key == "2024-01-14"
    assert {key.path[1] for key in daily.asset_selection} == {"profile"}
    done = hours.run(*(key.to_user_string() for key in request.asset_selection), keys=[request.partition_key])
    assert done.ok


def test_a_project_of_days_has_no_hourly_schedule(world):
    assert "features_hourly" not in {each.name for each in world.defs.schedules or []}


@pytest.mark.parametrize(
    ("asset", "key", "first", "last"),
    [
        ("training_sets/visit", "2024-01-15", "2024-01-01-00:00", "2024-01-21-23:00"),
        ("scores/buys", "2024-01-15", "2024-01-07-00:00", "2024-01-15-23:00"),
        ("features/purchase/online", "2024-01-15-13:00", "2024-01-08-12:00", "2024-01-15-13:00"),
    ],
)
def test_each_partition_depends_on_the_hours_that_its_windows_reach(hours, asset, key, first, last):
    graph = hours.defs.resolve_asset_graph()
    node, below = graph.get(dg.AssetKey(asset.split("/"))), graph.get(dg.AssetKey(["features", "purchase"]))
    mapping = node.partition_mappings[below.key]
    with dg.partition_loading_context(effective_dt=datetime(2024, 1, 22, tzinfo=UTC)):
        subset = node.partitions_def.subset_with_partition_keys([key])
        found = mapping.get_upstream_mapped_partitions_result_for_partitions(
            subset, node.partitions_def, below.partitions_def
        )
        keys = sorted(found.partitions_subset.get_partition_keys())
    assert (keys[0], keys[-1]) == (first, last)


def test_windows_without_end_reach_all_hours_and_a_replay_ends_at_its_hour(tmp_path):
    purchase = Project.load(PROJECT).feature_sets["purchase"]
    endless = replace(purchase, batch="1h", aggregations=[Aggregation("price", "sum", ["unbounded"])])
    assert past(endless, HOURLY).start_offset == 24 * past(endless, DAILY).start_offset
    sub_hour = replace(endless, aggregations=[Aggregation("price", "sum", ["30m"])])
    assert past(sub_hour, HOURLY).start_offset == -1
    settings = Settings(home=tmp_path, clock="replay:2024-01-15T13:20Z")
    layout = Layout(hourly(Project.load(PROJECT)), settings)
    assert (
        layout.batches(layout.project.feature_sets["purchase"]).get_partition_keys()[-1] == "2024-01-15-12:00"
    )


def test_an_hourly_set_is_built_on_a_daily_one_only_where_an_hour_sees_nothing_of_its_day(tmp_path):
    below = FeatureSet(
        name="below",
        owner="t",
        keys=["k"],
        source=EventSource("a", "ts", start_date="2024-01-01"),
        aggregations=[Aggregation("x", "count", ["1d"])],
    )
    above = FeatureSet(
        name="above",
        owner="t",
        keys=["k"],
        source=ChainedSource(EventSource("b", "ts", start_date="2024-01-01"), [below]),
        aggregations=[Aggregation("below_x_count_1d", "sum", ["1d"])],
        batch="1h",
    )
    layout = Layout(Project("p", tmp_path, Catalog([below, above], []), {}), Settings(home=tmp_path))
    with pytest.raises(DefinitionError, match="whose days tell of their own hours"):
        layout.source_deps(above)
    both = replace(above, source=replace(above.source, features=[replace(below, batch="1h")]))
    [_, dep] = layout.source_deps(both)
    assert dep.partition_mapping.start_offset == -25, "a window and its hop"
    late = replace(below, source=replace(below.source, delay="1d"))
    [_, dep] = layout.source_deps(replace(above, source=replace(above.source, features=[late])))
    mapping = dep.partition_mapping
    assert (mapping.start_offset, mapping.end_offset) == (-25, -24), "the day before, at every hour"
