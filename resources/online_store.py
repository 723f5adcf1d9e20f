"""The online store: the newest rows by key, as generations that batches upload and a tail that streams grow.

    online(set, key, t) = newest generation with midnight ≤ t
                          ⊕ streamed rows with event_time ≥ midnight
                          ⊕ streamed rows with event_time < midnight that the generation lacks

The append-only log of a stream is the truth; what is kept here is rebuilt from it and from the offline store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import msgspec
import polars as pl

from bighead.pipeline_lib.errors import ConflictError, RequestError
from bighead.pipeline_lib.features import FeatureSet
from bighead.resources.online_rows import EPOCH, MICROSECOND

GENERATIONS_KEPT = 2


@dataclass(frozen=True)
class Generation:
    """An upload: rows with event_time < `midnight` (UTC µs), made of `source_versions`.

    `midnight` is the end of the partition that was uploaded: of hourly batches that of an hour.
    """

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
class Places:
    """Where the rows that answer for some keys lie, each key by its number.

    `ranges` has for each key two little-endian integers of 64 bits, offset and length in `frame`, the whole generation
    of the name `file`, and None where it has no rows; `tail` holds the packed streamed rows of the keys `tail_keys`,
    in the order of the generation's columns. `is_newest` says that no kept generation is newer.
    """

    file: str
    frame: pl.DataFrame
    midnight: int
    position: int
    ranges: Sequence[bytes | None]
    tail: list[bytes]
    tail_keys: list[int]
    is_newest: bool


@dataclass(frozen=True)
class Consumed:
    """What became of the messages of one partition of a topic; `next_offset` is the first not yet taken."""

    next_offset: int
    applied: int = 0
    duplicates: int = 0
    dead: int = 0

    @property
    def total(self) -> int:
        """How many messages were taken: each was applied, a duplicate or dead."""
        return self.applied + self.duplicates + self.dead


@dataclass(frozen=True)
class Known:
    """Which of the asked ids a stream has, of the events before the position `end`."""

    ids: frozenset[Any]
    end: int


@dataclass(frozen=True)
class Applied:
    """What one step of a stream adds to the index, all of it or nothing.

    `ids` are the new events' ids with the instants of their arrival (UTC µs); `rows` the cleaned rows by
    definition, each with the position of its event; `ends` how far each definition has been brought, and
    `starts` from where: the step is refused where the index does not reach so far. The ids go by the empty
    name in `starts`, and by `end`. `consumed` is what the log says of the topic's partitions up to `end`;
    `digests` those of the ids, 16 bytes each in their order, where they were made before.
    """

    stream: str
    end: int
    ids: Mapping[Any, int] = field(default_factory=dict)
    rows: Mapping[str, tuple[pl.DataFrame, Sequence[int]]] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)
    consumed: Mapping[int, Consumed] = field(default_factory=dict)
    digests: bytes = b""


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

    def known(self, stream: str, ids: Sequence[Any], digests: bytes = b"") -> Known:
        """Return those of `ids` that a stream already has, and how far it was indexed when they were read.

        `digests` are theirs, 16 bytes each, where they were made before.
        """
        ...

    def apply(self, applied: Applied) -> None:
        """Add a step of a stream, in one commit; the same step again changes nothing.

        Raises:
            ConflictError: the index ends before the step starts, since it was forgotten; nothing was added.
        """
        ...

    def ends(self, stream: str) -> dict[str, int]:
        """Return the next position of each definition of a stream, and of its ids under the empty name."""
        ...

    def consumed(self, stream: str) -> tuple[int, dict[int, Consumed]]:
        """Return the end of a stream's ids, and what its log said up to there of each partition."""
        ...

    def forget_ids(self, stream: str, before: int) -> int:
        """Drop the ids of events that arrived before the instant `before` (UTC µs); return how many."""
        ...

    def forget_streams(self) -> None:
        """Drop what came by streams, in one commit, so that it is rebuilt from the logs."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


@runtime_checkable
class KnowsPlaces(Protocol):
    """An online store that tells where rows lie, in place of rows: the store of this machine."""

    def places(self, feature_set: FeatureSet, digests: Sequence[bytes], at: int) -> Places:
        """Return where the rows of keys lie as of `at` (UTC µs), of the generation that `fetch` would read.

        Args:
            feature_set: A set of events.
            digests: The `digest` of each key, none twice; a key's number is its place here.
            at: The instant.

        Raises:
            RequestError: 422, no generation is kept that reaches back to `at`.
        """
        ...


def pack_consumed(consumed: Mapping[int, Consumed]) -> bytes:
    """Return what became of partitions as bytes."""
    return msgspec.msgpack.encode({partition: astuple(each) for partition, each in consumed.items()})


def unpack_consumed(data: bytes) -> dict[int, Consumed]:
    """Return what `pack_consumed` wrote."""
    return {int(partition): Consumed(*each) for partition, each in msgspec.msgpack.decode(data).items()}


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
        cure=f"Upload it: materialise features/{feature_set.name}/online for the {feature_set.grain.noun} before.",
    )


def gap(stream: str, name: str, seen: int, start: int) -> ConflictError:
    """Return the refusal of a step that would leave a gap in the index."""
    what = f"the index of {name!r}" if name else "the index of ids"
    return ConflictError(
        f"{what} over the stream {stream!r} ends at {seen}, and a step starts at {start}.",
        cure="The index was forgotten meanwhile: it is rebuilt from the log at the next event or request.",
    )
