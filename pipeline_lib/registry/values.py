"""What the registry knows, as frozen values. Every time is an aware datetime in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bighead.pipeline_lib.registry.state_machine import Kind, Status


@dataclass(frozen=True)
class Model:
    """A named thing that predicts; its artifacts come and go."""

    name: str
    owner: str
    team: str
    config: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class Version:
    """A snapshot of the code that trained artifacts: a git commit or a content hash."""

    model: str
    code_version: str
    created_at: datetime
    artifacts: tuple[int, ...]


@dataclass(frozen=True)
class Check:
    """The newest verdict of one check on one artifact."""

    name: str
    passed: bool
    detail: Any
    at: datetime


@dataclass(frozen=True)
class Artifact:
    """A trained pipeline: immutable, numbered within its model, its bundle lying at `location`.

    `data_interval` is the half-open span of event time that it was trained on; `checks` are the newest
    verdicts. A metric that was not finite when registered is None.
    """

    model: str
    number: int
    content_hash: str
    location: str
    partition: str
    code_version: str
    data_interval: tuple[datetime, datetime]
    metrics: Mapping[str, float | None]
    metadata: Mapping[str, Any]
    created_at: datetime
    released_at: datetime | None
    checks: tuple[Check, ...] = ()

    @property
    def released(self) -> bool:
        """Whether its gates let it out as a candidate."""
        return self.released_at is not None


@dataclass(frozen=True)
class HistoryEvent:
    """One move of `active`; `id` grows with every move and is the *epoch* that gateways report."""

    id: int
    model: str
    previous: int | None
    number: int
    kind: Kind
    actor: str
    reason: str
    forced: bool
    at: datetime


@dataclass(frozen=True)
class Promotion:
    """An attempt to move `active`: where it stands, who followed (`gateways`), who did not (`missing`)."""

    id: int | None
    model: str
    number: int
    kind: Kind
    status: Status
    actor: str
    reason: str
    forced: bool
    started_at: datetime
    finished_at: datetime | None
    detail: str = ""
    gateways: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Desired:
    """What a gateway shall do for one model.

    Serve `active` from `location`; hold `promoting`, if any, loaded and warm beside it. `epoch` is the
    event that made `active` so: a gateway reports it back with what it serves, since the same number may
    become active twice.
    """

    model: str
    active: int | None
    location: str | None
    epoch: int | None
    promoting: int | None = None
    promoting_location: str | None = None


@dataclass(frozen=True)
class Gateway:
    """A process that answers predictions, as it last reported; live until `expires_at`."""

    id: str
    url: str
    renewed_at: datetime
    expires_at: datetime
    serving: Mapping[str, int]
    ready: Mapping[str, int]
    epochs: Mapping[str, int]

    def live(self, now: datetime) -> bool:
        """Tell whether its lease has not expired at `now`."""
        return self.expires_at > now


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit: who asked for what, and what came of it."""

    id: int
    at: datetime
    actor: str
    action: str
    model: str
    number: int | None
    detail: Mapping[str, Any]
