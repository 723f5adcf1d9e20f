from __future__ import annotations

import json
import threading

import dagster as dg

from bighead.sensors.alerts import ALERTS_FILE, read_alerts, write_alert


def test_a_failed_run_leaves_an_alert_that_names_assets_partition_and_error(empty_world):
    run = empty_world.run("training_sets/visit", keys=["2024-01-08"])
    assert not run.ok
    record = empty_world.instance.get_run_by_id(run.run_ids[0])
    failure = empty_world.instance.get_run_record_by_id(run.run_ids[0])
    assert record is not None
    assert failure is not None
    [event] = [
        entry.dagster_event
        for entry in empty_world.instance.all_logs(record.run_id)
        if entry.dagster_event and entry.dagster_event.event_type == dg.DagsterEventType.RUN_FAILURE
    ]
    sensor = empty_world.defs.resolve_sensor_def("alert_on_failure")
    context = dg.build_run_status_sensor_context(
        sensor_name="alert_on_failure",
        dagster_event=event,
        dagster_instance=empty_world.instance,
        dagster_run=record,
    ).for_run_failure()
    sensor(context)
    [alert] = read_alerts(empty_world.settings.root / "alerts")
    assert alert["assets"] == ["training_sets/visit"]
    assert alert["partition"] == "2024-01-08"
    assert alert["run_id"] == record.run_id
    assert alert["at"] == "2024-01-22T00:00:00+00:00", "the platform's clock, which is replayed"
    assert "features/" in alert["steps"][0]["error"]


def test_alerts_of_many_writers_are_whole_lines(tmp_path):
    def write(number: int) -> None:
        for _ in range(50):
            write_alert(tmp_path, {"number": number, "text": "x" * 500})

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = (tmp_path / ALERTS_FILE).read_text().splitlines()
    assert sorted(json.loads(line)["number"] for line in lines) == sorted([0, 1, 2, 3] * 50)
    assert len(read_alerts(tmp_path)) == 200


def test_no_alerts_is_an_empty_list(tmp_path):
    assert read_alerts(tmp_path) == []
