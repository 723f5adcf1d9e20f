"""A set built on a set as assets: after the days below in one run, uploaded, and answered as training sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import polars as pl
import pytest

from bighead.assets.launch import materialize, partition_keys_between
from bighead.cli.orchestration import Orchestra
from bighead.definitions import project_definitions
from bighead.pipeline_lib.features import Aggregation, Catalog, ChainedSource, EventSource, FeatureSet
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.lmdb_online_store import LmdbOnlineStore
from bighead.resources.online_rows import microseconds
from bighead.resources.settings import Settings
from bighead.resources.stream import Streams
from bighead.serving.feature_fetchers.online import OnlineFetcher
from bighead.session import Session

T0 = datetime(2024, 1, 1, tzinfo=UTC)
NOW = T0 + timedelta(days=5)
SELLERS = FeatureSet(
    name="sellers",
    owner="team:shop",
    keys=["seller"],
    source=EventSource("ratings", "at", start_date="2024-01-01"),
    aggregations=[Aggregation("stars", "sum", ["2d"])],
    derivations={"shine": "stars_sum_2d * 2"},
)
# Called so that it comes first by name, and is computed second all the same.
BUYERS = FeatureSet(
    name="buyers",
    owner="team:shop",
    keys=["buyer"],
    source=ChainedSource(
        EventSource("orders", "ts", event_id="id", start_date="2024-01-01", select={"seller": "sold_by"}),
        ["sellers"],
        select={"worth": "price * sellers_shine"},
    ),
    aggregations=[Aggregation("worth", "sum", ["3d"])],
)


@pytest.fixture
def shop(tmp_path):
    settings = Settings(home=tmp_path, clock=f"replay:{NOW.isoformat()}")
    settings.warehouse.mkdir(parents=True)
    hours = [T0 + timedelta(hours=5 * n) for n in range(24)]
    ratings = pl.DataFrame({"seller": ["s", "t"] * 12, "at": hours, "stars": [n % 6 for n in range(24)]})
    ratings.write_parquet(settings.warehouse / "ratings.parquet")
    orders = pl.DataFrame(
        {"id": range(24), "buyer": ["a", "b", "b"] * 8, "sold_by": ["s", "t"] * 12, "ts": hours, "price": 3}
    )
    orders.write_parquet(settings.warehouse / "orders.parquet")
    project = Project("shop", tmp_path, Catalog([SELLERS, BUYERS]), {})
    with open_instance(settings) as instance:
        yield settings, project, instance


def test_a_range_of_both_is_one_run_and_what_is_uploaded_is_what_training_sees(shop):
    settings, project, instance = shop
    defs, buyers = project_definitions(project, settings), project.feature_sets["buyers"]
    days = partition_keys_between(defs, "features/buyers")
    ran = materialize(
        defs, ["features/buyers", "features/sellers", "features/buyers/online"], days, instance=instance
    )
    assert ran.ok
    assert ran.rows["features/buyers"] == 24
    keys = pl.DataFrame({"buyer": ["a", "b", "nobody", None]})
    with Session(settings) as session:
        seen = buyers.preview(at=NOW, keys=keys)
        assert session.used["sellers"] == "offline store"
        before = buyers.preview(at=NOW - timedelta(hours=1), keys=keys)
        assert session.used["buyers"] == "offline store"
        made = buyers.trace("worth_sum_3d", {"buyer": "a"}, NOW)
    assert made["worth"].sum() == seen["buyers_worth_sum_3d"][0] > 0
    assert before["buyers_worth_sum_3d"].null_count() == 2
    online = LmdbOnlineStore(settings.online)
    try:
        fetched = OnlineFetcher(online, Streams(settings.home / "streams", online)).fetch(
            [buyers.on()], keys.to_dicts(), microseconds(NOW)
        )
        told = [row["buyers_worth_sum_3d"] for row in fetched.features]
        assert told == seen["buyers_worth_sum_3d"].to_list()
    finally:
        online.close()


def test_its_days_depend_on_the_days_below_that_its_windows_reach(shop):
    settings, project, _ = shop
    graph = project_definitions(project, settings).resolve_asset_graph()
    node = graph.get(dg.AssetKey(["features", "buyers"]))
    assert node.parent_keys == {dg.AssetKey(["warehouse", "orders"]), dg.AssetKey(["features", "sellers"])}
    mapping = graph.get_partition_mapping(node.key, dg.AssetKey(["features", "sellers"]))
    days = graph.get(node.key).partitions_def
    seen = mapping.get_upstream_mapped_partitions_result_for_partitions(
        days.subset_with_partition_keys(["2024-01-05"]), days, days
    )
    assert set(seen.partitions_subset.get_partition_keys()) >= {"2024-01-03", "2024-01-04", "2024-01-05"}


def test_backfilling_what_lacks_goes_from_the_bottom_up(shop):
    settings, project, instance = shop
    orchestra = Orchestra(settings, instance, project)
    assert orchestra.feature_sets() == ["sellers", "buyers"]
    assert orchestra.backfill_missing() == 48
    force = orchestra.backfill("sellers", ["2024-01-02"], force=True)
    assert force.ok
    behind = orchestra.lacking_days("buyers", orchestra.days("buyers"))
    assert behind == ["2024-01-02", "2024-01-03", "2024-01-04"]
    assert date.fromisoformat(behind[-1]) == date(2024, 1, 4)
