"""What the verbs and the demo ask of Dagster: a project's definitions under one clock, run in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from bighead.assets.chunks import OnChunk
from bighead.assets.fitting import stale_weeks
from bighead.assets.launch import RunSummary, materialize, partition_keys_between
from bighead.definitions import project_definitions
from bighead.pipeline_lib.errors import StoreError, UnknownNameError
from bighead.pipeline_lib.features import CalendarSource
from bighead.pipeline_lib.features.batch_grain import Grain
from bighead.pipeline_lib.features.chain import upstream_first
from bighead.pipeline_lib.model_config import ModelConfig
from bighead.pipeline_lib.point_in_time.stale import days_to_compute
from bighead.pipeline_lib.point_in_time.touched import touched_days
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.resources.spark_choice import source_tables

TRAINING = ("artifact", "evaluation", "release")
NOTHING = RunSummary(0.0, {}, True)


@dataclass(frozen=True)
class Trained:
    """What a week's training came to."""

    number: int | None
    released: bool
    metrics: dict[str, float]
    failures: dict[str, str]
    seconds: float


class Orchestra:
    """A project's definitions, Dagster's instance and the settings that both were made from."""

    def __init__(
        self, settings: Settings, instance: dg.DagsterInstance, project: Project | None = None
    ) -> None:
        self.settings, self.instance = settings, instance
        self.project = project or Project.load(settings.project)
        self.defs = project_definitions(self.project, settings)

    @classmethod
    @contextmanager
    def open(cls, settings: Settings | None = None) -> Iterator[Orchestra]:
        """Open the project and the instance of the settings."""
        chosen = settings or Settings()
        with open_instance(chosen) as instance:
            yield cls(chosen, instance)

    def feature_sets(self) -> list[str]:
        """Return the names of the sets that have rows to keep, each after those it is built on."""
        sets = upstream_first(self.project.feature_sets.values())
        return [each.name for each in sets if not isinstance(each.source, CalendarSource)]

    def grain(self, name: str) -> Grain:
        """Return the grain of a feature set's partitions."""
        return self.project.feature_sets[name].grain

    def model(self, name: str) -> ModelConfig:
        """Return a model's definition.

        Raises:
            UnknownNameError: with the nearest names.
        """
        if name not in self.project.models:
            raise UnknownNameError("model", name, self.project.models)
        return self.project.models[name]

    def prepare_tables(self) -> dict[str, int]:
        """Have the project write its source tables, if it has a way to; return the rows of each."""
        prepare = self.project.prepare
        return prepare(self.settings.warehouse) if prepare is not None else {}

    def materialize(
        self, assets: Sequence[str], *, first: str = "", last: str = "", keys: Sequence[str] | None = None
    ) -> RunSummary:
        """Materialise assets for `keys`, or for their partitions from `first` to `last`."""
        if keys is None:
            keys = partition_keys_between(self.defs, assets[0], first, last)
        if not keys:
            return NOTHING
        return materialize(self.defs, assets, keys, instance=self.instance)

    def backfill(
        self, name: str, days: Sequence[str], *, force: bool = False, on_chunk: OnChunk | None = None
    ) -> RunSummary:
        """Compute days of a feature set, those that are stored too with `force`; tell of each commit."""
        if not days:
            return NOTHING
        asset = f"features/{name}"
        config = {asset: {"force": force}}
        return materialize(self.defs, [asset], days, instance=self.instance, config=config, on_chunk=on_chunk)

    def lacking_days(self, name: str, days: Sequence[str], *, late: bool = False) -> list[str]:
        """Return those of `days` that lack, are of another definition or touched, or that Dagster never recorded.

        With `late` the source is read for rows that came after their day was stored: they touch it, too.
        """
        feature_set = self.project.feature_sets[name]
        grain = feature_set.grain
        stored = self.offline().stored_days(name, grain)
        wanted = {day: grain.parse(day) for day in days}
        lacking = set(days_to_compute(feature_set, list(wanted.values()), stored))
        kept = [day for day in wanted.values() if day not in lacking]
        tables = source_tables(self.settings.warehouse, self.settings.spark)
        lacking |= set(touched_days(feature_set, kept, tables, self.offline(), late=late))
        done = self.instance.get_materialized_partitions(dg.AssetKey(["features", name]))
        return [key for key, day in wanted.items() if day in lacking or key not in done]

    def days(self, feature_set: str, first: str = "", last: str = "") -> list[str]:
        """Return the days or hours of a feature set from `first` to `last`, both included; a day means all its hours.

        Raises:
            UnknownNameError: with the nearest names.
        """
        return partition_keys_between(self.defs, f"features/{feature_set}", first, last)

    def upload(self, feature_set: str, last: str = "") -> RunSummary:
        """Put the generation of the end of `last`, by default of the last partition, into the online store.

        Raises:
            StoreError: the run failed.
        """
        asset = f"features/{feature_set}/online"
        run = self.materialize([asset], keys=partition_keys_between(self.defs, asset, last=last)[-1:])
        if not run.ok:
            raise StoreError(
                f"{asset} was not uploaded: {dict(run.failures)}.", cure="See the run in Dagster."
            )
        return run

    def backfill_missing(self) -> int:
        """Compute every feature partition that lacks or is stale; return the rows written."""
        rows = 0
        for name in self.feature_sets():
            asset = f"features/{name}"
            run = self.backfill(name, self.lacking_days(name, self.days(name)))
            if not run.ok:
                raise StoreError(
                    f"{asset} was not backfilled: {dict(run.failures)}.", cure="See the run in Dagster."
                )
            rows += sum(run.rows.values())
        return rows

    def weeks(self, model: str, last: str = "") -> list[str]:
        """Return the weeks that a model trains on, up to `last`."""
        asset = f"models/{self.model(model).name}/artifact"
        weeks = partition_keys_between(self.defs, asset)
        if last and last not in weeks:
            raise UnknownNameError("week", last, weeks[-20:])
        return [week for week in weeks if week <= (last or week)]

    def missing_weeks(self, training_set: str, weeks: Sequence[str]) -> list[str]:
        """Return those of `weeks` whose training rows were not built yet, or by another definition."""
        done = self.instance.get_materialized_partitions(dg.AssetKey(["training_sets", training_set]))
        stale = stale_weeks(self.project.training_sets[training_set], self.offline())
        return [week for week in weeks if week not in done or week in stale]

    def train(self, model: str, week: str) -> Trained:
        """Fit, evaluate and, if the gates pass, release one week of a model."""
        run = self.materialize([f"models/{model}/{part}" for part in TRAINING], keys=[week])
        try:
            found = [each for each in self.registry().artifacts(model) if each.partition == week]
        except UnknownNameError:  # the first training of a model failed before the registry heard of it
            found = []
        newest = max(found, key=lambda each: each.number) if found else None
        return Trained(
            number=newest.number if newest else None,
            released=bool(newest and newest.released),
            metrics={k: v for k, v in newest.metrics.items() if v is not None} if newest else {},
            failures=dict(run.failures),
            seconds=run.seconds,
        )

    def registry(self) -> RegistryStore:
        """Open the registry under this clock."""
        return RegistryStore(self.settings.registry_url, clock=self.settings.now_clock)

    def offline(self) -> DeltaOfflineStore:
        """Open the offline store."""
        return DeltaOfflineStore(self.settings.offline)

    def promote_released(self, cursor: str | None) -> tuple[str | None, list[RunSummary]]:
        """Let the promotion sensor tick once, as Dagster's daemon does, and run what it asks for."""
        sensor = self.defs.resolve_sensor_def("promotion")
        registry = (self.defs.resources or {})["registry"]
        context = dg.build_sensor_context(
            instance=self.instance, cursor=cursor, resources={"registry": registry}
        )
        tick: Any = sensor.evaluate_tick(context)
        return tick.cursor, [self._run(request) for request in tick.run_requests or []]

    def _run(self, request: dg.RunRequest) -> RunSummary:
        assets = [key.to_user_string() for key in request.asset_selection or []]
        ops = dict(request.run_config or {}).get("ops", {})
        config = {name.replace("__", "/"): values["config"] for name, values in ops.items()}
        return materialize(self.defs, assets, instance=self.instance, config=config)
