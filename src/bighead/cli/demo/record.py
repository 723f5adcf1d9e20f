"""What a step of the demo came to: seconds, rows, and whether it fell short of what it promises."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bighead.cli.progress import Steps


@dataclass
class Step:
    """One step; a body fills in `rows`, `facts` and what fell short."""

    name: str
    rows: int = 0
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    shortfalls: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        """Note that the step fell short unless `holds`."""
        if not holds:
            self.shortfalls.append(what)


@dataclass
class Record:
    """The steps of one demo, in order, and where they are shown."""

    shown: Steps
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time a step and show it; an error in its body ends the demo."""
        current = Step(name)
        self.steps.append(current)
        started = time.perf_counter()
        with self.shown.step(name) as tell:
            yield current
            current.seconds = round(time.perf_counter() - started, 1)
            told = [f"{current.rows:,} rows"] if current.rows else []
            told += [
                f"{key} {value}" for key, value in current.facts.items() if not isinstance(value, dict | list)
            ]
            tell(", ".join([*told, *(f"FELL SHORT: {each}" for each in current.shortfalls)]))

    def fact(self, name: str) -> Any:
        """Return the fact of this name from the step that found it."""
        return next((each.facts[name] for each in self.steps if name in each.facts), None)

    def summary(self) -> list[dict[str, Any]]:
        """Return the steps as plain values."""
        return [
            {"step": each.name, "seconds": each.seconds, "rows": each.rows, "ok": not each.shortfalls}
            | ({"shortfalls": each.shortfalls} if each.shortfalls else {})
            for each in self.steps
        ]
