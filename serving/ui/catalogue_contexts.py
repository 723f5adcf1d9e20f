"""What the catalogue's pages show, one frozen value a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bighead.pipeline_lib.features.published import Unread
from bighead.pipeline_lib.features.search import Hit
from bighead.pipeline_lib.quality.ledger import RecordedVerdict
from bighead.serving.ui.charts import Bar, Chart
from bighead.serving.ui.lineage_drawing import Drawing


@dataclass(frozen=True)
class SetCard:
    """A feature set in the list: how fresh it is, how its checks went, who uses it."""

    name: str
    owner: str
    keys: tuple[str, ...]
    tags: tuple[str, ...]
    source: str
    features: int
    newest: datetime | None
    checks: int
    failed: int
    used_by: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FeaturesPage:
    """`/features`: every feature set, or what a search found."""

    query: str
    sets: tuple[SetCard, ...]
    hits: tuple[Hit, ...]
    suggestion: str
    problem: str = ""
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class ScoresPage:
    """`/models/{model}/scores`: its answered days, the artifacts that answered, distributions, checks."""

    model: str
    span: str
    artifacts: tuple[int, ...]
    volume: Chart | None
    means: tuple[Chart, ...]
    columns: tuple[ColumnPanel, ...]
    checks: tuple[RecordedVerdict, ...]


@dataclass(frozen=True)
class Said:
    """A named value."""

    name: str
    value: str


@dataclass(frozen=True)
class ColumnPanel:
    """What stored profiles say of a column, and its picture: a distribution, or its commonest values."""

    name: str
    role: str
    dtype: str
    doc: str
    facts: tuple[Said, ...]
    chart: Chart | None
    bars: tuple[Bar, ...]
    nulls: Chart | None = None
    unit: str = ""
    pii: bool = False


@dataclass(frozen=True)
class FeatureRow:
    """A feature in its set's table."""

    name: str
    what: str
    window: str
    doc: str
    unit: str = ""
    pii: bool = False


@dataclass(frozen=True)
class SchemaEntry:
    """A change of a source's schema that a backfill saw, or refused."""

    at: datetime
    refused: bool
    changes: tuple[str, ...]


@dataclass(frozen=True)
class FeatureSetPage:
    """`/features/{set}`: its definition, its days, its checks, where it stands in the lineage."""

    card: SetCard
    facts: tuple[Said, ...]
    features: tuple[FeatureRow, ...]
    more: int
    span: str
    grain: str
    volume: Chart | None
    nulls: Chart | None
    columns: tuple[ColumnPanel, ...]
    checks: tuple[RecordedVerdict, ...]
    schema: tuple[SchemaEntry, ...]
    lineage: Drawing
    python: str
    curl: str
    withheld: str = ""


@dataclass(frozen=True)
class FeaturePage:
    """`/features/{set}/{feature}`: what it is, how its values lie, who reads it."""

    set: SetCard
    name: str
    about: str
    facts: tuple[Said, ...]
    values: tuple[ColumnPanel, ...]
    input: ColumnPanel | None
    span: str
    consumers: tuple[Any, ...]
    lineage: Drawing
    python: str
    curl: str
    withheld: str = ""
