"""The streamed mutations of rows that change in LMDB: of each row those that are in force at some time.

1. A mutation that a later one of its row overtakes before it is known is never in force: it is left out, or deleted
   when the later one comes. So in the order of available_at the mutations of a row are in the order of their moments.
2. At t a row is answered from the last that is known and those of its moment: they are read backwards from t.

Images before and after a change take one another back within a moment, so of these all are kept and read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import lmdb
import msgspec
import polars as pl

from bighead.pipeline_lib.features import EventSource, FeatureSet
from bighead.pipeline_lib.point_in_time.clean_mutations import moment_columns, mutation_columns
from bighead.resources.changing_rows import id_and_known
from bighead.resources.online_rows import ordered, pack

_INSTANT_BYTES = 8
_row = msgspec.msgpack.Decoder(list)
Moment = Callable[[bytes], tuple[Any, ...]]


def put_mutations(
    writing: lmdb.Transaction,
    tail: Any,
    prefix: bytes,
    feature_set: FeatureSet,
    frame: pl.DataFrame,
    positions: Sequence[int],
) -> None:
    """Add mutations under `prefix`: digest of the id, available_at, position → the packed mutation."""
    moment = _moment_of(feature_set)
    places = zip(id_and_known(frame), positions, pack(frame), strict=True)
    puts = [(prefix + each + ordered(at), ordered(position), row) for (each, at), position, row in places]
    with writing.cursor(db=tail) as cursor:
        for known, position, row in sorted(puts):
            if moment is None or _comes_in(cursor, known, moment(row), moment):
                cursor.put(known + position, row)


def _comes_in(cursor: lmdb.Cursor, known: bytes, own: tuple[Any, ...], moment: Moment) -> bool:
    """Whether a mutation is in force at some time; those that it overtakes before they are known are deleted."""
    row = known[:-_INSTANT_BYTES]
    # The last that is known by then, at the same instant or before.
    found = cursor.set_range(known + b"\xff" * (_INSTANT_BYTES + 1))
    before = cursor.prev() if found else cursor.last()
    if before and bytes(cursor.key()).startswith(row) and moment(bytes(cursor.value())) > own:
        return False
    more = cursor.set_range(known)
    while more and bytes(cursor.key()).startswith(row) and moment(bytes(cursor.value())) < own:
        # Deleting moves on to the next.
        cursor.delete()
        more = bool(cursor.key())
    return True


def mutations_at(
    reading: lmdb.Transaction, tail: Any, row: bytes, feature_set: FeatureSet, at: int
) -> list[bytes]:
    """Return the packed mutations of a row, by its prefix, that say what it was at `at` (UTC µs) or just before."""
    moment, last = _moment_of(feature_set), ordered(at)
    found: list[bytes] = []
    newest: tuple[Any, ...] | None = None
    with reading.cursor(db=tail) as cursor:
        there = cursor.prev() if cursor.set_range(row + ordered(at + 1)) else cursor.last()
        while there:
            key, value = bytes(cursor.key()), bytes(cursor.value())
            if not key.startswith(row):
                break
            if moment is not None:
                own = moment(value)
                if newest is not None and own < newest:
                    break
                # What is known at `at` itself may count or not, as the boundary says.
                if key[len(row) :][:_INSTANT_BYTES] < last:
                    newest = own
            found.append(value)
            there = cursor.prev()
    return found


def _moment_of(feature_set: FeatureSet) -> Moment | None:
    source = feature_set.source
    assert isinstance(source, EventSource)
    assert source.mutations is not None
    if source.mutations.is_before is not None:
        return None
    columns = mutation_columns(feature_set)
    places = [columns.index(name) for name in moment_columns(columns)]

    def moment(packed: bytes) -> tuple[Any, ...]:
        values = _row.decode(packed)
        # A null comes before every value.
        return tuple((values[place] is not None, values[place]) for place in places)

    return moment
