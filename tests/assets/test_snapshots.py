"""Snapshots of a key-value store as an asset: definitions load without it, and each run keeps today's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import polars as pl
import pytest

from bighead.assets.launch import materialize
from bighead.definitions import project_definitions
from bighead.pipeline_lib.features import Catalog, EntitySource, EventSource, FeatureSet
from bighead.pipeline_lib.features.aggregation import Aggregation
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.redis_table import RedisTable
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse

USERS = FeatureSet(
    name="users", owner="team:a", keys=["user"], source=EntitySource("users"), columns=["tier"]
)
CLICKS = FeatureSet(
    name="clicks",
    owner="team:a",
    keys=["user"],
    source=EventSource("clicks", "ts", start_date=(datetime.now(UTC) - timedelta(days=3)).date().isoformat()),
    aggregations=[Aggregation("n", "sum", ["1d"])],
)
# Nobody answers there.
TABLE = (
    'users: {type: redis, url: "redis://127.0.0.1:1/0", prefix: "u:", key: user, columns: {tier: integer}}'
)


@pytest.fixture
def settings(tmp_path):
    made = Settings(home=tmp_path)
    made.warehouse.mkdir(parents=True)
    (made.warehouse / "external.yaml").write_text(TABLE)
    return made


def test_a_run_keeps_todays_snapshot_and_tells_why_it_cannot(settings, tmp_path, monkeypatch):
    defs = project_definitions(Project("shop", tmp_path, Catalog([USERS, CLICKS]), {}), settings)
    with open_instance(settings) as instance:
        rows = pl.DataFrame({"user": ["a"], "tier": [3]})
        monkeypatch.setattr(RedisTable, "read", lambda self, size=1: iter([rows.clear()]))
        failed = materialize(defs, ["warehouse/users"], [], instance=instance)
        assert not failed.ok
        assert "no key of Redis begins with 'u:'" in str(failed.failures)
        monkeypatch.setattr(RedisTable, "read", lambda self, size=1: iter([rows]))
        assert materialize(defs, ["warehouse/users"], [], instance=instance).ok
    kept = Warehouse(settings.warehouse).scan("users").collect()
    assert kept.select("user", "tier").equals(rows)
    assert abs(kept["ds"][0] - datetime.now(UTC).date()) <= timedelta(days=1)


def test_it_is_taken_each_day_and_other_tables_are_left_to_others(settings, tmp_path):
    defs = project_definitions(Project("shop", tmp_path, Catalog([USERS, CLICKS]), {}), settings)
    [schedule] = [each for each in defs.schedules or [] if each.name == "snapshots_daily"]
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    graph = defs.resolve_asset_graph()
    assert graph.get(dg.AssetKey(["warehouse", "users"])).is_materializable
    assert not graph.get(dg.AssetKey(["warehouse", "clicks"])).is_materializable
    assert dg.AssetKey(["warehouse", "users"]) in graph.get(dg.AssetKey(["features", "users"])).parent_keys
