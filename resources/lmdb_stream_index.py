"""What streams add to the LMDB index: rows by key and time, ids by arrival, how far each definition is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

import lmdb
import msgspec
import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources.changing_rows import dispensable, id_and_known, is_mutable, owners
from bighead.resources.lmdb_environment import delete_prefix, prefixed
from bighead.resources.online_rows import key_and_time, ordered, pack, unordered, unpack
from bighead.resources.online_store import Applied, Consumed, Known, gap, pack_consumed, unpack_consumed

_DIGEST_BYTES = 16
_INSTANT_BYTES = 8
# What a cursor gives where a transaction copies, as all of these do.
_Items: TypeAlias = Iterator[tuple[bytes, bytes]]


class LmdbStreamIndex:
    """The databases `tail`, `ids` and `arrivals` of one environment; every method works in a transaction.

    tail: name, 0, digest of the key, event_time, position → the packed row. Of rows that change, see `changing_rows`:
    name, 0, digest of the id, available_at, position → the packed mutation; name, 1, digests of key and id → nothing.
    ids: stream, 0, digest of the id → arrival. arrivals: stream, 0, arrival, digest → nothing.
    """

    def __init__(self, environment: lmdb.Environment, meta: Any) -> None:
        self._meta = meta
        self._tail, self._ids, self._arrivals = (
            environment.open_db(name) for name in (b"tail", b"ids", b"arrivals")
        )

    def rows(
        self, reading: lmdb.Transaction, name: str, key: bytes, first: int | None, at: int
    ) -> list[bytes]:
        """Return the packed rows of a key with first ≤ event_time ≤ at (UTC µs)."""
        prefix = name.encode() + b"\0" + key
        start = prefix if first is None else prefix + ordered(first)
        end = prefix + ordered(at + 1)
        found = []
        with reading.cursor(db=self._tail) as cursor:
            if cursor.set_range(start):
                for each, value in cursor:
                    if bytes(each) >= end:
                        break
                    found.append(bytes(value))
        return found

    def rows_of(
        self, reading: lmdb.Transaction, name: str, keys: Sequence[bytes], first: int | None, at: int
    ) -> tuple[list[bytes], list[int]]:
        """Return the packed rows of several keys as `rows` does, and the number of each one's key."""
        head, last = name.encode() + b"\0", ordered(at + 1)
        since = b"" if first is None else ordered(first)
        found: list[bytes] = []
        numbers: list[int] = []
        # A hundred keys are read at a time: what the loop does for a row is a tuple and a comparison.
        with reading.cursor(db=self._tail) as cursor:
            reach, rows = cursor.set_range, cursor.iternext
            for number, key in enumerate(keys):
                prefix = head + key
                if reach(prefix + since):
                    end = prefix + last
                    for each, value in cast(_Items, rows()):
                        if each >= end:
                            break
                        found.append(value)
                        numbers.append(number)
        return found, numbers

    def known(self, reading: lmdb.Transaction, stream: str, ids: Sequence[Any]) -> Known:
        """Return those of `ids` that are there."""
        keys = zip(ids, _id_keys(stream, ids), strict=True)
        found = (each for each, key in keys if reading.get(key, db=self._ids) is not None)
        return Known(frozenset(found), self.end(reading, stream))

    def end(self, reading: lmdb.Transaction, stream: str) -> int:
        """Return the position up to which a stream's ids are there."""
        return _number(reading.get(_stream_key(stream), db=self._meta))

    def position(self, reading: lmdb.Transaction, name: str) -> int:
        """Return the position up to which a definition's rows are there."""
        return _number(reading.get(_position_key(name), db=self._meta))

    def consumed(self, reading: lmdb.Transaction, stream: str) -> dict[int, Consumed]:
        """Return what became of each partition's messages."""
        value = reading.get(_consumed_key(stream), db=self._meta)
        return {} if value is None else unpack_consumed(bytes(value))

    def owned(self, reading: lmdb.Transaction, name: str, key: bytes) -> list[bytes]:
        """Return the digests of the ids of the streamed rows, of those that change, that have or had a key."""
        prefix = _owner_prefix(name) + key
        return [each[len(prefix) :] for each, _ in prefixed(reading, prefix, self._tail)]

    def apply(
        self, writing: lmdb.Transaction, applied: Applied, definitions: Mapping[str, FeatureSet]
    ) -> None:
        """Add a step to the index of `definitions`.

        Raises:
            ConflictError: it starts beyond what is there.
        """
        for name, start in applied.starts.items():
            seen = self.position(writing, name) if name else self.end(writing, applied.stream)
            if seen < start:
                raise gap(applied.stream, name, seen, start)
        rows = [put for name, part in applied.rows.items() for put in _puts(name, *part, definitions[name])]
        _put(writing, self._tail, rows)
        times = {at: ordered(at) for at in set(applied.ids.values())}
        named = _id_keys(applied.stream, [*applied.ids])
        ids = [(key, times[at]) for key, at in zip(named, applied.ids.values(), strict=True)]
        _put(writing, self._ids, ids)
        _put(writing, self._arrivals, [(_arrival_key(key, at), b"") for key, at in ids])
        if applied.consumed and applied.end > self.end(writing, applied.stream):
            writing.put(_consumed_key(applied.stream), pack_consumed(applied.consumed), db=self._meta)
        ends = {_position_key(name): end for name, end in applied.ends.items()}
        for key, end in {_stream_key(applied.stream): applied.end, **ends}.items():
            if end > _number(writing.get(key, db=self._meta)):
                writing.put(key, ordered(end), db=self._meta)

    def prune(
        self, writing: lmdb.Transaction, name: str, midnight: int, ids: Collection[Any], place: int
    ) -> None:
        """Drop the rows before `midnight` whose id, at `place` of the row, is among `ids`."""
        skip = len(name.encode()) + 1 + _DIGEST_BYTES
        for key, value in prefixed(writing, name.encode() + b"\0", self._tail):
            early = unordered(key[skip : skip + _INSTANT_BYTES]) < midnight
            if early and msgspec.msgpack.decode(value)[place] in ids:
                writing.delete(key, db=self._tail)

    def prune_changes(
        self,
        writing: lmdb.Transaction,
        feature_set: FeatureSet,
        name: str,
        generation: pl.DataFrame,
        midnight: int,
    ) -> None:
        """Drop the mutations that no question from `midnight` on needs beside a generation, and keys left alone."""
        tail = list(prefixed(writing, name.encode() + b"\0", self._tail))
        gone = dispensable(feature_set, generation, midnight, [value for _, value in tail])
        for key, value in tail:
            if value in gone:
                writing.delete(key, db=self._tail)
        left = unpack([value for _, value in tail if value not in gone], generation.schema)
        owned = {_owner_prefix(name) + key + each for key, each in owners(feature_set, left)}
        for key, _ in prefixed(writing, _owner_prefix(name), self._tail):
            if key not in owned:
                writing.delete(key, db=self._tail)

    def forget_ids(self, writing: lmdb.Transaction, stream: str, before: int) -> int:
        """Drop the ids that arrived before an instant."""
        prefix = stream.encode() + b"\0"
        end, dropped = prefix + ordered(before), []
        with writing.cursor(db=self._arrivals) as cursor:
            if cursor.set_range(prefix):
                for key in cursor.iternext(values=False):
                    if bytes(key) >= end:
                        break
                    dropped.append(bytes(key))
        gone = 0
        for key in dropped:
            writing.delete(key, db=self._arrivals)
            arrival, each = key[len(prefix) :][:_INSTANT_BYTES], key[len(prefix) + _INSTANT_BYTES :]
            # An id that came again after it had been dropped has a later arrival, which stays.
            if writing.get(prefix + each, db=self._ids) == arrival:
                writing.delete(prefix + each, db=self._ids)
                gone += 1
        return gone

    def forget(self, writing: lmdb.Transaction) -> None:
        """Drop everything that came by streams."""
        for database in (self._tail, self._ids, self._arrivals):
            writing.drop(database, delete=False)
        for prefix in (b"stream:", b"position:", b"consumed:"):
            delete_prefix(writing, self._meta, prefix)


