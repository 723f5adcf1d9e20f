"""How a trained model is used: scheduled batch scores, and workers that answer online."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import duration
from bighead.pipeline_lib.model_config.compute import ScheduledComputeConfig, mebibytes


@dataclass(frozen=True)
class OnlineServingConfig:
    """Workers that answer requests: how many, memory each (MiB or "1Gi"), and the longest a request may take.

    Raises:
        DefinitionError: no workers, no memory, or a timeout that is no positive duration.
    """

    num_workers: int = 1
    memory: int | str = "1Gi"
    timeout: str = "10s"

    def __post_init__(self) -> None:
        if not isinstance(self.num_workers, int) or self.num_workers < 1:
            raise DefinitionError(f"num_workers is {self.num_workers!r}.", cure="Expected at least one.")
        mebibytes(self.memory)
        if duration(self.timeout) <= 0:
            raise DefinitionError(f"timeout is {self.timeout!r}.", cure="Expected more than nothing.")


@dataclass(frozen=True)
class TransformConfig:
    """Where answers are wanted: on a schedule (`offline_config`), on request (`online_config`), or both.

    Raises:
        DefinitionError: neither.
    """

    offline_config: ScheduledComputeConfig | None = None
    online_config: OnlineServingConfig | None = None

    def __post_init__(self) -> None:
        if self.offline_config is None and self.online_config is None:
            raise DefinitionError(
                "a TransformConfig names nothing.", cure="Give offline_config or online_config."
            )
