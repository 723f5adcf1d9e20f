"""How long a piece of work takes, at its best."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def best(work: Callable[[], Any], repeat: int) -> float:
    """Return the least seconds of some runs; what each answers is let go before the next."""
    taken = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)
