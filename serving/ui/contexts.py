"""What each page shows, one frozen value a page; a template reads nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bighead.pipeline_lib.registry.standing import Standing
from bighead.pipeline_lib.registry.values import Artifact, Check, Model
from bighead.serving.ui.catalogue_contexts import FeaturePage, FeatureSetPage, FeaturesPage, ScoresPage
from bighead.serving.ui.charts import Bar, Chart


@dataclass(frozen=True)
class Headline:
    """A metric to show large: its name as stored, and its value."""

    name: str
    value: float | None


@dataclass(frozen=True)
class GatewayLine:
    """A gateway beside a model: whether its lease is live, what it serves, whether that is the active one."""

    id: str
    url: str
    live: bool
    serving: int | None
    follows: bool
    renewed_at: datetime


@dataclass(frozen=True)
class ModelCard:
    """A model in the list."""

    model: Model
    description: str
    active: Artifact | None
    headline: Headline | None
    since: datetime | None
    artifacts: int
    gateways: tuple[GatewayLine, ...]
    promoting: int | None


@dataclass(frozen=True)
class ModelsPage:
    """`/`: every model."""

    models: tuple[ModelCard, ...]


@dataclass(frozen=True)
class ArtifactRow:
    """An artifact in its model's table, with what may be done with it; `refusal` says why not."""

    artifact: Artifact
    standing: Standing
    metrics: tuple[Headline, ...]
    action: Literal["promote", "rollback"] | None
    refusal: str


@dataclass(frozen=True)
class TimelineEntry:
    """A move of `active`, or an attempt that moved nothing."""

    at: datetime
    kind: str
    number: int
    previous: int | None
    actor: str
    reason: str
    forced: bool
    moved: bool
    detail: str


@dataclass(frozen=True)
class ModelPage:
    """`/models/{model}`: artifacts, what serves, history."""

    card: ModelCard
    columns: tuple[str, ...]
    rows: tuple[ArtifactRow, ...]
    trend: Chart | None
    timeline: tuple[TimelineEntry, ...]
    can_roll_back: bool
    notice: str = ""
    cure: str = ""


@dataclass(frozen=True)
class Fact:
    """A named value of an artifact's provenance."""

    name: str
    value: str


@dataclass(frozen=True)
class ArtifactPage:
    """`/models/{model}/artifacts/{number}`: what it is worth, how it looks inside, where it came from."""

    row: ArtifactRow
    headlines: tuple[Headline, ...]
    charts: tuple[Chart, ...]
    importance: tuple[Bar, ...]
    importance_rest: tuple[Bar, ...]
    has_picture: bool
    checks: tuple[Check, ...]
    facts: tuple[Fact, ...]
    inputs: tuple[InputLine, ...]
    example: str
    notice: str = ""
    cure: str = ""


@dataclass(frozen=True)
class InputLine:
    """An input of the model and where its value comes from."""

    name: str
    dtype: str
    origin: str


@dataclass(frozen=True)
class ProblemPage:
    """What went wrong, and the cure."""

    title: str
    message: str
    cure: str


Page = (
    ModelsPage
    | ModelPage
    | ArtifactPage
    | FeaturesPage
    | FeatureSetPage
    | FeaturePage
    | ScoresPage
    | ProblemPage
)
