"""The registry's questions: from rows to the frozen values of `pipeline_lib.registry.values`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.registry.state_machine import OPEN
from bighead.pipeline_lib.registry.values import Artifact, Check, HistoryEvent, Model, Promotion, Version
from bighead.resources.registry_schema import alias_events, artifacts, checks, models, promotions, versions

ACTIVE = "active"


def model_row(connection: Connection, name: str, lock: bool = False) -> Row[Any]:
    """Return the row of a model; `lock` holds it for this transaction where the database locks by row.

    Raises:
        UnknownNameError: there is no such model.
    """
    query = select(models).where(models.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise UnknownNameError("model", name, connection.scalars(select(models.c.name)).all())
    return row


def to_model(row: Row[Any]) -> Model:
    """Return a model's value."""
    return Model(row.name, row.owner, row.team, row.config, row.created_at)


def read_versions(connection: Connection, model: Row[Any]) -> tuple[Version, ...]:
    """Return the code versions of a model, oldest first, each with its artifacts' numbers."""
    numbers: dict[int, list[int]] = {}
    held = select(artifacts.c.version_id, artifacts.c.number).where(artifacts.c.model_id == model.id)
    for version, number in connection.execute(held.order_by(artifacts.c.number)):
        numbers.setdefault(version, []).append(number)
    rows = connection.execute(select(versions).where(versions.c.model_id == model.id).order_by(versions.c.id))
    return tuple(
        Version(model.name, row.code_version, row.created_at, tuple(numbers.get(row.id, ()))) for row in rows
    )


def artifact_query() -> Select[Any]:
    """Return the query of artifacts with their model's name and code version."""
    return (
        select(artifacts, models.c.name.label("model"), versions.c.code_version)
        .join(models, models.c.id == artifacts.c.model_id)
        .join(versions, versions.c.id == artifacts.c.version_id)
    )


def to_artifacts(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Artifact, ...]:
    """Return artifacts with the newest verdict of each of their checks."""
    verdicts = _newest_checks(connection, [row.id for row in rows])
    return tuple(
        Artifact(
            model=row.model,
            number=row.number,
            content_hash=row.content_hash,
            location=row.location,
            partition=row.partition,
            code_version=row.code_version,
            data_interval=(row.data_start, row.data_end),
            metrics=row.metrics,
            metadata=row.metadata,
            created_at=row.created_at,
            released_at=row.released_at,
            checks=tuple(verdicts.get(row.id, ())),
        )
        for row in rows
    )


def _newest_checks(connection: Connection, ids: Iterable[int]) -> dict[int, list[Check]]:
    newest = (
        select(func.max(checks.c.id))
        .where(checks.c.artifact_id.in_(list(ids)))
        .group_by(checks.c.artifact_id, checks.c.name)
    )
    found: dict[int, list[Check]] = {}
    for row in connection.execute(select(checks).where(checks.c.id.in_(newest)).order_by(checks.c.name)):
        found.setdefault(row.artifact_id, []).append(Check(row.name, row.passed, row.detail, row.at))
    return found


def artifact_row(connection: Connection, model: Row[Any], number: int) -> Row[Any]:
    """Return the row of an artifact.

    Raises:
        UnknownNameError: the model has no artifact of that number.
    """
    query = artifact_query().where(artifacts.c.model_id == model.id)
    row = connection.execute(query.where(artifacts.c.number == number)).first()
    if row is None:
        known = connection.scalars(select(artifacts.c.number).where(artifacts.c.model_id == model.id))
        raise UnknownNameError(f"artifact of {model.name!r}", str(number), map(str, known))
    return row


def newest_event(connection: Connection, model_id: int, at: datetime | None = None) -> Row[Any] | None:
    """Return the event that made the active artifact active, now or as of `at`."""
    query = select(alias_events).where(alias_events.c.model_id == model_id, alias_events.c.alias == ACTIVE)
    if at is not None:
        query = query.where(alias_events.c.at <= at)
    return connection.execute(query.order_by(alias_events.c.id.desc()).limit(1)).first()


def event_number(connection: Connection, found: Row[Any]) -> int:
    """Return the number of the artifact that an event made active."""
    return int(
        connection.execute(select(artifacts.c.number).where(artifacts.c.id == found.artifact_id)).scalar_one()
    )


def active_artifact(connection: Connection, model_id: int, at: datetime | None = None) -> Artifact | None:
    """Return the artifact that is active, or was at `at`."""
    found = newest_event(connection, model_id, at)
    if found is None:
        return None
    rows = connection.execute(artifact_query().where(artifacts.c.id == found.artifact_id)).all()
    return to_artifacts(connection, rows)[0]


def read_history(connection: Connection, model: Row[Any]) -> tuple[HistoryEvent, ...]:
    """Return every move of `active`, oldest first."""
    previous = artifacts.alias("previous")
    reasons = (promotions.c.kind, promotions.c.actor, promotions.c.reason, promotions.c.forced)
    query = (
        select(
            alias_events.c.id,
            alias_events.c.at,
            artifacts.c.number,
            previous.c.number.label("before"),
            *reasons,
        )
        .join(artifacts, artifacts.c.id == alias_events.c.artifact_id)
        .join(previous, previous.c.id == alias_events.c.previous_artifact_id, isouter=True)
        .join(promotions, promotions.c.id == alias_events.c.promotion_id)
        .where(alias_events.c.model_id == model.id, alias_events.c.alias == ACTIVE)
        .order_by(alias_events.c.id)
    )
    return tuple(
        HistoryEvent(
            id=row.id,
            model=model.name,
            previous=row.before,
            number=row.number,
            kind=row.kind,
            actor=row.actor,
            reason=row.reason,
            forced=row.forced,
            at=row.at,
        )
        for row in connection.execute(query)
    )


def promotion_query(model_id: int) -> Select[Any]:
    """Return the query of a model's promotions with their artifact's number."""
    joined = select(promotions, artifacts.c.number).join(
        artifacts, artifacts.c.id == promotions.c.artifact_id
    )
    return joined.where(promotions.c.model_id == model_id)


def open_promotion(connection: Connection, model_id: int) -> Row[Any] | None:
    """Return the one promotion of a model that is not finished, dead or alive."""
    return connection.execute(promotion_query(model_id).where(promotions.c.status.in_(OPEN))).first()


def promotion_by_id(connection: Connection, model_id: int, promotion: int) -> Row[Any]:
    """Return a promotion's row by its id."""
    return connection.execute(promotion_query(model_id).where(promotions.c.id == promotion)).one()


def to_promotion(row: Row[Any], model: str) -> Promotion:
    """Return a promotion's value."""
    return Promotion(
        id=row.id,
        model=model,
        number=row.number,
        kind=row.kind,
        status=row.status,
        actor=row.actor,
        reason=row.reason,
        forced=row.forced,
        started_at=row.started_at,
        finished_at=row.finished_at,
        detail=row.detail,
        gateways=tuple(row.gateways),
        missing=tuple(row.missing),
    )
