"""How a trained model is used: scheduled batch scores, and workers that answer online."""

from __future__ import annotations

from dataclasses import dataclass

from bighead.pipeline_lib.errors import DefinitionError
from bighead.pipeline_lib.features import duration
from bighead.pipeline_lib.model_config.compute import ScheduledComputeConfig, mebibytes


@dataclass(frozen=True)
class OnlineServingConfig:
    """Workers that answer requests: how many, memory each (MiB or "1Gi"), and the longest a request may take.

    `max_skew` is the share of a feature's served values that may differ from what all its rows said at that time,
    since some had not reached the store: beyond it the monitors' check `no_skew` warns.

    Raises:
        DefinitionError: no workers, no memory, a timeout that is no positive duration, or a share not in 0 to 1.
    """

    num_workers: int = 1
    memory: int | str = "1Gi"
    timeout: str = "10s"
    max_skew: float = 0.01

    def __post_init__(self) -> None:
        if not isinstance(self.num_workers, int) or self.num_workers < 1:
            raise DefinitionError(f"num_workers is {self.num_workers!r}.", cure="Expected at least one.")
        mebibytes(self.memory)
        if duration(self.timeout) <= 0:
            raise DefinitionError(f"timeout is {self.timeout!r}.", cure="Expected more than nothing.")
        if isinstance(self.max_skew, bool) or not isinstance(self.max_skew, int | float):
            raise DefinitionError(f"max_skew is {self.max_skew!r}.", cure="Expected a share, as 0.01.")
        if not 0 <= self.max_skew <= 1:
            raise DefinitionError(
                f"max_skew is {self.max_skew!r}.", cure="Expected a share from 0 to 1, as 0.01."
            )


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