def _puts(
    name: str, frame: pl.DataFrame, positions: Sequence[int], feature_set: FeatureSet
) -> list[tuple[bytes, bytes]]:
    prefix, owned = name.encode() + b"\0", list[tuple[bytes, bytes]]()
    if is_mutable(feature_set):
        found = id_and_known(frame)
        owned = [(_owner_prefix(name) + key + each, b"") for key, each in owners(feature_set, frame)]
    else:
        found = key_and_time(frame, len(feature_set.keys))
    places = zip(found, positions, pack(frame), strict=True)
    return [
        *((prefix + key + ordered(at) + ordered(position), row) for (key, at), position, row in places),
        *owned,
    ]


def _owner_prefix(name: str) -> bytes:
    return name.encode() + b"\1"


def _put(writing: lmdb.Transaction, database: Any, items: list[tuple[bytes, bytes]]) -> None:
    with writing.cursor(db=database) as cursor:
        cursor.putmulti(sorted(items))


def _id_keys(stream: str, ids: Sequence[Any]) -> list[bytes]:
    prefix = stream.encode() + b"\0"
    return [prefix + each for each in digests_of([[each] for each in ids])]


def _arrival_key(key: bytes, arrival: bytes) -> bytes:
    return key[:-_DIGEST_BYTES] + arrival + key[-_DIGEST_BYTES:]


def _stream_key(stream: str) -> bytes:
    return b"stream:" + stream.encode()


def _position_key(name: str) -> bytes:
    return b"position:" + name.encode()


def _consumed_key(stream: str) -> bytes:
    return b"consumed:" + stream.encode()


def _number(value: Any) -> int:
    return 0 if value is None else unordered(bytes(value))
