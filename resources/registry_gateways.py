"""What gateways report and what they shall do: one cheap query and one small write, on any thread.

A gateway may answer from an artifact only under these rules, and `promote` relies on them:

1. It registers with `heartbeat` *before* it first reads `desired`, so that no promotion can miss it.
2. It reports `serving` for an artifact only once every request on an older one was answered, with the
   `epoch` of the `Desired` that it applied.
3. It counts its lease from the moment *before* it called `heartbeat`; when the lease has run out it stops
   answering, and begins again only after a heartbeat and a fresh `desired`, which `heartbeat` returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, insert, select, update

from bighead.pipeline_lib.registry.values import Desired, Gateway
from bighead.resources.registry_rows import ACTIVE
from bighead.resources.registry_schema import alias_events, artifacts, gateways, models, promotions

# A gateway that was silent for so long is forgotten, that the list may not grow for ever.
_FORGET = timedelta(days=1)


def _desired_query() -> Select[Any]:
    newest = (
        select(alias_events.c.id)
        .where(alias_events.c.model_id == models.c.id, alias_events.c.alias == ACTIVE)
        .order_by(alias_events.c.id.desc())
        .limit(1)
        .correlate(models)
        .scalar_subquery()
    )
    now, soon = artifacts.alias("now"), artifacts.alias("soon")
    under_way = and_(promotions.c.model_id == models.c.id, promotions.c.status == "promoting")
    return (
        select(
            models.c.name,
            alias_events.c.id.label("epoch"),
            now.c.number.label("active"),
            now.c.location,
            soon.c.number.label("promoting"),
            soon.c.location.label("promoting_location"),
        )
        .select_from(models)
        .join(alias_events, alias_events.c.id == newest, isouter=True)
        .join(now, now.c.id == alias_events.c.artifact_id, isouter=True)
        .join(promotions, under_way, isouter=True)
        .join(soon, soon.c.id == promotions.c.artifact_id, isouter=True)
    )


_DESIRED = _desired_query()


def read_desired(connection: Connection) -> dict[str, Desired]:
    """Return for each model what a gateway shall serve and hold."""
    return {
        row.name: Desired(
            row.name, row.active, row.location, row.epoch, row.promoting, row.promoting_location
        )
        for row in connection.execute(_DESIRED)
    }


def write_heartbeat(
    connection: Connection,
    gateway_id: str,
    url: str,
    now: datetime,
    lease_seconds: float,
    reported: tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]],
) -> None:
    """Keep what a gateway reports: (serving, ready, epochs), each by model; its lease runs from `now`."""
    serving, ready, epochs = (dict(part) for part in reported)
    row = {
        "url": url,
        "lease_seconds": lease_seconds,
        "renewed_at": now,
        "expires_at": now + timedelta(seconds=lease_seconds),
        "serving": serving,
        "ready": ready,
        "epochs": epochs,
    }
    if connection.execute(update(gateways).where(gateways.c.id == gateway_id).values(row)).rowcount == 0:
        connection.execute(insert(gateways).values(id=gateway_id, **row))
        connection.execute(delete(gateways).where(gateways.c.expires_at < now - _FORGET))


def forget_gateway(connection: Connection, gateway_id: str) -> None:
    """Remove a gateway that has stopped answering, so that nobody waits for its lease."""
    connection.execute(delete(gateways).where(gateways.c.id == gateway_id))


def read_gateways(connection: Connection) -> tuple[Gateway, ...]:
    """Return all gateways that ever reported and were not forgotten, by id."""
    return tuple(_gateway(row) for row in connection.execute(select(gateways).order_by(gateways.c.id)))


def _gateway(row: Row[Any]) -> Gateway:
    return Gateway(row.id, row.url, row.renewed_at, row.expires_at, row.serving, row.ready, row.epochs)
