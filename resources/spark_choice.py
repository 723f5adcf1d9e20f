"""Which jobs run on Spark: a definition says how large, `BIGHEAD_SPARK` says where, and whether at all.

| a job names             | BIGHEAD_SPARK unset | a master     | off          |
|-------------------------|---------------------|--------------|--------------|
| a SparkConfig           | Spark, here         | Spark, there | this process |
| a SingleMachineConfig   | this process        | this process | this process |
| neither                 | this process        | Spark, there | this process |
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bighead.pipeline_lib.errors import DefinitionError, MissingExtraError, StoreError
from bighead.pipeline_lib.model_config import SingleMachineConfig, SparkConfig
from bighead.resources.sources import Warehouse
from bighead.resources.spark_session import JAVA_CURE, LOCAL, java_home, open_session, spark_conf
from bighead.resources.spark_tables import SparkTables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OFF = "off"
_MASTERS = ("local", "spark", "yarn", "k8s")
_WITHOUT = "Or set BIGHEAD_SPARK=off: then everything runs in its own process."

Asked = SparkConfig | SingleMachineConfig | None


def spark_master(setting: str, asked: Asked = None) -> str | None:
    """Return the master on which a job runs, None where it runs in its own process.

    >>> spark_master("", SparkConfig()), spark_master("yarn"), spark_master("off", SparkConfig())
    ('local[*]', 'yarn', None)

    Raises:
        DefinitionError: the setting is neither a master nor off.
    """
    if setting and setting != OFF and setting.partition(":")[0].partition("[")[0] not in _MASTERS:
        raise DefinitionError(
            f"BIGHEAD_SPARK is {setting!r}.",
            cure="Expected a master, as local[2], spark://host:7077, yarn or k8s://https://host:6443, or off.",
        )
    if setting == OFF or isinstance(asked, SingleMachineConfig):
        return None
    return setting or (LOCAL if isinstance(asked, SparkConfig) else None)


def require_spark(who: str) -> None:
    """Refuse to go on where Spark cannot start here; nothing of it is imported or started.

    Raises:
        MissingExtraError: pyspark or dagster-pyspark is not installed.
        StoreError: there is no Java.
    """
    if find_spec("pyspark") is None or find_spec("dagster_pyspark") is None:
        missing = MissingExtraError(f"Spark, which {who} asks for,", "spark")
        missing.cure = f"{missing.cure}. {_WITHOUT}"
        raise missing
    home = java_home()
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        where = f" in JAVA_HOME, {home!r}" if home else ""
        raise StoreError(
            f"Spark, which {who} asks for, finds no Java{where}.", cure=f"{JAVA_CURE} {_WITHOUT}"
        )


def source_tables(
    root: Path, setting: str, session: Callable[[], SparkSession] | None = None
) -> Warehouse | SparkTables:
    """Return the warehouse, with Spark's catalogue beside it where the setting names a master.

    The session, by default one of the smallest size, is opened when something asks for what the warehouse lacks.

    Raises:
        DefinitionError: the setting is neither a master nor off.
    """
    warehouse, master = Warehouse(root), spark_master(setting)
    if master is None:
        return warehouse
    return SparkTables(warehouse, session or (lambda: open_session(spark_conf(None, master))))
