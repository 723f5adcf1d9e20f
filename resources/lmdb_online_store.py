"""The embedded online store: LMDB finds rows, Arrow files hold generations, MessagePack holds the tail."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import lmdb
import polars as pl

from bighead.pipeline_lib.features import EntitySource, EventSource, FeatureSet, codec
from bighead.pipeline_lib.point_in_time.clean import EVENT_ID
from bighead.pipeline_lib.point_in_time.key_digest import digests_of
from bighead.resources import lmdb_environment
from bighead.resources.changing_rows import by_row, is_mutable, rows_now
from bighead.resources.generation_files import (
    GenerationFiles,
    by_key,
    ids_of,
    snapshot_offsets,
)
from bighead.resources.generation_merge import check_upload, merged, rows_in
from bighead.resources.lmdb_changing_rows import RANGE, RANGES, find_mutations, index_entries, ranges_of
from bighead.resources.lmdb_environment import delete_prefix, prefixed, read
from bighead.resources.lmdb_generations import LmdbGenerations, Stored, index_prefix
from bighead.resources.lmdb_stream_index import LmdbStreamIndex
from bighead.resources.online_rows import microseconds, set_id, unpack
from bighead.resources.online_store import (
    GENERATIONS_KEPT,
    Applied,
    Consumed,
    Generation,
    Known,
    OnlineRows,
    Places,
    no_generation,
)
from bighead.resources.run_files import RunFiles


class LmdbOnlineStore:
    """An OnlineStore under one folder; many processes may read and write it, each opens it once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = lmdb_environment.acquire(folder / "index")
        self._meta, self._index = (self._environment.open_db(name) for name in (b"meta", b"index"))
        self._run_files = RunFiles(folder / "index" / "runs")
        self._generations = LmdbGenerations(self._meta)
        self._streams = LmdbStreamIndex(self._environment, self._meta, self._run_files)
        self._files = GenerationFiles(folder / "generations")
        self._definitions: dict[str, FeatureSet] = {}
        self._names: dict[int, tuple[FeatureSet, str]] = {}
        self._writing = threading.Lock()
        self._sweep()

    def close(self) -> None:
        """Let go of the files."""
        lmdb_environment.release(self._folder / "index")

    def definitions(self) -> dict[str, FeatureSet]:
        """Return every definition that was ever uploaded, by `set_id`."""
        with self._environment.begin(self._meta) as reading:
            for key, value in prefixed(reading, b"set:"):
                name = key[4:].decode()
                # A definition never changes under its name, which holds its hash.
                if name not in self._definitions:
                    definition = codec.from_json(value)
                    assert isinstance(definition, FeatureSet)
                    self._definitions[name] = definition
        return dict(self._definitions)

    def put_generation(
        self,
        feature_set: FeatureSet,
        midnight: datetime,
        frame: pl.DataFrame,
        source_versions: Mapping[str, str],
    ) -> Generation:
        """Upload the cleaned rows before `midnight` and switch to them in one commit; the newest two stay.

        Raises:
            DefinitionError: a calendar, which has no rows, or a stream without event ids or of other messages.
            SchemaError: a column lacks, or rows are not before midnight.
        """
        check_upload(feature_set, midnight, frame, self.definitions().values())
        name, in_order = self._name(feature_set), by_row if is_mutable(feature_set) else by_key
        rows = in_order(feature_set, frame)
        snapshots = isinstance(feature_set.source, EntitySource) and not feature_set.source.retracts
        stored = Stored(
            microseconds(midnight),
            self._files.write(name, rows),
            rows.height,
            dict(source_versions),
            snapshot_offsets(rows) if snapshots else [],
        )
        with self._change() as writing:
            before = self._generations.of(writing, name)
            kept = sorted(
                [stored, *(g for g in before if g.midnight != stored.midnight)], key=lambda g: -g.midnight
            )
            kept, dropped = kept[:GENERATIONS_KEPT], kept[GENERATIONS_KEPT:]
            gone = [*dropped, *(g for g in before if g.midnight == stored.midnight)]
            for generation in gone:
                prefix = index_prefix(name, generation.midnight)
                self._run_files.drop(writing.get(prefix + RANGES, b"", db=self._index))
                delete_prefix(writing, self._index, prefix)
            if stored in kept:
                prefix = index_prefix(name, stored.midnight)
                for key, value in index_entries(feature_set, rows, stored.midnight):
                    writing.put(prefix + key, self._run_files.keep(value), db=self._index)
            writing.put(b"set:" + name.encode(), codec.to_json(feature_set).encode(), db=self._meta)
            self._generations.put(writing, name, kept)
            self._prune_tail(writing, feature_set, kept[-1])
        for generation in gone:
            self._files.remove(generation.file)
        return Generation(stored.midnight, stored.rows, stored.source_versions)

    def generations(self, feature_set: FeatureSet) -> list[Generation]:
        """Return the kept generations, newest first."""
        with self._environment.begin() as reading:
            found = self._generations.of(reading, self._name(feature_set))
        return [Generation(g.midnight, g.rows, g.source_versions) for g in found]

    def schema(self, feature_set: FeatureSet) -> pl.Schema:
        """Return the types of the newest generation's columns.

        Raises:
            RequestError: 422, nothing was uploaded.
        """
        with self._environment.begin() as reading:
            found = self._generations.of(reading, self._name(feature_set))
            if not found:
                raise no_generation(feature_set, 0, [])
            return self._files.schema(found[0].file)

    def fetch(self, feature_set: FeatureSet, keys: Sequence[Sequence[Any]], at: int) -> OnlineRows:
        """Return the rows of `keys` as of `at` (UTC µs).

        Raises:
            RequestError: 422, no kept generation reaches back to `at`.
        """
        name, asked = self._name(feature_set), digests_of(keys)
        digests = dict(zip(asked, keys, strict=True))
        return read(self._environment, lambda reading: self._fetch(reading, feature_set, name, digests, at))

    def _fetch(
        self,
        reading: lmdb.Transaction,
        feature_set: FeatureSet,
        name: str,
        digests: Mapping[bytes, Sequence[Any]],
        at: int,
    ) -> OnlineRows:
        kept = self._generations.of(reading, name)
        chosen = next((g for g in kept if g.midnight <= at), None)
        if chosen is None:
            raise no_generation(feature_set, at, [g.midnight for g in kept])
        frame, prefix = self._files.open(chosen.file), index_prefix(name, chosen.midnight)
        if is_mutable(feature_set):
            asked, position = list(digests), self._streams.position(reading, name)
            mutations = find_mutations(
                reading, self._index, prefix, self._streams, name, feature_set, frame, asked, at
            )
            rows = rows_now(feature_set, mutations, list(digests.values()))
            return OnlineRows(rows, chosen.midnight, position)
        found = ranges_of(reading, self._index, self._run_files, prefix, list(digests))
        ranges = [RANGE.unpack(each) for each in found if each is not None]
        rows = rows_in(frame, ranges, chosen.snapshots)
        source, position = feature_set.source, 0
        if isinstance(source, EventSource) and source.stream is not None:
            span = feature_set.max_window
            first = None if span is None else at - span
            packed, _ = self._streams.rows_of(reading, name, list(digests), first, at)
            rows = merged(rows, unpack(packed, frame.schema), chosen.midnight) if packed else rows
            position = self._streams.position(reading, name)
        return OnlineRows(rows, chosen.midnight, position)

    def places(self, feature_set: FeatureSet, digests: Sequence[bytes], at: int) -> Places:
        """Return where the rows of keys lie as of `at` (UTC µs).

        Raises:
            RequestError: 422, no kept generation reaches back to `at`.
        """
        name = self._name(feature_set)
        return read(self._environment, lambda reading: self._places(reading, feature_set, name, digests, at))

    def _places(
        self, reading: lmdb.Transaction, feature_set: FeatureSet, name: str, digests: Sequence[bytes], at: int
    ) -> Places:
        kept = self._generations.of(reading, name)
        chosen = next((g for g in kept if g.midnight <= at), None)
        if chosen is None:
            raise no_generation(feature_set, at, [g.midnight for g in kept])
        frame, prefix = self._files.open(chosen.file), index_prefix(name, chosen.midnight)
        found = ranges_of(reading, self._index, self._run_files, prefix, digests)
        source, position = feature_set.source, 0
        tail: list[bytes] = []
        tail_keys: list[int] = []
        if isinstance(source, EventSource) and source.stream is not None:
            span = feature_set.max_window
            first = None if span is None else at - span
            tail, tail_keys = self._streams.rows_of(reading, name, digests, first, at)
            position = self._streams.position(reading, name)
        return Places(
            chosen.file, frame, chosen.midnight, position, found, tail, tail_keys, chosen is kept[0]
        )

    def known(self, stream: str, ids: Sequence[Any], digests: bytes = b"") -> Known:
        """Return those of `ids` that a stream already has, and how far it was indexed when they were read."""
        return read(self._environment, lambda reading: self._streams.known(reading, stream, ids, digests))

    def apply(self, applied: Applied) -> None:
        """Add a step of a stream, in one commit; the same step again changes nothing.

        Raises:
            ConflictError: the index ends before the step starts; nothing was added.
        """
        definitions = self.definitions()
        with self._change() as writing:
            self._streams.apply(writing, applied, definitions)

    def ends(self, stream: str) -> dict[str, int]:
        """Return the next position of each definition of a stream, and of its ids under the empty name."""
        definitions = self.definitions()
        with self._environment.begin() as reading:
            ends = {"": self._streams.end(reading, stream)}
            for name, each in definitions.items():
                if isinstance(each.source, EventSource) and each.source.stream == stream:
                    ends[name] = self._streams.position(reading, name)
        return ends

    def consumed(self, stream: str) -> tuple[int, dict[int, Consumed]]:
        """Return the end of a stream's ids, and what its log said up to there of each partition."""
        with self._environment.begin() as reading:
            return self._streams.end(reading, stream), self._streams.consumed(reading, stream)

    def forget_ids(self, stream: str, before: int) -> int:
        """Drop the ids of events that arrived before the instant `before` (UTC µs); return how many."""
        with self._change() as writing:
            return self._streams.forget_ids(writing, stream, before)

    def forget_streams(self) -> None:
        """Drop what came by streams, in one commit, so that it is rebuilt from the logs."""
        with self._change() as writing:
            self._streams.forget(writing)

    @contextmanager
    def _change(self) -> Iterator[lmdb.Transaction]:
        """Write in one commit."""
        with (
            self._writing,
            self._run_files.changing(),
            self._environment.begin(write=True, buffers=True) as writing,
        ):
            yield writing

    def _sweep(self) -> None:
        """Remove the files of runs that a crash left without a name."""
        if not self._run_files.names():
            return
        with self._change() as writing:
            named = self._streams.files(writing) | self._generations.range_files(writing, self._index)
            self._run_files.sweep(named)

    def _name(self, feature_set: FeatureSet) -> str:
        # The hash of a definition costs more than a fetch, so it is remembered by the object itself.
        found = self._names.get(id(feature_set))
        if found is None or found[0] is not feature_set:
            found = (feature_set, set_id(feature_set))
            self._names[id(feature_set)] = found
        return found[1]

    def _prune_tail(self, writing: lmdb.Transaction, feature_set: FeatureSet, oldest: Stored) -> None:
        source = feature_set.source
        if not isinstance(source, EventSource) or source.stream is None:
            return
        rows, name = self._files.open(oldest.file), self._name(feature_set)
        if is_mutable(feature_set):
            self._streams.prune_changes(writing, feature_set, name, rows, oldest.midnight)
            return
        covered, place = ids_of(rows, EVENT_ID), rows.columns.index(EVENT_ID)
        self._streams.prune(writing, name, oldest.midnight, covered, place)
