"""Steps 5 and 6 of 9: the registry. Models, code versions, artifacts, checks, promotions and who serves what.

`promote` is the only way to become active, from CLI, REST, pages and Dagster alike. All is kept in one SQL
database that any number of processes may use at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bighead.pipeline_lib.clock import Clock, SystemClock
from bighead.pipeline_lib.errors import EventTimeError
from bighead.pipeline_lib.features.naming import check_name
from bighead.pipeline_lib.registry.values import (
    Artifact,
    AuditEntry,
    Desired,
    Gateway,
    HistoryEvent,
    Model,
    Promotion,
    Version,
)
from bighead.resources import registry_gateways as gateway_rows
from bighead.resources import registry_rows as rows
from bighead.resources.registry_claims import Claims, Request, write_audit
from bighead.resources.registry_database import RegistryDatabase, new_id
from bighead.resources.registry_loader import VERIFY
from bighead.resources.registry_promotion import Promoter
from bighead.resources.registry_schema import artifacts, audit, checks, models, promotions, versions


class RegistryStore:
    """The registry at a SQLAlchemy URL; threads may share one.

    Args:
        url: as `Settings.registry_url`; the tables are made when missing.
        clock: dates the history; leases always follow the machine's own clock.
        loader_command: what loads an artifact before it may become active; the folder is appended.
        hold_seconds: how long a promotion whose process died stays in the way of the next.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        loader_command: Sequence[str] = VERIFY,
        hold_seconds: float = 5.0,
    ) -> None:
        self._database = RegistryDatabase(url)
        self._clock = clock or SystemClock()
        self._lease_clock = SystemClock()
        claims = Claims(self._database, self._clock, self._lease_clock, hold_seconds)
        self._promoter = Promoter(claims, self._lease_clock, tuple(loader_command), hold_seconds)

    def close(self) -> None:
        """Close idle connections; the next use opens anew."""
        self._database.close()

    def ensure_model(self, name: str, owner: str, team: str, config: Mapping[str, Any]) -> Model:
        """Make the model known, or bring its owner, team and config up to date.

        Raises:
            DefinitionError: the name is none, as it stands in URLs.
        """
        check_name("model", name)
        said = {"owner": owner, "team": team, "config": dict(config)}
        with self._database.write() as connection:
            if connection.execute(update(models).where(models.c.name == name).values(said)).rowcount == 0:
                connection.execute(insert(models).values(name=name, created_at=self._clock.now(), **said))
            return rows.to_model(rows.model_row(connection, name))

    def register(
        self,
        model: str,
        *,
        content_hash: str,
        location: str,
        data_interval: tuple[datetime, datetime],
        metrics: Mapping[str, float | None],
        metadata: Mapping[str, Any],
        code_version: str,
        partition: str,
    ) -> Artifact:
        """Add an artifact and number it; the same content of the same partition keeps its number.

        Raises:
            UnknownNameError: no such model; `ensure_model` comes first.
            EventTimeError: an end of the data interval has no time zone, or they are in the wrong order.
        """
        if any(end.tzinfo is None for end in data_interval) or data_interval[0] > data_interval[1]:
            raise EventTimeError(
                f"the data interval of {model!r} is {data_interval[0]} to {data_interval[1]}.",
                cure="Give two instants with a time zone, the earlier first.",
            )
        finite = {
            name: value if value is not None and math.isfinite(value) else None
            for name, value in metrics.items()
        }
        with self._database.write() as connection:
            owner = rows.model_row(connection, model, lock=True)
            same = (artifacts.c.content_hash == content_hash) & (artifacts.c.partition == partition)
            of_model = artifacts.c.model_id == owner.id
            number = connection.scalar(select(artifacts.c.number).where(of_model & same))
            if number is None:
                number = (connection.scalar(select(func.max(artifacts.c.number)).where(of_model)) or 0) + 1
                described = {
                    "model_id": owner.id,
                    "version_id": self._version(connection, owner, code_version),
                    "number": number,
                    "content_hash": content_hash,
                    "partition": partition,
                    "location": str(location),
                    "data_start": data_interval[0],
                    "data_end": data_interval[1],
                    "metrics": finite,
                    "metadata": dict(metadata),
                    "created_at": self._clock.now(),
                }
                connection.execute(insert(artifacts).values(described))
            return self._artifact(connection, owner, number)

    def _version(self, connection: Connection, model: Row[Any], code_version: str) -> int:
        same = (versions.c.model_id == model.id) & (versions.c.code_version == code_version)
        found = connection.scalar(select(versions.c.id).where(same))
        if found is None:
            row = {"model_id": model.id, "code_version": code_version, "created_at": self._clock.now()}
            found = new_id(connection.execute(insert(versions).values(row)))
        return int(found)

    def _artifact(self, connection: Connection, model: Row[Any], number: int) -> Artifact:
        return rows.to_artifacts(connection, [rows.artifact_row(connection, model, number)])[0]

    def record_check(self, model: str, number: int, check: str, passed: bool, detail: Any = "") -> None:
        """Keep a check's verdict and its JSON detail; the newest of a name counts."""
        with self._database.write() as connection:
            artifact = rows.artifact_row(connection, rows.model_row(connection, model), number)
            verdict = {"artifact_id": artifact.id, "name": check, "passed": bool(passed), "detail": detail}
            connection.execute(insert(checks).values(at=self._clock.now(), **verdict))

    def release(self, model: str, number: int, *, actor: str = "bighead") -> Artifact:
        """Let an artifact out as a candidate for promotion; a second time changes nothing."""
        with self._database.write() as connection:
            owner = rows.model_row(connection, model, lock=True)
            row = rows.artifact_row(connection, owner, number)
            if row.released_at is None:
                now = {"released_at": self._clock.now()}
                connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(now))
                write_audit(connection, self._clock, actor, "release", (model, number), {})
            return self._artifact(connection, owner, number)

    def promote(
        self,
        model: str,
        number: int,
        *,
        actor: str,
        reason: str = "",
        force: bool = False,
        timeout: float = 30,
    ) -> Promotion:
        """Make an artifact active; return when every live gateway serves it.

        `timeout` seconds bound each of its waits: for another promotion of the model, for the loader, for the
        gateways to load, for the gateways to serve. What is active already is not moved, only waited for.
        `force` overrides gates and staleness, never the loader, and is audited.

        Raises:
            GateFailedError, StaleReleaseError: the rules refuse; nothing was moved.
            PromotionError: the loader or a gateway did not follow; its message says whether `active` moved.
            UnknownNameError: no such model or artifact.
        """
        return self._promoter.run(Request(model, number, "promote", actor, reason, force, timeout))

    def rollback(
        self, model: str, *, actor: str, reason: str = "", to: int | None = None, timeout: float = 30
    ) -> Promotion:
        """Make an artifact that was active before active again: `to`, or the one below; else as `promote`.

        Raises:
            RegistryError: there is nothing to go back to, or `to` was never active.
        """
        return self._promoter.run(Request(model, to, "rollback", actor, reason, False, timeout))

    def active(self, model: str, at: datetime | None = None) -> Artifact | None:
        """Return the artifact that is active, or that was at the instant `at`."""
        with self._database.read() as connection:
            return rows.active_artifact(connection, rows.model_row(connection, model).id, at)

    def history(self, model: str) -> tuple[HistoryEvent, ...]:
        """Return every move of `active`, oldest first."""
        with self._database.read() as connection:
            return rows.read_history(connection, rows.model_row(connection, model))

    def promotions(self, model: str) -> tuple[Promotion, ...]:
        """Return every attempt to move `active`, failed ones included, oldest first."""
        with self._database.read() as connection:
            query = rows.promotion_query(rows.model_row(connection, model).id).order_by(promotions.c.id)
            return tuple(rows.to_promotion(row, model) for row in connection.execute(query))

    def artifact(self, model: str, number: int) -> Artifact:
        """Return one artifact."""
        with self._database.read() as connection:
            return self._artifact(connection, rows.model_row(connection, model), number)

    def artifacts(self, model: str) -> tuple[Artifact, ...]:
        """Return a model's artifacts by number."""
        with self._database.read() as connection:
            owned = artifacts.c.model_id == rows.model_row(connection, model).id
            query = rows.artifact_query().where(owned).order_by(artifacts.c.number)
            return rows.to_artifacts(connection, connection.execute(query).all())

    def versions(self, model: str) -> tuple[Version, ...]:
        """Return the code versions that trained a model's artifacts, oldest first."""
        with self._database.read() as connection:
            return rows.read_versions(connection, rows.model_row(connection, model))

    def model(self, name: str) -> Model:
        """Return one model."""
        with self._database.read() as connection:
            return rows.to_model(rows.model_row(connection, name))

    def models(self) -> tuple[Model, ...]:
        """Return all models by name."""
        with self._database.read() as connection:
            return tuple(map(rows.to_model, connection.execute(select(models).order_by(models.c.name))))

    def desired(self) -> dict[str, Desired]:
        """Return for each model what a gateway shall serve and hold; one query, cheap every 100 ms."""
        with self._database.read() as connection:
            return gateway_rows.read_desired(connection)

    def heartbeat(
        self,
        gateway_id: str,
        url: str,
        lease_seconds: float,
        serving: Mapping[str, int],
        ready: Mapping[str, int],
        epochs: Mapping[str, int] | None = None,
    ) -> dict[str, Desired]:
        """Renew a gateway's lease with what it serves and holds ready; return `desired` as of that moment.

        `epochs` gives for each served model the `Desired.epoch` that was applied: without it a gateway is
        never taken to have followed. The three rules that a gateway keeps stand in `registry_gateways`.
        """
        with self._database.write() as connection:
            now = self._lease_clock.now()
            reported = (serving, ready, epochs or {})
            gateway_rows.write_heartbeat(connection, gateway_id, url, now, lease_seconds, reported)
            return gateway_rows.read_desired(connection)

    def leave(self, gateway_id: str) -> None:
        """Forget a gateway that has stopped answering, so that no promotion waits for its lease to end."""
        with self._database.write() as connection:
            gateway_rows.forget_gateway(connection, gateway_id)

    def gateways(self) -> tuple[Gateway, ...]:
        """Return the gateways that reported within a day, live or not, by id."""
        with self._database.read() as connection:
            return gateway_rows.read_gateways(connection)

    def audit(self, model: str) -> tuple[AuditEntry, ...]:
        """Return who asked what of a model and what came of it, oldest first."""
        with self._database.read() as connection:
            query = select(audit).where(audit.c.model == model).order_by(audit.c.id)
            return tuple(AuditEntry(*row) for row in connection.execute(query))
