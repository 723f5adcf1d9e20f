"""The transactions of a promotion: claim it, renew it, move it on, commit it, end it.

At most one promotion of a model is open, and its *holder*, a token drawn per attempt, has it until
`held_until`. Kill the process at any point and the next attempt finds the row dead: it resumes it by its id
if it wants the same artifact, and drops it otherwise. The token fences: a process that lost its claim while
asleep cannot commit.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from bighead.pipeline_lib.clock import Clock
from bighead.pipeline_lib.errors import PromotionError
from bighead.pipeline_lib.registry.gates import check_gates
from bighead.pipeline_lib.registry.rollback import rollback_target
from bighead.pipeline_lib.registry.staleness import check_fresh
from bighead.pipeline_lib.registry.state_machine import Kind, Status, check_move
from bighead.resources import registry_rows as rows
from bighead.resources.registry_database import RegistryDatabase, new_id
from bighead.resources.registry_schema import alias_events, audit, promotions


@dataclass(frozen=True)
class Request:
    """What is asked; a rollback without a `number` goes to the artifact below the active one."""

    model: str
    number: int | None
    kind: Kind
    actor: str
    reason: str
    forced: bool
    timeout: float
    holder: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True)
class Claim:
    """The right to promote: its row's id, and what to load. Without an id the artifact is active already."""

    id: int | None
    number: int
    location: str
    content_hash: str


class Claims:
    """Every method is one transaction. `clock` dates the history; `lease_clock` is the machine's own."""

    def __init__(
        self, database: RegistryDatabase, clock: Clock, lease_clock: Clock, hold_seconds: float
    ) -> None:
        self.database, self._clock, self._lease_clock = database, clock, lease_clock
        self._hold = timedelta(seconds=hold_seconds)

    def open(self, request: Request) -> Claim | Row[Any]:
        """Claim the promotion, or return the row of the living one that is in the way.

        Raises:
            GateFailedError, StaleReleaseError, RegistryError, UnknownNameError: the rules refuse.
        """
        with self.database.write() as connection:
            model = rows.model_row(connection, request.model, lock=True)
            busy = rows.open_promotion(connection, model.id)
            if busy is not None and busy.held_until > self._lease_clock.now():
                return busy
            target = _target(connection, model, request)
            return Claim(
                self._take(connection, request, target, busy),
                target.number,
                target.location,
                target.content_hash,
            )

    def _take(
        self, connection: Connection, request: Request, target: Row[Any], dead: Row[Any] | None
    ) -> int | None:
        active = rows.newest_event(connection, target.model_id)
        terms = {
            "actor": request.actor,
            "reason": request.reason,
            "forced": request.forced,
            "holder": request.holder,
            "held_until": self._lease_clock.now() + self._hold,
        }
        already = active is not None and active.artifact_id == target.id
        if dead is not None and not already and (dead.artifact_id, dead.kind) == (target.id, request.kind):
            _set(connection, dead, "verifying", terms)
            return int(dead.id)
        if dead is not None:
            said = "its process died, and another promotion took its place"
            _set(connection, dead, "dropped", {"finished_at": self._clock.now(), "detail": said})
        if already:
            return None
        what = {
            "model_id": target.model_id,
            "artifact_id": target.id,
            "kind": request.kind,
            "status": "verifying",
        }
        added = connection.execute(
            insert(promotions).values({**what, **terms, "started_at": self._clock.now()})
        )
        return new_id(added)

    def renew(self, request: Request, promotion: int, to: Status | None = None) -> None:
        """Hold the claim for another lease and, where `to` is given, move on.

        Raises:
            PromotionError: another process took the claim.
        """
        with self.database.write() as connection:
            row = _held(connection, request, promotion)
            lease = {"held_until": self._lease_clock.now() + self._hold}
            _set(connection, row, to or row.status, lease, moves=to is not None)

    def commit(self, request: Request, promotion: int) -> None:
        """Make the artifact active: event, promotion and audit together.

        Raises:
            PromotionError: another process took the claim.
            GateFailedError: a check failed while the artifact was loading.
        """
        with self.database.write() as connection:
            row = _held(connection, request, promotion)
            model = rows.model_row(connection, request.model)
            if request.kind == "promote" and not request.forced:
                loaded = rows.artifact_row(connection, model, row.number)
                check_gates(rows.to_artifacts(connection, [loaded])[0], model.config)
            before = rows.newest_event(connection, model.id)
            # A clock that was set back must not reorder the history.
            now = self._clock.now() if before is None else max(self._clock.now(), before.at)
            what = {"model_id": model.id, "alias": rows.ACTIVE, "artifact_id": row.artifact_id}
            why = {"previous_artifact_id": before.artifact_id if before else None, "promotion_id": promotion}
            connection.execute(insert(alias_events).values({**what, **why, "at": now}))
            _set(connection, row, "active", {"finished_at": now})
            said = {"promotion": promotion, "reason": request.reason, "forced": request.forced}
            write_audit(
                connection, self._clock, request.actor, request.kind, (request.model, row.number), said
            )

    def fail(self, request: Request, promotion: int, why: str) -> None:
        """End the claim without having moved anything; of no effect if it was lost or has ended."""
        with self.database.write() as connection:
            model = rows.model_row(connection, request.model, lock=True)
            row = rows.promotion_by_id(connection, model.id, promotion)
            if row.holder == request.holder and row.finished_at is None:
                _set(connection, row, "failed", {"finished_at": self._clock.now(), "detail": why})

    def followed(self, promotion: int, gateways: tuple[str, ...], missing: tuple[str, ...]) -> None:
        """Keep which gateways followed a committed promotion and which did not."""
        seen = {"gateways": list(gateways), "missing": list(missing)}
        with self.database.write() as connection:
            connection.execute(update(promotions).where(promotions.c.id == promotion).values(seen))

    def refused(self, request: Request, why: str) -> None:
        """Audit a request that the rules refused."""
        said = {"asked": request.kind, "reason": request.reason, "why": why}
        with self.database.write() as connection:
            write_audit(
                connection, self._clock, request.actor, "refused", (request.model, request.number), said
            )


