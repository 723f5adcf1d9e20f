"""The small project in a home of its own, and what its tests ask of it again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from bighead.assets.launch import RunSummary, materialize, partition_keys_between
from bighead.definitions import project_definitions
from bighead.pipeline_lib.project import Project
from bighead.resources.dagster_bindings import open_instance
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings

PROJECT = Path(__file__).parent / "project_small"
CLOCK = "replay:2024-01-22T00:00Z"
WEEKS = ["2024-01-01", "2024-01-08", "2024-01-15"]
SETS = ["features/purchase", "features/profile"]


@dataclass
class World:
    """Definitions, instance and stores over one home."""

    settings: Settings
    project: Project
    defs: dg.Definitions
    instance: dg.DagsterInstance

    @classmethod
    @contextmanager
    def open(cls, home: Path, clock: str = CLOCK, spark: str = "") -> Iterator[World]:
        settings = Settings(home=home, clock=clock, spark=spark)
        project = Project.load(PROJECT)
        with open_instance(settings) as instance:
            yield cls(settings, project, project_definitions(project, settings), instance)

    @property
    def offline(self) -> DeltaOfflineStore:
        return DeltaOfflineStore(self.settings.offline)

    @property
    def registry(self) -> RegistryStore:
        return RegistryStore(self.settings.registry_url, clock=self.settings.now_clock)

    def run(self, *assets: str, keys: Sequence[str] = (), config: Any = None) -> RunSummary:
        return materialize(self.defs, assets, keys, instance=self.instance, config=config)

    def keys(self, asset: str, first: str = "", last: str = "") -> list[str]:
        return partition_keys_between(self.defs, asset, first, last)

    def backfill(self) -> None:
        """Fill the warehouse, the features and the training set."""
        assert self.project.prepare is not None
        self.project.prepare(self.settings.warehouse)
        assert self.run(*SETS, keys=self.keys(SETS[0])).ok
        assert self.run("training_sets/visit", keys=WEEKS).ok

    def train(self, model: str, week: str) -> RunSummary:
        """Train, evaluate and release one week."""
        return self.run(
            *(f"models/{model}/{part}" for part in ("artifact", "evaluation", "release")), keys=[week]
        )

    def activate(self, model: str, artifact: int, *, rollback: bool = False) -> RunSummary:
        """Run the asset that promotes or rolls back."""
        key = f"models/{model}/active"
        return self.run(key, config={key: {"artifact": artifact, "rollback": rollback}})

    def tick(self, cursor: str | None = None) -> Any:
        """Let the promotion sensor look once."""
        sensor = self.defs.resolve_sensor_def("promotion")
        context = dg.build_sensor_context(
            instance=self.instance, cursor=cursor, resources={"registry": self.defs.resources["registry"]}
        )
        return sensor.evaluate_tick(context)
