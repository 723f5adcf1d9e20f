"""What LMDB's index holds of a generation, and how it finds the mutations of rows that change."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import lmdb
import polars as pl

from bighead.pipeline_lib.features import FeatureSet
from bighead.pipeline_lib.point_in_time.index_runs import find_ranges
from bighead.resources.changing_rows import ids_by_key, is_mutable, row_ranges, shown_from
from bighead.resources.generation_files import range_run
from bighead.resources.generation_merge import rows_in
from bighead.resources.lmdb_stream_index import LmdbStreamIndex
from bighead.resources.online_rows import unpack
from bighead.resources.run_files import RunFiles

RANGE = struct.Struct("<QQ")
# Digest of a row's id, and where its mutations lie.
_OWNED = struct.Struct("<16sQQ")
_BY_ID, _BY_KEY, RANGES = b"i", b"k", b"r"


def index_entries(
    feature_set: FeatureSet, rows: pl.DataFrame, midnight: int
) -> Iterator[tuple[bytes, bytes]]:
    """Yield what the index holds of a generation's rows in their order: where those of each key lie, as one run.

    Of rows that change it says by id where the mutations of a row lie, and by key which rows show there from the
    midnight (UTC µs) on.
    """
    if not is_mutable(feature_set):
        yield RANGES, range_run(feature_set, rows)
        return
    places = {each: (offset, length) for each, offset, length in row_ranges(rows)}
    for each, place in places.items():
        yield _BY_ID + each, RANGE.pack(*place)
    for key, ids in ids_by_key(feature_set, shown_from(feature_set, rows, midnight)).items():
        yield _BY_KEY + key, b"".join(_OWNED.pack(each, *places[each]) for each in ids)


def ranges_of(
    reading: lmdb.Transaction, index: Any, files: RunFiles, prefix: bytes, keys: Sequence[bytes]
) -> list[bytes | None]:
    """Return where the rows of keys, by their digests, lie in the generation of a prefix: offset and length, packed."""
    run = reading.get(prefix + RANGES, db=index)
    if run is not None:
        return find_ranges(files.read(run), keys)
    # A generation of before there were runs has an entry for each key.
    found = (reading.get(prefix + each, db=index) for each in keys)
    return [None if each is None else bytes(each) for each in found]


def find_mutations(
    reading: lmdb.Transaction,
    index: Any,
    prefix: bytes,
    streams: LmdbStreamIndex,
    name: str,
    feature_set: FeatureSet,
    generation: pl.DataFrame,
    keys: Sequence[bytes],
    at: int,
) -> list[pl.DataFrame]:
    """Return the mutations of all rows that may have one of some keys, of a generation and of the tail up to `at`.

    Args:
        reading: The transaction.
        index: The database of `index_entries`, here those under `prefix`.
        prefix: Of the generation.
        streams: Knows the tail of `name`.
        name: Of the set in the index.
        feature_set: The set.
        generation: All its mutations.
        keys: The digests of the keys.
        at: In UTC µs.
    """
    rows: dict[bytes, tuple[int, int] | None] = {}
    for key in keys:
        for each, offset, length in _OWNED.iter_unpack(reading.get(prefix + _BY_KEY + key, b"", db=index)):
            rows[each] = (offset, length)
    for key in keys:
        for each in streams.owned(reading, name, key):
            if each not in rows:
                place = reading.get(prefix + _BY_ID + each, db=index)
                rows[each] = None if place is None else RANGE.unpack(place)
    packed = [value for each in rows for value in streams.mutations(reading, name, feature_set, each, at)]
    found = rows_in(generation, _joined(sorted(place for place in rows.values() if place is not None)), [])
    return [found, unpack(packed, generation.schema)] if packed else [found]


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Make one of ranges that touch: those of a key's rows mostly do."""
    found: list[tuple[int, int]] = []
    for offset, length in ranges:
        if found and sum(found[-1]) == offset:
            found[-1] = (found[-1][0], found[-1][1] + length)
        else:
            found.append((offset, length))
    return found
