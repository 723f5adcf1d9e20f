"""Work that is refused as a whole is tried on halves, until those that are to blame stand alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def by_halves(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Made],
    refuse: Callable[[Item, BaseException], None],
    errors: tuple[type[BaseException], ...],
) -> list[Made]:
    """Return what `work` made of all items but those that it refuses alone, in their order, in as many parts as needed.

    Few are to blame mostly, so most items are worked on once.

    Args:
        items: Any number of them.
        work: What is to be done with some, one or more; it raises where it cannot take them together.
        refuse: Told of each item that it cannot take alone, with the error.
        errors: Those that mean a refusal.

    >>> told = []
    >>> by_halves([4, 2, 0, 8], lambda some: [8 // n for n in some], lambda n, _: told.append(n), (ZeroDivisionError,))
    [[2, 4], [1]]
    >>> told
    [0]
    """
    if not items:
        return []
    try:
        return [work(items)]
    except errors as error:
        if len(items) == 1:
            refuse(items[0], error)
            return []
    middle = len(items) // 2
    halves = (items[:middle], items[middle:])
    return [made for half in halves for made in by_halves(half, work, refuse, errors)]
