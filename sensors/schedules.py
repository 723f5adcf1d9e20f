"""When runs start by themselves: yesterday's features, or the last hour's, then scores, and each week an artifact.

A schedule asks for the last partition that was whole at the time it was due, so evaluating it for a past
instant (`build_schedule_context(scheduled_execution_time=clock)`) asks for that instant's partition.
"""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from bighead.assets import keys
from bighead.assets.layout import Layout
from bighead.assets.partitions import weekday_of
from bighead.pipeline_lib.clock import ReplayClock
from bighead.pipeline_lib.features.batch_grain import DAILY, HOURLY
from bighead.pipeline_lib.model_config import ModelConfig

# Late in the day, with room to be read by its end.
SNAPSHOTS_CRON = "0 23 * * *"
# After midnight, and after each hour, in the order in which one needs the other; UTC.
HOURLY_CRON = "5 * * * *"
FEATURES_CRON = "5 0 * * *"
SCORES_CRON = "45 0 * * *"
MONITOR_CRON = "5 1 * * *"
RETRAIN_AT = "30 1"

Partitions = dg.TimeWindowPartitionsDefinition


def schedules(layout: Layout, defs: dg.Definitions) -> list[dg.ScheduleDefinition]:
    """Return every schedule of a project; running by default, but stopped in a replay: its days are over."""
    running = not isinstance(layout.settings.now_clock, ReplayClock)
    status = dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED
    partitions = {
        spec.key: spec.partitions_def
        for asset in defs.assets or []
        if isinstance(asset, dg.AssetsDefinition)
        for spec in asset.specs
        if isinstance(spec.partitions_def, Partitions)
    }
    found = [snapshots_schedule(layout, status)]
    for name, cron, grain in (
        ("features_daily", FEATURES_CRON, DAILY),
        ("features_hourly", HOURLY_CRON, HOURLY),
    ):
        sets = [each.name for each in layout.stored_sets if each.grain is grain]
        wanted = [key(each) for each in sets for key in (keys.features, keys.online)]
        found.append(partitioned_schedule(name, cron, _only(wanted, partitions), status))
    for model in layout.project.models.values():
        found += model_schedules(model, partitions, status)
    return [schedule for schedule in found if schedule is not None]


def snapshots_schedule(layout: Layout, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition | None:
    """Return what reads stores without history before the end of each day, from which on the snapshot is known."""
    if not layout.snapshots:
        return None
    return dg.ScheduleDefinition(
        name="snapshots_daily",
        cron_schedule=SNAPSHOTS_CRON,
        target=dg.AssetSelection.assets(*(keys.table(table) for table in layout.snapshots)),
        execution_timezone="UTC",
        default_status=status,
    )


def model_schedules(
    model: ModelConfig, partitions: dict[dg.AssetKey, Partitions], status: dg.DefaultScheduleStatus
) -> list[dg.ScheduleDefinition | None]:
    """Return a model's weekly retraining and its daily scores with their monitors."""
    parts = [keys.model(model.name, part) for part in ("artifact", "evaluation", "release")]
    weekly = [keys.training_set(model.source.name), *parts]
    monitors = [keys.monitoring(model.name, part) for part in ("drift", "consistency", "performance")]
    daily = [keys.scores(model.name), keys.uploaded(model.name)]
    cron = f"{RETRAIN_AT} * * {weekday_of(model.fit_config.schedule)}"
    return [
        partitioned_schedule(f"retrain_{model.name}", cron, _only(weekly, partitions), status),
        partitioned_schedule(f"score_{model.name}_daily", SCORES_CRON, _only(daily, partitions), status),
        partitioned_schedule(
            f"monitor_{model.name}_daily", MONITOR_CRON, _only(monitors, partitions), status
        ),
    ]


def partitioned_schedule(
    name: str, cron: str, assets: dict[dg.AssetKey, Partitions], status: dg.DefaultScheduleStatus
) -> dg.ScheduleDefinition | None:
    """Return a schedule that asks for each asset's last whole partition, a run for each kind of partition."""
    if not assets:
        return None

    @dg.schedule(
        name=name,
        cron_schedule=cron,
        target=dg.AssetSelection.assets(*assets),
        execution_timezone="UTC",
        default_status=status,
    )
    def due(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        requests = last_partitions(name, assets, context.scheduled_execution_time)
        return requests or dg.SkipReason("no partition is whole yet")

    return due


def requests_due(defs: dg.Definitions, name: str, at: datetime) -> list[dg.RunRequest]:
    """Return what a schedule asks for when it is due at an instant: what the daemon does, for a replay's clock."""
    repository = defs.get_repository_def()
    with dg.build_schedule_context(scheduled_execution_time=at, repository_def=repository) as context:
        return list(defs.resolve_schedule_def(name).evaluate_tick(context).run_requests or [])


def last_partitions(name: str, assets: dict[dg.AssetKey, Partitions], at: datetime) -> list[dg.RunRequest]:
    """Return one run for each kind of partition among `assets`: the last partition that ended by `at`."""
    requests = []
    for partitions in dict.fromkeys(assets.values()):
        with dg.partition_loading_context(effective_dt=at):
            key = partitions.get_last_partition_key()
        selection = [asset for asset, own in assets.items() if own == partitions]
        if key is not None:
            run_key = f"{name}:{key}:{selection[0].to_user_string()}"
            requests.append(dg.RunRequest(run_key=run_key, partition_key=key, asset_selection=selection))
    return requests


def _only(
    wanted: Sequence[dg.AssetKey], partitions: dict[dg.AssetKey, Partitions]
) -> dict[dg.AssetKey, Partitions]:
    return {key: partitions[key] for key in wanted if key in partitions}
