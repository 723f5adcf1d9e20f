"""Where a rollback leads: undo is a stack, so two rollbacks go two promotions back.

"The one before in the history" would lead from a rollback straight back into what was rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable

from bighead.pipeline_lib.errors import RegistryError, quoted
from bighead.pipeline_lib.registry.values import HistoryEvent


def standing_stack(history: Iterable[HistoryEvent]) -> tuple[int, ...]:
    """Return the artifacts that promotions stacked and rollbacks took off again; the last is active.

    `history` runs from old to new.
    """
    stack: list[int] = []
    for event in history:
        if event.kind == "rollback" and event.number in stack:
            del stack[stack.index(event.number) :]
        elif event.number in stack:
            stack.remove(event.number)
        stack.append(event.number)
    return tuple(stack)


def rollback_target(model: str, history: Iterable[HistoryEvent], to: int | None) -> int:
    """Return the artifact that a rollback makes active: `to`, or the one below the active on the stack.

    Raises:
        RegistryError: there is nothing to go back to, or `to` was never active.
    """
    events = list(history)
    been = sorted({event.number for event in events})
    if to is not None:
        if to not in been:
            raise RegistryError(
                f"artifact {to} of {model!r} was never active, so it cannot be rolled back to.",
                cure=f"Promote it instead; these were active: {quoted(map(str, been))}.",
            )
        return to
    stack = standing_stack(events)
    if len(stack) < 2:
        seen = f"only artifact {stack[0]} stands" if stack else "nothing was ever active"
        raise RegistryError(f"{model!r} cannot be rolled back: {seen}.", cure="Name one with `to`.")
    return stack[-2]
