"""Hours of events, of snapshots and of a set built on days: planned, backfilled, seen, searched, and alarmed about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from bighead.cli.main import main
from bighead.cli.orchestration import Orchestra
from bighead.pipeline_lib.project import Project
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.sensors.alerts import read_alerts
from bighead.sensors.schedules import requests_due
from bighead.serving import catalogue_api, registry_api, ui
from bighead.session import Session

CLOCK = "replay:2024-01-03T06:30Z"
FEATURES = """
from bighead import Aggregation, CalendarSource, ChainedSource, EntitySource, EventSource, FeatureSet

clicks = FeatureSet(
    name="clicks", owner="team:t", keys=["user"], batch="1h",
    source=EventSource("clicks", "ts", event_id="id", start_date="2024-01-01"),
    aggregations=[Aggregation("n", "sum", ["3h", "1d"])],
)
prices = FeatureSet(
    name="prices", owner="team:t", keys=["user"], batch="1h",
    source=EntitySource("prices", snapshot="hour", every="1h"), columns=["price"],
)
ratings = FeatureSet(
    name="ratings", owner="team:t", keys=["user"],
    source=EventSource("ratings", "at", delay="1d", start_date="2024-01-01"),
    aggregations=[Aggregation("stars", "max", ["7d"])],
)
clock = FeatureSet(name="clock", owner="team:t", keys=[], source=CalendarSource("UTC"), batch="1h")
carried = FeatureSet(
    name="carried", owner="team:t", keys=["user"], batch="1h",
    source=ChainedSource(
        EventSource("clicks", "ts", event_id="id", start_date="2024-01-01"),
        [clicks.on(prefix="own"), prices, ratings, clock],
        select={"worth": "n * prices_price + clock_hour"},
    ),
    aggregations=[
        Aggregation("worth", "last", ["1d"]),
        Aggregation("ratings_stars_max_7d", "max", ["1d"]),
        Aggregation("own_clicks_n_sum_3h", "max", ["1d"]),
    ],
)
"""
DATA = """
from datetime import UTC, datetime, timedelta

import polars as pl

START = datetime(2024, 1, 1, tzinfo=UTC)


