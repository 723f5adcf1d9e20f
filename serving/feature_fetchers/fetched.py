"""What a fetch returns, and the protocol of what fetches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from bighead.pipeline_lib.features import FeatureRef


@dataclass(frozen=True)
class Fetched:
    """Features for each row of a request, and where they came from.

    `statuses` names what is not plainly present: null_key, stale or empty. `generations` gives the midnight
    (UTC µs) of each set's generation, `positions` how far each stream had been applied. `immature` names what
    reaches back beyond its source's start date, `late` the sets whose store is behind by more than the tail buffer.
    """

    features: list[dict[str, Any]]
    statuses: list[dict[str, str]]
    definitions: dict[str, str] = field(default_factory=dict)
    generations: dict[str, int | None] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    immature: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


class FeatureFetcher(Protocol):
    """Finds the features of keys as of an instant."""

    def fetch(self, refs: Sequence[FeatureRef], rows: Sequence[dict[str, Any]], at: int) -> Fetched:
        """Return the features of `rows`, which hold the key columns, as of `at` (UTC µs).

        Raises:
            RequestError: 4xx, a key of a wrong type, or an instant that nothing is kept for.
        """
        ...

    def types(self, refs: Sequence[FeatureRef]) -> dict[str, pl.DataType]:
        """Return the type of each feature of `refs`, by its column.

        Raises:
            RequestError: 422, nothing of a set was uploaded.
        """
        ...
