"""Every asset, check, job, schedule and sensor of the small project, as a picture that a change must own up to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from syrupy.assertion import SnapshotAssertion

from bighead.definitions import project_definitions
from bighead.resources.settings import Settings

PROJECT = Path(__file__).parent / "assets" / "project_small"


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    settings = Settings(home=tmp_path_factory.mktemp("home"), clock="replay:2024-01-22T00:00Z")
    return project_definitions(PROJECT, settings)


def asset(defs: dg.Definitions, spec: dg.AssetSpec) -> dict[str, Any]:
    node = defs.resolve_asset_graph().get(spec.key)
    partitions = spec.partitions_def
    return {
        "group": spec.group_name,
        "owners": list(spec.owners),
        "kinds": sorted(spec.kinds),
        "tags": {name: value for name, value in spec.tags.items() if not name.startswith("dagster/")},
        "partitions": None if partitions is None else [partitions.get_partition_keys()[n] for n in (0, -1)],
        "backfill": str(node.backfill_policy.policy_type.value) if node.backfill_policy else None,
        "deps": {dep.asset_key.to_user_string(): mapping(dep) for dep in spec.deps},
        "checks": sorted(key.name for key in node.check_keys),
        "pools": sorted(node.pools or []),
    }


def mapping(dep: dg.AssetDep) -> str:
    found = dep.partition_mapping
    return (
        f"{found.start_offset}..{found.end_offset}"
        if isinstance(found, dg.TimeWindowPartitionMapping)
        else "default"
    )


def test_assets(defs, snapshot: SnapshotAssertion):
    specs = sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key.to_user_string())
    assert {spec.key.to_user_string(): asset(defs, spec) for spec in specs} == snapshot


def test_jobs_schedules_and_sensors(defs, snapshot: SnapshotAssertion):
    jobs = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
        for job in defs.resolve_all_job_defs()
        if not job.name.startswith("__")
    }
    schedules = {each.name: (each.cron_schedule, each.default_status.value) for each in defs.schedules or []}
    sensors = {
        each.name: (type(each).__name__, each.default_status.value, each.minimum_interval_seconds)
        for each in defs.sensors or []
    }
    assert {"jobs": jobs, "schedules": schedules, "sensors": sensors} == snapshot


def test_blocking_checks_are_the_gates_and_the_example(defs):
    graph = defs.resolve_asset_graph()
    blocking = {
        key.to_user_string()
        for key in graph.asset_check_keys
        if graph.get(key).blocking  # type: ignore[union-attr]
    }
    expected = {
        f"models/{m}/evaluation:{c}" for m in ("buys", "buys_surely") for c in ("roc_auc", "reproduces")
    }
    assert blocking == expected
