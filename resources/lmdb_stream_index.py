"""What streams add to the LMDB index: runs of rows and of ids, and how far each definition is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from typing import Any

import lmdb
import msgspec
import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.clean import TIME
from bighead.pipeline_lib.point_in_time.index_runs import (
    build_ids,
    build_tail,
    drop_rows,
    find_ids,
    find_rows,
    forget_ids,
    merge_ids,
    merge_tails,
    rows_before,
)
from bighead.pipeline_lib.point_in_time.key_digest import digests_of_rows, digests_of_values
from bighead.resources.changing_rows import dispensable, is_mutable, owners
from bighead.resources.lmdb_environment import delete_prefix, prefixed
from bighead.resources.lmdb_mutation_tail import mutations_at, put_mutations
from bighead.resources.lmdb_runs import LmdbRuns
from bighead.resources.online_rows import ordered, pack, unordered, unpack
from bighead.resources.online_store import Applied, Consumed, Known, gap, pack_consumed, unpack_consumed
from bighead.resources.run_files import RunFiles, file_of

# Another layout has another number and other names, so that no version reads what it does not know.
_LAYOUT = b"3"
_STREAM, _POSITION, _CONSUMED = b"2:stream:", b"2:position:", b"2:consumed:"
_FORMER = (b"ids", b"arrivals")


class LmdbStreamIndex:
    """What streams keep in one environment; every method works in a transaction that gives buffers.

    tail_runs: name, 0, number → a run of packed rows by key and time. id_runs: stream, 0, number → a run of ids.
    tail, of rows that change (see `changing_rows`): name, 0, digest of the id, available_at, position → the packed
    mutation; name, 1, digests of key and id → nothing. meta: how far each stream and definition is.
    """

    def __init__(self, environment: lmdb.Environment, meta: Any, files: RunFiles) -> None:
        self._meta, self._tail = meta, environment.open_db(b"tail")
        self._rows = LmdbRuns(environment.open_db(b"tail_runs"), merge_tails, files)
        self._ids = LmdbRuns(environment.open_db(b"id_runs"), merge_ids, files)
        with environment.begin() as reading:
            layout = reading.get(b"layout", db=meta)
        if layout != _LAYOUT:
            with files.changing(), environment.begin(write=True, buffers=True) as writing:
                self._start_anew(environment, writing)

    def _start_anew(self, environment: lmdb.Environment, writing: lmdb.Transaction) -> None:
        """Drop what another version of Bighead indexed: it is rebuilt from the logs."""
        self.forget(writing)
        for name in _FORMER:
            try:
                writing.drop(environment.open_db(name, txn=writing, create=False))
            except lmdb.NotFoundError:
                continue
        for prefix in (b"stream:", b"position:", b"consumed:"):
            delete_prefix(writing, self._meta, prefix)
        writing.put(b"layout", _LAYOUT, db=self._meta)

    def files(self, reading: lmdb.Transaction) -> set[str]:
        """Return the names of the files that hold runs."""
        values = [value for runs in (self._rows, self._ids) for _, value in runs.values(reading)]
        return {name for name in map(file_of, values) if name is not None}

    def mutations(
        self, reading: lmdb.Transaction, name: str, feature_set: FeatureSet, each: bytes, at: int
    ) -> list[bytes]:
        """Return the packed mutations of a row, by the digest of its id, that decide what it is at `at` (UTC µs)."""
        return mutations_at(reading, self._tail, _prefix(name) + each, feature_set, at)

    def rows_of(
        self, reading: lmdb.Transaction, name: str, keys: Sequence[bytes], first: int | None, at: int
    ) -> tuple[list[bytes], list[int]]:
        """Return the packed rows of keys with first ≤ event_time ≤ at (UTC µs), and the number of each one's key."""
        return find_rows(self._rows.read(reading, _prefix(name)), keys, first, at)

    def known(
        self, reading: lmdb.Transaction, stream: str, ids: Sequence[Any], digests: bytes = b""
    ) -> Known:
        """Return those of `ids` that are there; `digests` are theirs, where they were made before."""
        runs = self._ids.read(reading, _prefix(stream)) if ids else []
        found = find_ids(runs, digests or digests_of_values(ids)) if runs else []
        return Known(frozenset(ids[place] for place in found), self.end(reading, stream))

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
        for name, (frame, positions) in applied.rows.items():
            self._add(writing, name, frame, positions, definitions[name])
        if applied.ids and applied.end > self.end(writing, applied.stream):
            digests = applied.digests or digests_of_values([*applied.ids])
            self._ids.add(writing, _prefix(applied.stream), build_ids(digests, [*applied.ids.values()]))
        if applied.consumed and applied.end > self.end(writing, applied.stream):
            writing.put(_consumed_key(applied.stream), pack_consumed(applied.consumed), db=self._meta)
        ends = {_position_key(name): end for name, end in applied.ends.items()}
        for key, end in {_stream_key(applied.stream): applied.end, **ends}.items():
            if end > _number(writing.get(key, db=self._meta)):
                writing.put(key, ordered(end), db=self._meta)

    def _add(
        self,
        writing: lmdb.Transaction,
        name: str,
        frame: pl.DataFrame,
        positions: Sequence[int],
        feature_set: FeatureSet,
    ) -> None:
        if is_mutable(feature_set):
            put_mutations(writing, self._tail, _prefix(name), feature_set, frame, positions)
            for key, each in owners(feature_set, frame):
                writing.put(_owner_prefix(name) + key + each, b"", db=self._tail)
            return
        seen = self.position(writing, name)
        # Another process may have added the same step.
        if positions and min(positions) < seen:
            frame = frame.filter(pl.Series([position >= seen for position in positions]))
        if frame.height:
            digests = digests_of_rows(frame.select(frame.columns[: len(feature_set.keys)]))
            run = build_tail(digests, frame[TIME].dt.epoch("us").to_list(), pack(frame))
            self._rows.add(writing, _prefix(name), run)

    def prune(
        self, writing: lmdb.Transaction, name: str, midnight: int, ids: Collection[Any], place: int
    ) -> None:
        """Drop the rows before `midnight` whose id, at `place` of the row, is among `ids`."""
        changed: dict[bytes, bytes] = {}
        for key, run in self._rows.places(writing, _prefix(name)):
            numbers, rows = rows_before(run, midnight)
            covered = (msgspec.msgpack.decode(row)[place] in ids for row in rows)
            gone = set(compress(numbers, covered))
            if gone:
                changed[key] = drop_rows(run, gone)
        for key, left in changed.items():
            self._rows.replace(writing, key, left)

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
        dropped, changed = 0, dict[bytes, bytes]()
        for key, run in self._ids.places(writing, _prefix(stream)):
            left, gone = forget_ids(run, before)
            if gone:
                changed[key], dropped = left, dropped + gone
        for key, run_left in changed.items():
            self._ids.replace(writing, key, run_left)
        return dropped

    def forget(self, writing: lmdb.Transaction) -> None:
        """Drop everything that came by streams."""
        writing.drop(self._tail, delete=False)
        self._rows.forget(writing)
        self._ids.forget(writing)
        for prefix in (_STREAM, _POSITION, _CONSUMED):
            delete_prefix(writing, self._meta, prefix)


def _prefix(name: str) -> bytes:
    return name.encode() + b"\0"


def _owner_prefix(name: str) -> bytes:
    return name.encode() + b"\1"


def _stream_key(stream: str) -> bytes:
    return _STREAM + stream.encode()


def _position_key(name: str) -> bytes:
    return _POSITION + name.encode()


def _consumed_key(stream: str) -> bytes:
    return _CONSUMED + stream.encode()


def _number(value: Any) -> int:
    return 0 if value is None else unordered(bytes(value))
