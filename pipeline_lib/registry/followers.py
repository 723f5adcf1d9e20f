"""When a gateway has followed: who is ready before the move, and who serves it after.

An expired gateway is not waited for: one lease after its last heartbeat it must have stopped answering by
itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bighead.pipeline_lib.registry.values import Gateway


def unready(gateways: Iterable[Gateway], model: str, number: int, now: datetime) -> tuple[str, ...]:
    """Return the live gateways that have not yet loaded `number`."""
    return tuple(
        sorted(
            gateway.id
            for gateway in gateways
            if gateway.live(now) and number not in (gateway.ready.get(model), gateway.serving.get(model))
        )
    )


def lagging(
    gateways: Iterable[Gateway], model: str, number: int, epoch: int, now: datetime
) -> tuple[str, ...]:
    """Return the live gateways that do not yet serve what the event `epoch` made active."""
    return tuple(sorted(g.id for g in gateways if g.live(now) and not _follows(g, model, number, epoch)))


def _follows(gateway: Gateway, model: str, number: int, epoch: int) -> bool:
    # The epoch tells "serves 1 again" from "still serves 1, and is about to swap to 2"; none tells nothing.
    return gateway.serving.get(model) == number and gateway.epochs.get(model, -1) >= epoch
