"""A model as its owner declares it: pipeline, training set, schedules, gates and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bighead.pipeline_lib.errors import DefinitionError, NameCollisionError
from bighead.pipeline_lib.features import FeatureRef, TrainingSet
from bighead.pipeline_lib.features.care import check_readable
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.model_config.compute import ScheduledComputeConfig
from bighead.pipeline_lib.model_config.gate import Gate, Holdout
from bighead.pipeline_lib.model_config.serving import TransformConfig
from bighead.pipeline_lib.quality.checks import Check
from bighead.pipeline_lib.quality.declared import checked_scores

if TYPE_CHECKING:
    from bighead.pipeline_lib.pipeline import Pipeline


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """A model: what it learns from, how it is fitted, when, and what it must reach.

    Args:
        name: Its name, as in its URL.
        owner: Who answers for it.
        team: The team that may promote it.
        description: What it predicts, in a sentence.
        tags: Words to find it by.
        pipeline: The unfitted pipeline; training fits a clone, so this one stays as it is.
        source: The training set.
        sink: The table that batch scores are copied to, besides the offline store.
        fit_config: When and where it is trained.
        transform_config: When and where it scores.
        gates: What an artifact must reach on the holdout before it may be promoted; one a metric.
        holdout: The rows that are measured on.
        seed: Where randomness starts; equal seeds and data give equal artifacts.
        score_checks: What must hold of each day's batch scores, as `Range("probability", max=0.9)`.

    Raises:
        DefinitionError: a name that cannot be, or parts of wrong types.
        NameCollisionError: two gates on one metric.
        ForbiddenError: its team may not read a feature set that it uses.
    """

    name: str
    owner: str
    pipeline: Pipeline
    source: TrainingSet
    fit_config: ScheduledComputeConfig
    team: str = ""
    description: str = ""
    tags: Sequence[str] = ()
    sink: str | None = None
    transform_config: TransformConfig | None = None
    gates: Sequence[Gate] = ()
    holdout: Holdout = field(default_factory=Holdout)
    seed: int = 0
    score_checks: Sequence[Check] = ()

    def __post_init__(self) -> None:
        check_name("model", self.name)
        for name, expected in (("source", TrainingSet), ("fit_config", ScheduledComputeConfig)):
            if not isinstance(getattr(self, name), expected):
                raise DefinitionError(
                    f"{name} of the model {self.name!r} is {getattr(self, name)!r}.",
                    cure=f"Expected a {expected.__name__}.",
                )
        if isinstance(self.tags, str) or isinstance(self.gates, Gate):
            raise DefinitionError(f"tags or gates of {self.name!r} are no list.", cure="Put them into [ ].")
        object.__setattr__(self, "tags", tuple(self.tags))
        object.__setattr__(self, "gates", tuple(self.gates))
        object.__setattr__(self, "score_checks", checked_scores(self.name, self.score_checks))
        sets = [use.set for use in self.source.features if isinstance(use, FeatureRef)]
        check_readable(f"the model {self.name!r}", self.team or self.owner, sets)
        metrics = [gate.metric for gate in self.gates]
        doubled = [metric for metric in metrics if metrics.count(metric) > 1]
        if doubled:
            raise NameCollisionError(
                f"{self.name!r} has two gates on {doubled[0]!r}.", cure="Give one Gate both bounds."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return what the registry keeps of it as JSON values; the pipeline stays out."""
        return {
            "name": self.name,
            "owner": self.owner,
            "team": self.team,
            "description": self.description,
            "tags": list(self.tags),
            "source": self.source.name,
            "sink": self.sink,
            "fit_config": asdict(self.fit_config),
            "transform_config": asdict(self.transform_config) if self.transform_config else None,
            "gates": [asdict(gate) for gate in self.gates],
            "holdout": asdict(self.holdout),
            "seed": self.seed,
        }
