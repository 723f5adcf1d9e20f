"""The online store: the newest rows by key, as generations that batches upload and a tail that streams grow.

    online(set, key, t) = newest generation with midnight ≤ t
                          ⊕ streamed rows with event_time ≥ midnight
                          ⊕ streamed rows with event_time < midnight that the generation lacks

The append-only log of a stream is the truth; what is kept here is rebuilt from it and from the offline store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import polars as pl

from bighead.pipeline_lib.errors import RequestError
from bighead.pipeline_lib.features import FeatureSet
from bighead.resources.online_rows import EPOCH, MICROSECOND

GENERATIONS_KEPT = 2


@dataclass(frozen=True)
class Generation:
    """An upload: rows with event_time < `midnight` (UTC µs), made of `source_versions`."""

    midnight: int
    rows: int
    source_versions: Mapping[str, str]


@dataclass(frozen=True)
class OnlineRows:
    """The cleaned rows that answer for some keys: which generation they come from, and how far the stream."""

    frame: pl.DataFrame
    midnight: int
    position: int


@dataclass(frozen=True)
class Applied:
    """What one step of a stream adds to the index, all of it or nothing.

    `ids` are the new events' ids with their positions; `rows` the cleaned rows by definition, each with the
    position of its event; `ends` how far each definition has been brought.
    """

    stream: str
    end: int
    ids: Mapping[Any, int] = field(default_factory=dict)
    rows: Mapping[str, tuple[pl.DataFrame, Sequence[int]]] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)


class OnlineStore(Protocol):
    """Rows by key as of an instant. Definitions are told apart by `set_id`: name and hash."""

    def put_generation(
        self,
        feature_set: FeatureSet,
        midnight: datetime,
        frame: pl.DataFrame,
        source_versions: Mapping[str, str],
    ) -> Generation:
        """Upload the cleaned rows before `midnight` and switch to them at once; the newest two are kept.

        Raises:
            DefinitionError: a set that has no rows, or a stream without event ids.
            SchemaError: a column lacks.
        """
        ...

    def definitions(self) -> dict[str, FeatureSet]:
        """Return every definition that was ever uploaded, by `set_id`."""
        ...

    def generations(self, feature_set: FeatureSet) -> list[Generation]:
        """Return the kept generations, newest first."""
        ...

    def schema(self, feature_set: FeatureSet) -> pl.Schema:
        """Return the types of the newest generation's columns, in order.

        Raises:
            RequestError: 422, nothing was uploaded.
        """
        ...

    def fetch(self, feature_set: FeatureSet, keys: Sequence[Sequence[Any]], at: int) -> OnlineRows:
        """Return the rows of `keys`, none of which is null, as of `at` (UTC µs).

        Raises:
            RequestError: 422, no generation is kept that reaches back to `at`.
        """
        ...

    def known(self, stream: str, ids: Sequence[Any]) -> set[Any]:
        """Return those of `ids` that a stream already has."""
        ...

    def apply(self, applied: Applied) -> None:
        """Add a step of a stream, in one commit."""
        ...

    def ends(self, stream: str) -> dict[str, int]:
        """Return the next position of each definition of a stream, and of its ids under the empty name."""
        ...

    def forget_streams(self) -> None:
        """Drop what came by streams, so that it is rebuilt from the logs."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


def no_generation(feature_set: FeatureSet, at: int, kept: Sequence[int]) -> RequestError:
    """Return the refusal of an instant that no kept generation reaches."""
    moment = (EPOCH + at * MICROSECOND).isoformat()
    if not kept:
        message = f"the online store holds nothing of {feature_set.name!r} as it is defined here."
    else:
        oldest = (EPOCH + min(kept) * MICROSECOND).isoformat()
        message = f"{feature_set.name!r} is kept from {oldest} on, and {moment} was asked."
    return RequestError(
        message,
        status=422,
        code="not_kept",
        column="at",
        cure=f"Upload it: materialise features/{feature_set.name}/online for the day before.",
    )
