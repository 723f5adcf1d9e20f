"""Which way a promotion may go.

    verifying ──▶ promoting ──▶ active
        │  ╲         │  ╲
        ▼   ▼        ▼   ▼
     failed dropped failed dropped        (verifying and promoting may also be resumed: back to verifying)

*verifying*: a loader process outside every gateway loads, warms and reproduces. *promoting*: gateways see
the row, preload and report ready. *active*: the move is committed. *failed*: loader or gateways said no and
nothing moved. *dropped*: its process died, and another promotion took its place. `active`, `failed` and
`dropped` are final.
"""

from __future__ import annotations

from typing import Final, Literal

from bighead.pipeline_lib.errors import PromotionError

Status = Literal["verifying", "promoting", "active", "failed", "dropped"]
Kind = Literal["promote", "rollback"]

OPEN: Final[tuple[Status, ...]] = ("verifying", "promoting")

_MOVES: Final[dict[Status, frozenset[Status]]] = {
    "verifying": frozenset({"verifying", "promoting", "failed", "dropped"}),
    "promoting": frozenset({"verifying", "active", "failed", "dropped"}),
    "active": frozenset(),
    "failed": frozenset(),
    "dropped": frozenset(),
}


def may_move(seen: Status, to: Status) -> bool:
    """Tell whether a promotion in state `seen` may go to `to`.

    >>> may_move("promoting", "active"), may_move("verifying", "active"), may_move("active", "failed")
    (True, False, False)
    """
    return to in _MOVES[seen]


def check_move(promotion: int, seen: Status, to: Status) -> None:
    """Refuse a move that the state machine does not know.

    Raises:
        PromotionError: the promotion may not go from `seen` to `to`, as when another process took it over.
    """
    if not may_move(seen, to):
        raise PromotionError(
            f"promotion {promotion} is {seen} and cannot become {to}.",
            cure="Another process finished or replaced it; look at the model's history.",
        )
