"""What went wrong is written down: an alert record for each failed run, beside a line in Dagster's log."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from bighead.pipeline_lib.clock import Clock

ALERTS_FILE = "alerts.jsonl"


def alert_sensor(folder: Path, clock: Clock) -> dg.SensorDefinition:
    """Return the sensor that appends one JSON line to `<folder>/alerts.jsonl` for every failed run."""

    @dg.run_failure_sensor(
        name="alert_on_failure",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description="Writes an alert record and an error line for each run that failed.",
    )
    def alert_on_failure(context: dg.RunFailureSensorContext) -> None:
        steps = [
            {"step": str(event.step_key), "error": why(event)} for event in context.get_step_failure_events()
        ]
        record = alert(context.dagster_run, context.failure_event.message or "", steps, clock.now())
        write_alert(folder, record)
        context.log.error(f"{record['assets'] or record['job']} failed: {record['message']}")

    return alert_on_failure


def why(event: dg.DagsterEvent) -> str:
    """Return what a failed step said."""
    error = event.step_failure_data.error
    return error.message.strip() if error else event.message or "failed"


def alert(run: dg.DagsterRun, message: str, steps: list[dict[str, str]], at: datetime) -> dict[str, Any]:
    """Return the record of a failed run: when, which run, assets and partition, and each step's error."""
    return {
        "at": at.isoformat(),
        "kind": "run_failed",
        "run_id": run.run_id,
        "job": run.job_name,
        "assets": sorted(key.to_user_string() for key in run.asset_selection or ()),
        "partition": run.tags.get("dagster/partition"),
        "message": message,
        "steps": steps,
    }


def write_alert(folder: Path, record: dict[str, Any]) -> None:
    """Append a record as one line, in one write, so that two processes never mix theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ALERTS_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, (json.dumps(record) + "\n").encode())
    finally:
        os.close(handle)


def read_alerts(folder: Path) -> list[dict[str, Any]]:
    """Return every alert record, oldest first."""
    path = folder / ALERTS_FILE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
