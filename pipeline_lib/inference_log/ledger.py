"""The ledger of the inference log: every accepted record is written, counted as dropped, or still waiting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ledger:
    """Counts of records since the process started: accepted = written + dropped + waiting, always.

    >>> Ledger(accepted=5, written=3, dropped=1).waiting
    1

    Raises:
        ValueError: more was written and dropped than accepted.
    """

    accepted: int = 0
    written: int = 0
    dropped: int = 0

    def __post_init__(self) -> None:
        if min(self.accepted, self.written, self.dropped, self.waiting) < 0:
            raise ValueError(f"{self} does not balance")

    @property
    def waiting(self) -> int:
        """Records that were accepted and whose fate is not yet known."""
        return self.accepted - self.written - self.dropped