def prepare(warehouse):
    warehouse.mkdir(parents=True, exist_ok=True)
    times = [START + timedelta(minutes=17 * n) for n in range(190)]
    users = ["ab"[n % 2] for n in range(190)]
    frames = {
        "clicks": pl.DataFrame({"id": range(190), "user": users, "ts": times, "n": [n % 7 for n in range(190)]}),
        "ratings": pl.DataFrame({"user": users, "at": times, "stars": [n % 5 for n in range(190)]}),
        "prices": pl.DataFrame(
            [
                {"hour": START + timedelta(hours=n), "user": user, "price": n}
                for n in range(-1, 54) for user in "ab"
            ],
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(warehouse / f"{name}.parquet")
    return {name: frame.height for name, frame in frames.items()}
"""
SETS = ("clicks", "prices", "ratings", "carried")


def ask(*words: str, code: int = 0) -> dict[str, Any]:
    answer = CliRunner().invoke(main, [*words, "--json"])
    assert answer.exit_code == code, answer.output
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    root = tmp_path_factory.mktemp("hours")
    project = root / "hourly_shop"
    project.mkdir()
    (project / "features.py").write_text(FEATURES)
    (project / "data.py").write_text(DATA)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("HOME", root / "home"), ("PROJECT", project), ("CLOCK", CLOCK)):
            patch.setenv(f"BIGHEAD_{name}", str(value))
        yield Settings()


@pytest.fixture(scope="module")
def filled(home: Settings) -> dict[str, Any]:
    with Orchestra.open() as orchestra:
        # Without the sets below, a failed run leaves an alert with its hour.
        orchestra.prepare_tables()
        run = orchestra.backfill("carried", ["2024-01-02-13:00"])
        assert not run.ok
        alarm(orchestra, run.run_ids[0])
    before = ask("plan")
    told = ask("backfill")
    return {"before": before, "told": told["feature_sets"]}


def alarm(orchestra: Orchestra, run_id: str) -> None:
    record = orchestra.instance.get_run_by_id(run_id)
    [event] = [
        entry.dagster_event
        for entry in orchestra.instance.all_logs(run_id)
        if entry.dagster_event and entry.dagster_event.event_type == dg.DagsterEventType.RUN_FAILURE
    ]
    assert record is not None
    sensor = orchestra.defs.resolve_sensor_def("alert_on_failure")
    context = dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=event,
        dagster_instance=orchestra.instance,
        dagster_run=record,
    )
    sensor(context.for_run_failure())


def test_a_plan_counts_hours_and_days_and_a_backfill_computes_them(filled):
    counted = {name: each["days"] for name, each in filled["before"]["feature_sets"].items()}
    assert counted == {"clicks": 54, "prices": 54, "ratings": 2, "carried": 54}
    assert list(filled["told"]) == list(SETS), "each after those it is built on"
    assert {name: each["computed"] for name, each in filled["told"].items()} == {
        "clicks": 54,
        "prices": 54,
        "ratings": 2,
        "carried": 54,
    }
    assert filled["told"]["carried"]["rows"] == 190
    after = ask("plan")
    assert after["days"] == 0
    again = ask("backfill", "carried", "--from", "2024-01-02-08:00", "--to", "2024-01-02-09:00", "--force")
    assert again["feature_sets"]["carried"]["computed"] == 2


def test_an_alert_names_the_hour(filled, home):
    [alert] = read_alerts(home.root / "alerts")
    assert (alert["assets"], alert["partition"]) == (["features/carried"], "2024-01-02-13:00")
    assert "clicks" in alert["steps"][0]["error"]


def test_a_preview_and_a_trace_read_the_stored_hours(filled, home):
    with Session(home) as session:
        sets = Project.load(home.project).feature_sets
        at = "2024-01-03T05:00Z"
        seen = sets["carried"].preview(at=at).sort("user")
        assert session.used["carried"] == "offline store"
        made = sets["carried"].trace("worth_last_1d", {"user": "a"}, at)
        clicks = pl.read_parquet(home.warehouse / "clicks.parquet").filter(pl.col("user") == "a")
        *_, last = clicks.filter(pl.col("ts") < datetime(2024, 1, 3, 5, tzinfo=UTC)).to_dicts()
        # The newest price is that of the hour before the click's, and counts hours from the 1st on.
        hours = (last["ts"].day - 1) * 24 + last["ts"].hour
        worth = last["n"] * (hours - 1) + last["ts"].hour
        assert seen["carried_worth_last_1d"][0] == worth
        assert made.filter(pl.col("event_id") == last["id"])["worth"].to_list() == [worth]
        prices = sets["prices"].preview(at="2024-01-03T05:30Z").sort("user")
        assert prices["prices_price"].to_list() == [52, 52]


def test_the_catalogue_shows_hours(filled, home):
    registry = RegistryStore(home.registry_url)
    app = Litestar(
        [*registry_api.route_handlers(), *catalogue_api.route_handlers(), *ui.route_handlers()],
        dependencies={
            "registry": Provide(lambda: registry, sync_to_thread=False),
            "settings": Provide(lambda: home, sync_to_thread=False),
        },
        template_config=ui.template_config(),
        openapi_config=None,
    )
    try:
        with TestClient(app) as client:
            for name in SETS[:2]:
                page = client.get(f"/features/{name}")
                assert page.status_code == 200
                assert "2024-01-01-00:00 to 2024-01-03-05:00, 54 partitions" in page.text, name
            assert "2024-01-01 to 2024-01-02, 2 partitions" in client.get("/features/ratings").text
            assert client.get("/features/carried/carried_worth_last_1d").status_code == 200
            told = client.get("/v1/features/prices").json()
            assert told["definition"]["batch"] == "1h"
    finally:
        registry.close()


def test_the_hourly_schedule_takes_the_hours_and_the_daily_one_the_days(home):
    with Orchestra.open() as orchestra:
        at = datetime(2024, 1, 3, 6, 5, tzinfo=UTC)
        due = {}
        for name in ("features_hourly", "features_daily"):
            [request] = requests_due(orchestra.defs, name, at)
            due[name] = (request.partition_key, {key.path[1] for key in request.asset_selection})
        carried = orchestra.defs.resolve_asset_graph().get(dg.AssetKey(["features", "carried"]))
        mapping = carried.partition_mappings[dg.AssetKey(["features", "ratings"])]
        below = orchestra.defs.resolve_asset_graph().get(dg.AssetKey(["features", "ratings"]))
        hours = carried.partitions_def
        for hour in ("2024-01-02-00:00", "2024-01-02-13:00", "2024-01-02-23:00"):
            found = mapping.get_upstream_mapped_partitions_result_for_partitions(
                hours.subset_with_partition_keys([hour]), hours, below.partitions_def
            )
            assert list(found.partitions_subset.get_partition_keys()) == ["2024-01-01"], hour
            assert not found.required_but_nonexistent_subset
    assert due["features_hourly"] == ("2024-01-03-05:00", {"clicks", "prices", "carried"})
    assert due["features_daily"] == ("2024-01-02", {"ratings"})
