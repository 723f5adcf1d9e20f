"""Dagster's view of the stores: thin resources over the adapters beside this file, and its instance."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from bighead.pipeline_lib.clock import ReplayClock, SystemClock, parse_clock
from bighead.pipeline_lib.model_config import SparkConfig
from bighead.pipeline_lib.point_in_time import Memory
from bighead.pipeline_lib.ports import TableReader
from bighead.resources.machine import join_memory
from bighead.resources.offline_store import DeltaOfflineStore
from bighead.resources.online_store import OnlineStore
from bighead.resources.online_stores import open_online_store
from bighead.resources.registry_store import RegistryStore
from bighead.resources.settings import Settings
from bighead.resources.sources import Warehouse
from bighead.resources.spark_choice import Asked, source_tables, spark_master
from bighead.resources.spark_engine import SparkEngine
from bighead.resources.spark_tables import SparkTables

EVENT_BATCH, EVENTS_A_BATCH = "DAGSTER_EVENT_BATCH_SIZE", "1000"

# Bookkeeping in batches: a single-run backfill stores two events a partition, 29 ms a partition one by one.
DAGSTER_YAML = """\
# Written by bighead. Delete a line to go back to Dagster's own default.
telemetry: {enabled: false}
nux: {enabled: false}
run_monitoring: {enabled: true}
event_log_storage:
  module: bighead.resources.dagster_event_log
  class: BatchedSqliteEventLog
  config: {home: {env: DAGSTER_HOME}}
"""


class WarehouseResource(dg.ConfigurableResource[TableReader]):
    """Source tables in a folder, and where `spark` names a master, in Spark's catalogue."""

    root: str
    spark: str = ""

    def open(self, engine: SparkEngine | None = None) -> Warehouse | SparkTables:
        """Return the tables; the catalogue's are read by the session of `engine`, where there is one."""
        session = (lambda: engine.session) if engine is not None else None
        return source_tables(Path(self.root), self.spark, session)


class SparkResource(dg.ConfigurableResource[SparkEngine]):
    """Spark, where a definition or `master` (BIGHEAD_SPARK) asks for it.

    In local mode a join may hold `memory_gb`, by default half of the machine's. Through `spill` Spark's tasks and
    the process of a run hand each other files: both must reach it under the same path.
    """

    master: str = ""
    memory_gb: float = 0.0
    spill: str

    def engine(self, asked: Asked = None) -> SparkEngine | None:
        """Return what joins and backfills a job that asks for these resources; None: its own process does."""
        master = spark_master(self.master, asked)
        if master is None:
            return None
        config = asked if isinstance(asked, SparkConfig) else None
        return SparkEngine(join_memory(self.memory_gb, Path(self.spill)), config, master)


class OfflineStoreResource(dg.ConfigurableResource[DeltaOfflineStore]):
    """Features by day, training sets and scores by partition, in Delta tables under a folder.

    A join over them may hold `memory_gb`, by default half of the machine's; what exceeds that goes to `spill`.
    """

    root: str
    memory_gb: float = 0.0
    spill: str = ""

    def open(self) -> DeltaOfflineStore:
        """Return the store."""
        return DeltaOfflineStore(Path(self.root))

    def memory(self) -> Memory:
        """Return what a join over the store may hold at once."""
        return join_memory(self.memory_gb, Path(self.spill or Path(self.root).parent / "spill"))


class OnlineStoreResource(dg.ConfigurableResource[OnlineStore]):
    """Generations and streams of online features, under a folder or in the Redis at a URL."""

    root: str
    redis: str = ""
    redis_prefix: str = "bighead:"

    def open(self) -> OnlineStore:
        """Return the store; the caller closes it."""
        return open_online_store(Path(self.root), self.redis, self.redis_prefix)


class RegistryResource(dg.ConfigurableResource[RegistryStore]):
    """The registry at a database URL; `clock` dates its history, as BIGHEAD_CLOCK."""

    url: str
    clock: str = "system"

    def open(self) -> RegistryStore:
        """Return the registry; the caller closes it."""
        return RegistryStore(self.url, clock=parse_clock(self.clock))


class HomeResource(dg.ConfigurableResource[Path]):
    """Folders of bundles, logs and published files, and the clock."""

    artifacts: str
    inference_log: str
    published: str
    clock: str = "system"

    def now_clock(self) -> SystemClock | ReplayClock:
        """Return the clock that drives the platform."""
        return parse_clock(self.clock)


def default_resources(settings: Settings) -> dict[str, Any]:
    """Return the embedded resources by the names that assets ask for; a project may replace any of them."""
    settings.root.mkdir(parents=True, exist_ok=True)
    return {
        "warehouse": WarehouseResource(root=str(settings.warehouse), spark=settings.spark),
        "spark": SparkResource(
            master=settings.spark, memory_gb=settings.memory_gb, spill=str(settings.spill_folder)
        ),
        "offline_store": OfflineStoreResource(
            root=str(settings.offline), memory_gb=settings.memory_gb, spill=str(settings.spill_folder)
        ),
        "online_store": OnlineStoreResource(
            root=str(settings.online), redis=settings.redis, redis_prefix=settings.redis_prefix
        ),
        "registry": RegistryResource(url=settings.registry_url, clock=settings.clock),
        "home": HomeResource(
            artifacts=str(settings.artifacts),
            inference_log=str(settings.inference_log),
            published=str(settings.root / "published"),
            clock=settings.clock,
        ),
    }


def prepare_instance(settings: Settings) -> dict[str, str]:
    """Write dagster.yaml where it is missing; return the environment in which Dagster's processes find it."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        config.write_text(DAGSTER_YAML, encoding="utf-8")
    return {"DAGSTER_HOME": str(home), EVENT_BATCH: EVENTS_A_BATCH}


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open Dagster's instance under `settings.dagster_home`; `dagster dev` shows what was run in it."""
    environment = prepare_instance(settings)
    # dagster.yaml asks for this variable, in the processes that `dagster dev` starts as in this one.
    os.environ["DAGSTER_HOME"] = environment["DAGSTER_HOME"]
    return dg.DagsterInstance.from_config(environment["DAGSTER_HOME"])


@contextmanager
def batched_events() -> Iterator[None]:
    """Let runs in this process store asset events in batches; Dagster reads that from the environment."""
    before = os.environ.get(EVENT_BATCH)
    os.environ[EVENT_BATCH] = before or EVENTS_A_BATCH
    try:
        yield
    finally:
        if before is None:
            del os.environ[EVENT_BATCH]
