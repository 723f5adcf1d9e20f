from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest
from small_world import PROJECT

from bighead.definitions import project_definitions
from bighead.resources.settings import Settings
from bighead.sensors.schedules import requests_due


def due(defs: dg.Definitions, name: str, at: datetime) -> list[tuple[str | None, list[str]]]:
    requests = requests_due(defs, name, at)
    return [(r.partition_key, sorted(k.to_user_string() for k in r.asset_selection or [])) for r in requests]


@pytest.fixture
def replayed(tmp_path):
    return project_definitions(PROJECT, Settings(home=tmp_path, clock="replay:2024-01-22T00:00Z"))


def test_each_schedule_asks_for_the_last_whole_partition_at_its_time(replayed):
    at = datetime(2024, 1, 15, 1, 30, tzinfo=UTC)
    every = ["features/profile", "features/profile/online", "features/purchase", "features/purchase/online"]
    assert due(replayed, "features_daily", at) == [("2024-01-14", every)]
    parts = [f"models/buys/{part}" for part in ("artifact", "evaluation", "release")]
    assert due(replayed, "retrain_buys", at) == [("2024-01-08", [*parts, "training_sets/visit"])]
    assert due(replayed, "score_buys_daily", at) == [("2024-01-14", ["scores/buys", "scores/buys/uploaded"])]
    monitors = [f"monitoring/buys/{part}" for part in ("consistency", "drift", "performance")]
    assert due(replayed, "monitor_buys_daily", at) == [("2024-01-14", monitors)]


def test_in_a_replay_nothing_lies_beyond_the_clock_and_schedules_are_stopped(replayed):
    later = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
    assert [key for key, _ in due(replayed, "features_daily", later)] == ["2024-01-21"]
    assert [key for key, _ in due(replayed, "retrain_buys", later)] == ["2024-01-15"]
    for schedule in replayed.schedules or []:
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


def test_in_real_time_schedules_run(tmp_path):
    defs = project_definitions(PROJECT, Settings(home=tmp_path))
    assert {s.default_status for s in defs.schedules or []} == {dg.DefaultScheduleStatus.RUNNING}
    assert [key for key, _ in due(defs, "retrain_buys", datetime(2026, 6, 1, 1, 30, tzinfo=UTC))] == [
        "2026-05-25"
    ]


def test_before_the_first_week_is_whole_there_is_nothing_to_do(replayed):
    schedule = replayed.resolve_schedule_def("retrain_buys")
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2024, 1, 3, tzinfo=UTC))
    assert schedule.evaluate_tick(context).skip_message == "no partition is whole yet"


def test_retraining_runs_on_the_weekday_that_the_model_names(replayed):
    assert replayed.resolve_schedule_def("retrain_buys").cron_schedule == "30 1 * * 1"
