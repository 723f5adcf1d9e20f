import dagster as dg
import pytest

from bighead.resources.dagster_bindings import batched_events, open_instance
from bighead.resources.dagster_event_log import BatchedSqliteEventLog
from bighead.resources.settings import Settings

KEY = dg.AssetKey("a")
DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")


@dg.asset(
    key=KEY,
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("fine", asset=KEY)],
)
def a(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    for number, key in enumerate(context.partition_keys):
        context.add_asset_metadata({"n": number}, asset_key=KEY, partition_key=key)
    return dg.MaterializeResult(
        metadata={"all": 1}, tags={"colour": "red"}, check_results=[dg.AssetCheckResult(passed=True)]
    )


def launch(instance: dg.DagsterInstance) -> str:
    keys = DAYS.get_partition_keys()
    tags = {
        "dagster/asset_partition_range_start": keys[0],
        "dagster/asset_partition_range_end": keys[-1],
    }
    quiet = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
    result = dg.materialize([a], instance=instance, tags=tags, run_config=quiet)
    assert result.success
    return result.run_id


def seen(instance: dg.DagsterInstance, run_id: str) -> list[object]:
    """What Dagster's own readers find, ids and times left out."""
    records = instance.fetch_materializations(KEY, limit=100, ascending=True).records
    made = [
        (
            r.partition_key,
            sorted((k, v.value) for k, v in r.asset_materialization.metadata.items()),
            r.run_id == run_id,
        )
        for r in records
        if r.asset_materialization
    ]
    logs = [e.dagster_event.event_type_value for e in instance.all_logs(run_id) if e.dagster_event]
    latest = instance.get_latest_materialization_event(KEY)
    assert latest is not None
    checks = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        [dg.AssetCheckKey(KEY, "fine")]
    )
    statuses = [record.status.value for record in checks.values()]
    return [
        made,
        sorted(logs),
        sorted(instance.get_materialized_partitions(KEY)),
        latest.asset_materialization.partition if latest.asset_materialization else None,
        statuses,
        [key.to_user_string() for key in instance.all_asset_keys()],
    ]


def test_batches_leave_what_single_events_leave(tmp_path):
    (tmp_path / "plain").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "plain")) as plain:
        expected = seen(plain, launch(plain))
    with open_instance(Settings(home=tmp_path / "home")) as batched:
        assert isinstance(batched.event_log_storage, BatchedSqliteEventLog)
        with batched_events():
            run_id = launch(batched)
        assert seen(batched, run_id) == expected
        assert len(batched.get_materialized_partitions(KEY)) == 31


def test_a_batch_is_written_in_one_transaction_of_each_file(tmp_path, monkeypatch):
    connections = []
    original = BatchedSqliteEventLog._connect

    def counted(self, shard):
        connections.append(shard)
        return original(self, shard)

    with open_instance(Settings(home=tmp_path / "home")) as instance:
        monkeypatch.setattr(BatchedSqliteEventLog, "_connect", counted)
        with batched_events():
            launch(instance)
    assert len(connections) < 31, "fewer connections than partitions"


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "7")
    with batched_events():
        import os

        assert os.environ["DAGSTER_EVENT_BATCH_SIZE"] == "7", "a person's own choice stands"
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE")
    with pytest.raises(RuntimeError), batched_events():  # noqa: PT012 - the error must come from within
        assert os.environ["DAGSTER_EVENT_BATCH_SIZE"] == "1000"
        raise RuntimeError
    assert "DAGSTER_EVENT_BATCH_SIZE" not in os.environ
