"""The online store in Redis: what LmdbOnlineStore keeps in files, for several machines at once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from bighead.pipeline_lib.errors import StoreError
from bighead.pipeline_lib.features import EntitySource, EventSource, FeatureSet, codec
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources import redis_scripts as scripts
from bighead.resources.changing_rows import by_row, is_mutable, rows_now
from bighead.resources.generation_files import by_key, key_ranges, snapshot_offsets
from bighead.resources.generation_merge import check_upload, merged
from bighead.resources.online_rows import (
    microseconds,
    ordered,
    pack,
    pack_together,
    set_id,
    unordered,
    unpack,
    unpack_together,
)
from bighead.resources.online_store import (
    GENERATIONS_KEPT,
    Applied,
    Consumed,
    Generation,
    Known,
    OnlineRows,
    no_generation,
)
from bighead.resources.redis_changing_rows import changing_fields
from bighead.resources.redis_connection import RedisConnection
from bighead.resources.redis_stream_index import RedisStreamIndex

_META, _PROOF = b"meta", b"proof"
_STAGED_SECONDS = 3600
_INSTANT_BYTES = 8


class _Meta(msgspec.Struct, frozen=True):
    """What is known of a generation beside its rows; `columns` is an empty Arrow file of its schema."""

    rows: int
    source_versions: dict[str, str]
    columns: bytes


class RedisOnlineStore:
    """An OnlineStore on one Redis server; any number of processes on any machines may share it.

    Redis holds an index and nothing else: what it loses comes back from the streams' logs and the next upload.

    Raises:
        MissingExtraError: the client is not installed.
        StoreError: nobody answers at `url`, or the server drops keys when its memory is full.
    """

    def __init__(self, url: str, prefix: str = "bighead:") -> None:
        self._connection = RedisConnection(url, prefix)
        self._streams = RedisStreamIndex(self._connection)
        self._definitions: dict[str, FeatureSet] = {}
        self._names: dict[int, tuple[FeatureSet, str]] = {}
        self._metas: dict[bytes, tuple[_Meta, pl.Schema]] = {}

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def definitions(self) -> dict[str, FeatureSet]:
        """Return every definition that was ever uploaded, by `set_id`."""
        with self._connection.told():
            found: Any = self._connection.client.hgetall(self._key("sets"))
        known = {}
        for key, value in found.items():
            name = key.decode()
            # A definition never changes under its name, which holds its hash.
            if name not in self._definitions:
                definition = codec.from_json(value)
                assert isinstance(definition, FeatureSet)
                self._definitions[name] = definition
            known[name] = self._definitions[name]
        return known

    def put_generation(
        self,
        feature_set: FeatureSet,
        midnight: datetime,
        frame: pl.DataFrame,
        source_versions: Mapping[str, str],
    ) -> Generation:
        """Upload the cleaned rows before `midnight` and switch to them in one step; the newest two stay.

        Raises:
            DefinitionError: a calendar, which has no rows, or a stream without event ids or of other messages.
            SchemaError: a column lacks, or rows are not before midnight.
            StoreError: the server did not take them; nothing was switched.
        """
        check_upload(feature_set, midnight, frame, self.definitions().values())
        name, at = self._name(feature_set), ordered(microseconds(midnight))
        rows = (by_row if is_mutable(feature_set) else by_key)(feature_set, frame)
        member = at + secrets.token_bytes(8)
        meta = _Meta(rows.height, dict(source_versions), _columns(rows))
        fields = {_META: msgspec.msgpack.encode(meta), **_fields(feature_set, rows, microseconds(midnight))}
        self._connection.put(self._rows_key(name, member), fields, _STAGED_SECONDS)
        definition = codec.to_json(feature_set)
        switched = self._connection.run(
            scripts.SWITCH, name, definition, at, member, GENERATIONS_KEPT, len(fields)
        )
        if not switched:
            raise StoreError(
                f"the upload of {feature_set.name!r} was lost in Redis before it was whole.",
                cure="Materialise it again; the generations before it still answer.",
            )
        self._prune(feature_set)
        return Generation(microseconds(midnight), rows.height, meta.source_versions)

    def generations(self, feature_set: FeatureSet) -> list[Generation]:
        """Return the kept generations, newest first."""
        found = []
        for member in reversed(self._members(feature_set)):
            meta = self._meta(self._name(feature_set), member)
            if meta is not None:
                midnight = unordered(member[:_INSTANT_BYTES])
                found.append(Generation(midnight, meta[0].rows, meta[0].source_versions))
        return found

    def schema(self, feature_set: FeatureSet) -> pl.Schema:
        """Return the types of the newest generation's columns.

        Raises:
            RequestError: 422, nothing was uploaded.
        """
        while True:
            members = self._members(feature_set)
            if not members:
                raise no_generation(feature_set, 0, [])
            meta = self._meta(self._name(feature_set), members[-1])
            # Without it another process has just replaced that generation.
            if meta is not None:
                return meta[1]

    def fetch(self, feature_set: FeatureSet, keys: Sequence[Sequence[Any]], at: int) -> OnlineRows:
        """Return the rows of `keys` as of `at` (UTC µs), read in one step.

        Raises:
            RequestError: 422, no kept generation reaches back to `at`.
            StoreError: the server did not answer, or lost a part of what it held.
        """
        if is_mutable(feature_set):
            return self._fetch_changing(feature_set, keys, at)
        name, source, span = self._name(feature_set), feature_set.source, feature_set.max_window
        asked = dict.fromkeys(digests_of(keys))
        first = b"" if span is None else ordered(at - span)
        answer = self._connection.run(scripts.FETCH, name, ordered(at + 1), first, *asked)
        if answer[0] is None:
            kept = [unordered(member[:_INSTANT_BYTES]) for member in answer[1]]
            raise no_generation(feature_set, at, kept)
        member, meta, proof, found, streamed, position = answer
        schema = self._read_meta(member, meta, name)[1]
        rows = unpack_together([proof] * bool(proof) + [each for each in found if each is not None], schema)
        if proof:
            # The proof that a snapshot exists may be a row of a key that was asked for.
            rows = rows.unique(subset=[*feature_set.keys, TIME], maintain_order=True)
        midnight = unordered(member[:_INSTANT_BYTES])
        if not isinstance(source, EventSource) or source.stream is None:
            return OnlineRows(rows, midnight, 0)
        if streamed:
            tail = [each[2 * _INSTANT_BYTES :] for each in streamed]
            rows = merged(rows, unpack(tail, schema), midnight)
        return OnlineRows(rows, midnight, int(position))

    def _fetch_changing(self, feature_set: FeatureSet, keys: Sequence[Sequence[Any]], at: int) -> OnlineRows:
        name, asked = self._name(feature_set), dict(zip(digests_of(keys), keys, strict=True))
        answer = self._connection.run(scripts.FETCH_CHANGING, name, ordered(at + 1), *asked)
        if answer[0] is None:
            kept = [unordered(member[:_INSTANT_BYTES]) for member in answer[1]]
            raise no_generation(feature_set, at, kept)
        member, meta, found, streamed, position = answer
        schema = self._read_meta(member, meta, name)[1]
        tail = unpack([each[2 * _INSTANT_BYTES :] for each in streamed], schema)
        rows = rows_now(feature_set, [unpack_together(found, schema), tail], list(asked.values()))
        return OnlineRows(rows, unordered(member[:_INSTANT_BYTES]), int(position))

    def known(self, stream: str, ids: Sequence[Any], digests: bytes = b"") -> Known:
        """Return those of `ids` that a stream already has, and how far it was indexed when they were read."""
        return self._streams.known(stream, ids, digests)

    def apply(self, applied: Applied) -> None:
        """Add a step of a stream, in one step of the server; the same again changes nothing.

        Raises:
            ConflictError: the index ends before the step starts; nothing was added.
        """
        self._streams.apply(applied, self.definitions() if applied.rows else {})

    def ends(self, stream: str) -> dict[str, int]:
        """Return the next position of each definition of a stream, and of its ids under the empty name."""
        fed = [
            name
            for name, each in self.definitions().items()
            if isinstance(each.source, EventSource) and each.source.stream == stream
        ]
        return self._streams.ends(stream, fed)

    def consumed(self, stream: str) -> tuple[int, dict[int, Consumed]]:
        """Return the end of a stream's ids, and what its log said up to there of each partition."""
        return self._streams.consumed(stream)

    def forget_ids(self, stream: str, before: int) -> int:
        """Drop the ids of events that arrived before the instant `before` (UTC µs); return how many."""
        return int(self._connection.run(scripts.FORGET_IDS, stream, before))

    def forget_streams(self) -> None:
        """Drop what came by streams, in one step, so that it is rebuilt from the logs."""
        self._streams.forget()

    def _prune(self, feature_set: FeatureSet) -> None:
        source = feature_set.source
        members = self._members(feature_set)
        if not isinstance(source, EventSource) or source.stream is None or not members:
            return
        name, meta = self._name(feature_set), self._meta(self._name(feature_set), members[0])
        if meta is not None and is_mutable(feature_set):
            rows, midnight = self._held(name, members[0], meta[1]), unordered(members[0][:_INSTANT_BYTES])
            self._streams.prune_changes(feature_set, name, rows, midnight)
        elif meta is not None:
            rows_key, before = self._rows_key(name, members[0]), members[0][:_INSTANT_BYTES]
            self._streams.prune(name, rows_key, before, meta[1].names())

    def _held(self, name: str, member: bytes, schema: pl.Schema) -> pl.DataFrame:
        with self._connection.told():
            fields = self._connection.client.hscan_iter(self._rows_key(name, member), match=b"i*", count=1000)
            rows = [value for _, value in fields]
        return unpack_together(rows, schema)

    def _members(self, feature_set: FeatureSet) -> list[bytes]:
        with self._connection.told():
            found: Any = self._connection.client.zrange(
                self._key(f"generations:{self._name(feature_set)}"), 0, -1
            )
        return list(found)

    def _meta(self, name: str, member: bytes) -> tuple[_Meta, pl.Schema] | None:
        with self._connection.told():
            data: Any = self._connection.client.hget(self._rows_key(name, member), _META)
        return None if data is None else self._read_meta(member, data, name)

    def _read_meta(self, member: bytes, data: bytes | None, name: str) -> tuple[_Meta, pl.Schema]:
        if data is None:
            raise StoreError(
                f"Redis lost the rows of a generation of {name!r} that it still names.",
                cure="Something deleted keys under the store's prefix; materialise the set's online asset again.",
            )
        found = self._metas.get(member)
        if found is None:
            meta = msgspec.msgpack.decode(data, type=_Meta)
            found = self._metas[member] = (meta, pl.read_ipc(meta.columns).schema)
        return found

    def _key(self, rest: str) -> bytes:
        return self._connection.prefix + rest.encode()

    def _rows_key(self, name: str, member: bytes) -> bytes:
        return self._key(f"rows:{name}:") + member

    def _name(self, feature_set: FeatureSet) -> str:
        # The hash of a definition costs more than a fetch, so it is remembered by the object itself.
        found = self._names.get(id(feature_set))
        if found is None or found[0] is not feature_set:
            found = self._names[id(feature_set)] = (feature_set, set_id(feature_set))
        return found[1]


def _fields(feature_set: FeatureSet, rows: pl.DataFrame, midnight: int) -> dict[bytes, bytes]:
    if is_mutable(feature_set):
        return changing_fields(feature_set, rows, midnight)
    packed = pack(rows)
    fields = {
        key: pack_together(packed[offset : offset + length])
        for key, offset, length in key_ranges(feature_set, rows)
    }
    if isinstance(feature_set.source, EntitySource) and not feature_set.source.retracts:
        fields[_PROOF] = pack_together([packed[offset] for offset in snapshot_offsets(rows)])
    return fields


def _columns(rows: pl.DataFrame) -> bytes:
    return rows.clear().write_ipc(None).getvalue()
