"""How much of a machine a job may use, and when it runs: resources and schedules as frozen values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bighead.pipeline_lib.errors import DefinitionError

_MEMORY = re.compile(r"(\d+)(Ki|Mi|Gi|Ti)")
_MIB = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}
_CRON_FIELD = re.compile(r"[\d*,/\-]+|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*")


class Schedules:
    """Cron schedules (UTC) by their everyday names.

    >>> Schedules.Mondays
    '0 0 * * 1'
    """

    EveryHour = "0 * * * *"
    EveryDay = "0 0 * * *"
    Mondays = "0 0 * * 1"
    Tuesdays = "0 0 * * 2"
    Wednesdays = "0 0 * * 3"
    Thursdays = "0 0 * * 4"
    Fridays = "0 0 * * 5"
    Saturdays = "0 0 * * 6"
    Sundays = "0 0 * * 0"
    EveryMonth = "0 0 1 * *"


def mebibytes(memory: int | str) -> int:
    """Return an amount of memory in MiB; a bare number already is one, as in the Bighead paper.

    >>> mebibytes("32Gi"), mebibytes(32_400)
    (32768, 32400)

    Raises:
        DefinitionError: neither a positive whole number nor one with Ki, Mi, Gi or Ti.
    """
    if isinstance(memory, int) and not isinstance(memory, bool) and memory > 0:
        return memory
    match = _MEMORY.fullmatch(memory) if isinstance(memory, str) else None
    amount = int(int(match[1]) * _MIB[match[2]]) if match else 0
    if amount <= 0:
        raise DefinitionError(
            f"{memory!r} is no amount of memory.", cure="Expected MiB as a number, or text as '32Gi'."
        )
    return amount


def _at_least(owner: object, name: str, least: int) -> None:
    value = getattr(owner, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise DefinitionError(
            f"{name} of {type(owner).__name__} is {value!r}.", cure=f"Expected a whole number from {least}."
        )


@dataclass(frozen=True)
class SingleMachineConfig:
    """One machine: CPU cores, memory (MiB, or text as "32Gi") and GPUs.

    Raises:
        DefinitionError: less than one core, no memory, or negative GPUs.
    """

    num_cpu: int = 1
    memory: int | str = "2Gi"
    num_gpu: int = 0

    def __post_init__(self) -> None:
        _at_least(self, "num_cpu", 1)
        _at_least(self, "num_gpu", 0)
        mebibytes(self.memory)

    @property
    def memory_mib(self) -> int:
        """Memory in MiB."""
        return mebibytes(self.memory)


@dataclass(frozen=True)
class SparkConfig:
    """A Spark job: its executors, their cores, and memory (MiB, or text as "8Gi").

    Raises:
        DefinitionError: a number below one.
    """

    num_executors: int = 1
    executor_cores: int = 1
    executor_memory: int | str = "4Gi"
    driver_memory: int | str = "2Gi"

    def __post_init__(self) -> None:
        _at_least(self, "num_executors", 1)
        _at_least(self, "executor_cores", 1)
        mebibytes(self.executor_memory)
        mebibytes(self.driver_memory)


@dataclass(frozen=True)
class ScheduledComputeConfig:
    """A job on a cron schedule (UTC), for the time from `start_date` (ISO) on, on one machine or on Spark.

    Raises:
        DefinitionError: a start that is no date, a schedule that is no cron line, or both kinds of compute.
    """

    start_date: str
    schedule: str = Schedules.EveryDay
    single_machine_config: SingleMachineConfig | None = None
    spark_config: SparkConfig | None = None

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.start_date)
        except (TypeError, ValueError) as error:
            raise DefinitionError(
                f"start_date is {self.start_date!r}.", cure="Expected an ISO date, as '2019-01-01'."
            ) from error
        fields = self.schedule.split() if isinstance(self.schedule, str) else []
        if len(fields) != 5 or not all(_CRON_FIELD.fullmatch(field) for field in fields):
            raise DefinitionError(
                f"the schedule is {self.schedule!r}.",
                cure="Expected five cron fields, as Schedules.Mondays or '30 4 * * 1'.",
            )
        if self.single_machine_config and self.spark_config:
            raise DefinitionError("a job names a single machine and Spark.", cure="Name one of them.")