def write_audit(
    connection: Connection,
    clock: Clock,
    actor: str,
    action: str,
    what: tuple[str, int | None],
    detail: dict[str, Any],
) -> None:
    """Add a line to the audit about `what`, a model and a number."""
    line = {"at": clock.now(), "actor": actor, "action": action, "model": what[0], "number": what[1]}
    connection.execute(insert(audit).values({**line, "detail": detail}))


def _target(connection: Connection, model: Row[Any], request: Request) -> Row[Any]:
    """Return the artifact's row if the rules let it become active; what is active already needs no rule."""
    if request.kind == "rollback" or request.number is None:
        number = rollback_target(model.name, rows.read_history(connection, model), request.number)
        return rows.artifact_row(connection, model, number)
    target = rows.artifact_row(connection, model, request.number)
    active = rows.active_artifact(connection, model.id)
    if not request.forced and (active is None or active.number != target.number):
        candidate = rows.to_artifacts(connection, [target])[0]
        check_gates(candidate, model.config)
        check_fresh(candidate, active)
    return target


def _held(connection: Connection, request: Request, promotion: int) -> Row[Any]:
    model = rows.model_row(connection, request.model, lock=True)
    row = rows.promotion_by_id(connection, model.id, promotion)
    if row.holder != request.holder or row.finished_at is not None:
        raise PromotionError(
            f"promotion {promotion} of {request.model!r} was taken over; it is {row.status} now.",
            cure="This process was silent for too long; look at the model's history.",
        )
    return row


def _set(
    connection: Connection, row: Row[Any], to: Status, values: dict[str, Any], moves: bool = True
) -> None:
    if moves:
        check_move(row.id, row.status, to)
    connection.execute(update(promotions).where(promotions.c.id == row.id).values({"status": to, **values}))
