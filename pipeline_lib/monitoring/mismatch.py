"""What a replay of logged answers finds: values that differ, and counts of what was compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Mismatch:
    """A value that was served and is not what its rows give; `events` are the ids (or times) that make it."""

    request_id: str
    row: int
    feature: str
    at: datetime
    keys: Mapping[str, Any]
    served: Any
    replayed: Any
    events: tuple[str, ...]


@dataclass
class Tally:
    """Counts of values: compared, served as null by a late store, and of other definitions."""

    compared: int = 0
    stale: int = 0
    other: int = 0
