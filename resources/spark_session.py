"""Spark sessions: what a `SparkConfig` becomes, the one session of a process, and what is said where Spark lacks.

`pyspark` is imported where a session is asked for, so that nothing else needs it. What else Spark should know
(a Hive metastore, credentials, Kubernetes) stands in Spark's own `spark-defaults.conf`.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import MissingExtraError, StoreError
from bighead.pipeline_lib.model_config import SparkConfig
from bighead.pipeline_lib.model_config.compute import mebibytes

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_log = logging.getLogger(__name__)
LOCAL, _NAME = "local[*]", "bighead"
JAVA_CURE = "Spark 4 runs on Java 17: apt-get install openjdk-17-jre-headless, or point JAVA_HOME at one."
# Blocks are megabytes: workers read them from Spark in few pieces.
_BYTES_A_BATCH, _BUFFER = 64 << 20, 4 << 20
# What one session cannot change: a session that was started otherwise is another one.
_STATIC = ("spark.master", "spark.executor.instances", "spark.executor.cores", "spark.executor.memory")


def spark_conf(config: SparkConfig | None = None, master: str = LOCAL) -> dict[str, str]:
    """Return Spark's own settings for a job.

    Of an executor's memory half is the JVM's and half is left to its Python workers, where the kernel runs.
    Local mode has no executors: there the cores are those in the brackets, and it listens on the loopback only.

    >>> spark_conf(SparkConfig(num_executors=16, executor_memory="8Gi"), "yarn")["spark.executor.memoryOverhead"]
    '4096m'
    """
    asked = config or SparkConfig()
    conf = {
        "spark.master": master,
        "spark.app.name": _NAME,
        "spark.driver.memory": f"{mebibytes(asked.driver_memory)}m",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxBytesPerBatch": str(_BYTES_A_BATCH),
        "spark.buffer.size": str(_BUFFER),
        "spark.ui.showConsoleProgress": "false",
        "spark.python.daemon.module": "bighead.resources.spark_daemon",
        # Workers beside each other share the machine: each task has the threads of its cores.
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
        "spark.executorEnv.RAYON_NUM_THREADS": "1",
    }
    if is_local(master):
        loopback = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        # What is shuffled stays on this machine, and Arrow's numbers hardly shrink.
        return conf | loopback | {"spark.ui.enabled": "false", "spark.shuffle.compress": "false"}
    half = f"{max(mebibytes(asked.executor_memory) // 2, 1)}m"
    return conf | {
        "spark.executor.instances": str(asked.num_executors),
        "spark.executor.cores": str(asked.executor_cores),
        "spark.executor.memory": half,
        "spark.executor.memoryOverhead": half,
    }


def is_local(master: str) -> bool:
    """Return whether a master is this process's own machine."""
    return master == "local" or master.startswith("local[")


def open_session(conf: Mapping[str, str]) -> SparkSession:
    """Return the process's session with these settings, opened by `dagster_pyspark`'s resource.

    A process has one session: one of ours with other settings is stopped before, one of somebody else's is taken
    as it is, which the log says.

    Raises:
        MissingExtraError: pyspark or dagster-pyspark is not installed.
        StoreError: Java lacks, or the cluster cannot be reached.
    """
    try:
        with quiet():
            from dagster_pyspark import LazyPySparkResource
            from pyspark.errors import PySparkRuntimeError
    except ImportError as error:
        raise MissingExtraError("Spark (dagster-pyspark with pyspark)", "spark") from error
    if is_local(conf["spark.master"]):
        # Its workers are this Python, in this environment.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        with quiet():
            session: SparkSession = LazyPySparkResource(spark_config=dict(conf)).spark_session
            if _differs(session, conf) and session.sparkContext.appName == _NAME:
                session.stop()
                session = LazyPySparkResource(spark_config=dict(conf)).spark_session
    except PySparkRuntimeError as error:
        cure = JAVA_CURE if "JAVA_GATEWAY" in str(error) else "Check its settings and Spark's own log."
        raise StoreError(f"Spark does not start: {_first_line(error)}.", cure=cure) from error
    except Exception as error:
        if not type(error).__module__.startswith("py4j"):
            raise
        where = conf["spark.master"]
        raise StoreError(
            f"Spark at {where!r} cannot be reached: {_first_line(error)}.", cure="Check BIGHEAD_SPARK."
        ) from error
    if session.sparkContext.appName == _NAME:
        _stopped_at_the_end(session)
    if _differs(session, conf):
        _log.warning("a Spark session of somebody else runs in this process with other settings: it is used")
    return session


@cache
def _stopped_at_the_end(session: SparkSession) -> None:
    # A finaliser rather than atexit: a step of Dagster's multiprocess executor ends without that.
    Finalize(None, session.stop, exitpriority=10)


def java_home() -> str:
    """Return JAVA_HOME, where Spark looks for Java before it looks on the path; empty where it is not set."""
    return os.environ.get("JAVA_HOME", "")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _differs(session: SparkSession, conf: Mapping[str, str]) -> bool:
    running = session.sparkContext.getConf()
    return any(running.get(name) != conf[name] for name in _STATIC if name in conf)


def mapped(
    frame: DataFrame, work: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]], schema: Any
) -> DataFrame:
    """Return `frame.mapInArrow(work, schema)`, without PySpark's warning of a pandas that is not used."""
    with quiet():
        return frame.mapInArrow(work, schema)


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what PySpark says of pandas 3: no frame here ever is one."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def slots(session: SparkSession) -> int:
    """Return how many tasks run at once, about."""
    return max(int(session.sparkContext.defaultParallelism), 1)


def task_bytes(config: SparkConfig | None, master: str, local_bytes: int, parallel: int) -> int:
    """Return the memory that the Python side of one task may take: its share of an executor's half, or of the machine.

    `local_bytes` is what joins may take on this machine, by all tasks together.
    """
    if is_local(master):
        return max(local_bytes // parallel, 1)
    asked = config or SparkConfig()
    return max((mebibytes(asked.executor_memory) << 20) // 2 // asked.executor_cores, 1)
